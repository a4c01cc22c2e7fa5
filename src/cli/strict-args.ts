// Refuses what the argument parser would silently ignore: unknown options, missing values, surplus words.
import type { ArgDef, ArgsDef } from "citty";
import { UsageError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";

/** @throws UsageError naming the first wrong word and the nearest right one, or the words that are missing */
export function checkArgs(rawArgs: readonly string[], defs: ArgsDef, command: string): void {
  const options = optionTable(defs);
  const positionals = Object.entries(defs).filter(([, def]) => def.type === "positional");
  const given = new Set<ArgDef>();
  const words: string[] = [];
  for (let index = 0; index < rawArgs.length; index++) {
    const arg = rawArgs[index] ?? "";
    if (arg === "--") {
      words.push(...rawArgs.slice(index + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const [flag = "", inline] = splitOnce(arg);
    const name = flag.replace(/^--?/, "");
    // A word behind one dash would be read as letters, each an option.
    const def = flag.startsWith("--") || name.length === 1 ? options.get(name) : undefined;
    if (!def) throw unknownOption(flag, options.keys(), command);
    if (def.type === "boolean") {
      if (inline === undefined || inline === "true" || inline === "false") continue;
      throw new UsageError(`tcs ${command}: option ${flag} takes no value (given "${inline}")`);
    }
    // Only the last would count.
    if (given.has(def) && !mayBeRepeated(def)) throw new UsageError(`tcs ${command}: option ${flag} is given twice`);
    given.add(def);
    const next = rawArgs[index + 1];
    if (inline === undefined) {
      if (next === undefined || (next.startsWith("-") && !/^-\d/.test(next))) {
        throw new UsageError(`tcs ${command}: option ${flag} needs a value`);
      }
      index++;
    }
  }
  checkWords(words, positionals, command);
}

/** As its help says. */
function mayBeRepeated(def: ArgDef): boolean {
  return def.description?.includes("may be repeated") ?? false;
}

function unknownOption(flag: string, known: Iterable<string>, command: string): UsageError {
  const name = flag.replace(/^--?/, "");
  const isNegated = name.startsWith("no-");
  // A letter is near every letter.
  const candidates = [...known].filter((option) => option.length > 1 && option.startsWith("no-") === isNegated);
  const near = name.length > 1 ? nearest(name, candidates) : undefined;
  return new UsageError(`tcs ${command}: unknown option ${flag}`, {
    hint: near ? `did you mean --${near}?` : `see "tcs ${command} --help"`,
  });
}

function checkWords(words: readonly string[], positionals: readonly [string, ArgDef][], command: string): void {
  const missing = positionals.slice(words.length).filter(([, def]) => isRequired(def));
  if (missing.length > 0) {
    const names = missing.map(([name]) => name.toUpperCase()).join(" and ");
    const usage = positionals.map(([name, def]) => (isRequired(def) ? name.toUpperCase() : `[${name.toUpperCase()}]`));
    throw new UsageError(`tcs ${command}: ${names} ${missing.length === 1 ? "is" : "are"} missing`, {
      hint: `usage: tcs ${command} ${usage.join(" ")} (see "tcs ${command} --help")`,
    });
  }
  const variadic = positionals.some(([, def]) => def.valueHint === "...");
  const surplus = words[positionals.length];
  if (!variadic && surplus !== undefined) {
    throw new UsageError(`tcs ${command}: "${surplus}" is one word too many`, { hint: `see "tcs ${command} --help"` });
  }
}

/**
 * Refuses what is named beside `--all`: who does may mean the named alone, and everything would be done to.
 * @throws UsageError
 */
export function refuseBesideAll(all: boolean | undefined, named: readonly string[], command: string): void {
  if (!all || named.length === 0) return;
  throw new UsageError(`tcs ${command}: given both ${named.join(" ")} and --all`, { hint: "name them, or say --all" });
}

/** As the parser has it: a word is required unless it says otherwise or has a default. */
export function isRequired(def: ArgDef): boolean {
  return def.required !== false && def.default === undefined;
}

/** All values of an option that may be given several times. @param letter its short name */
export function repeatedOption(rawArgs: readonly string[], name: string, letter?: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < rawArgs.length; index++) {
    const [flag, inline] = splitOnce(rawArgs[index] ?? "");
    if (flag !== `--${name}` && (letter === undefined || flag !== `-${letter}`)) continue;
    const value = inline ?? rawArgs[++index];
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** Every option by each of its names, without dashes. */
export function optionTable(defs: ArgsDef): Map<string, ArgDef> {
  const table = new Map<string, ArgDef>();
  for (const [name, def] of Object.entries(defs)) {
    if (def.type === "positional") continue;
    table.set(name, def);
    if (def.type === "boolean") table.set(`no-${name}`, def);
    for (const short of shortNames(def)) table.set(short, def);
  }
  return table;
}

/** The letters that stand for an option, without dashes. */
export function shortNames(def: ArgDef): string[] {
  return "alias" in def ? [def.alias ?? []].flat() : [];
}

/** `--name=value` in its parts. */
export function splitOnce(arg: string): [string, string | undefined] {
  const at = arg.indexOf("=");
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}
