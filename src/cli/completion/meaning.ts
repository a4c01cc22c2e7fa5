// What the word at the cursor is: a command, an option, or the value of something whose kind its definition tells.
import type { ArgDef, ArgsDef } from "citty";
import { optionTable, splitOnce } from "../strict-args.ts";

/** What may stand somewhere. */
export type ValueKind =
  | "file"
  | "folder"
  /** Id of a service of the fleet. */
  | "service"
  /** Name of a launcher of the fleet. */
  | "launcher"
  /** A file, or the type of a service in this program. */
  | "file or type"
  | "home"
  | "level"
  | "service kind"
  | "what is new"
  | "what is exported"
  | "shell"
  | "third party"
  /** Only the user knows. */
  | "free";

export type Meaning =
  | { kind: "option"; options: ReadonlyMap<string, ArgDef> }
  /** `used`: what stands there already, of something that may be repeated. */
  | { kind: "value"; of: ValueKind; prefix: string; used: readonly string[] }
  | { kind: "nothing" };

/** By the hint that stands in the help; what is not here is free. */
const BY_HINT: Record<string, ValueKind> = {
  FILE: "file",
  FOLDER: "folder",
  LEVEL: "level",
  KIND: "service kind",
  "HOME|NAME": "home",
};
/** Of words without an option, by name; for one command alone as `command.name`. */
const BY_NAME: Record<string, ValueKind> = {
  file: "file",
  config: "file",
  id: "service",
  service: "service",
  word: "service",
  pattern: "service",
  launcher: "launcher",
  "service.service": "file or type",
  "test.pattern": "file",
  "new.what": "what is new",
  "export.what": "what is exported",
  "completions.shell": "shell",
  "licenses.name": "third party",
};

/** @param words after the command; the last is the one at the cursor, empty when nothing is typed yet */
export function meaningOf(command: string, defs: ArgsDef, words: readonly string[]): Meaning {
  const options = optionTable(defs);
  const positionals = Object.entries(defs).filter(([, def]) => def.type === "positional");
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? "";
  const used: string[] = [];
  for (let index = 0; index < before.length; index++) {
    const word = before[index] ?? "";
    // What follows is for someone else.
    if (word === "--") return { kind: "nothing" };
    if (!isOption(word)) {
      used.push(word);
      continue;
    }
    const [flag, inline] = splitOnce(word);
    const name = nameOf(flag);
    const def = options.get(name);
    if (def === undefined || def.type === "boolean" || inline !== undefined) continue;
    index++;
    if (index === before.length) return { kind: "value", of: kindOfOption(name, def), prefix: current, used: [] };
  }
  if (isOption(current) || current === "-") {
    const [flag, inline] = splitOnce(current);
    if (inline === undefined) return { kind: "option", options };
    const name = nameOf(flag);
    const def = options.get(name);
    if (def === undefined || def.type === "boolean") return { kind: "nothing" };
    return { kind: "value", of: kindOfOption(name, def), prefix: inline, used: [] };
  }
  const variadic = positionals.find(([, def]) => def.valueHint === "...");
  const [name] = positionals[used.length] ?? variadic ?? [];
  if (name === undefined) return { kind: "nothing" };
  return { kind: "value", of: BY_NAME[`${command}.${name}`] ?? BY_NAME[name] ?? "free", prefix: current, used };
}

function kindOfOption(name: string, def: ArgDef): ValueKind {
  const kind = BY_HINT[def.valueHint ?? ""] ?? "free";
  return kind === "free" && name === "launcher" ? "launcher" : kind;
}

function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function nameOf(flag: string): string {
  return flag.replace(/^--?/, "");
}
