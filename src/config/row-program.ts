// A row whose service is a foreign program: `command`, `cwd`, `env`.
import { dirname, resolve } from "node:path";
import { nearest } from "../common/nearest.ts";
import { type Checker, join, type Place, showNode } from "./checker.ts";
import { didYouMean, showValue } from "./errors.ts";
import type { RowOverrides } from "./overrides.ts";
import { isPlaceholder, nearestPlaceholder, PLACEHOLDERS, placeholdersIn } from "./placeholders.ts";
import type { RowHead } from "./row-head.ts";
import { isNull, type MapNode, type Node, plainSource } from "./source-tree.ts";
import { PROGRAM_KEYS, type Program, ROW_KEYS } from "./types.ts";

/** What a foreign program cannot have: it is no module, and it is a process of its own. */
const CONFLICTS = ["module", "launcher", "group"] as const;
const COMMAND = "a list: the program, then each of its arguments";
/** How `--set` names a variable of the environment. */
const SET_ENV = "env.";

export function isProgramRow({ node }: RowHead): boolean {
  return node.entries.has("command");
}

/**
 * Reads a row that has `command`; what is wrong goes to `checker`.
 * @param configFile absolute path of the configuration file; absent for a service run by hand, which is no program
 */
export function readProgram(
  checker: Checker,
  head: RowHead,
  overrides: RowOverrides,
  configFile: string | undefined,
): Program | undefined {
  const { node: row, key } = head;
  const node = row.entries.get("command")?.value;
  if (!node) return undefined;
  if (configFile === undefined) {
    const hint = "tcs run runs it; by hand, run its command itself";
    return checker.report(node, join(key, "command"), "a foreign program", "a service of tcs", hint);
  }
  const items = readCommand(checker, node, join(key, "command"));
  const folder = dirname(configFile);
  const cwd = readCwd(checker, row, key);
  const env = { ...readEnv(checker, row, key), ...envOf(overrides) };
  refuseConflicts(checker, head, overrides);
  const command = items?.map(({ text }) => text);
  if (command) refuseFields(checker, head, overrides, command);
  const [program, ...args] = command ?? [];
  if (program === undefined || !items) return undefined;
  return {
    kind: "program",
    command: [program, ...args],
    written: items.map(({ written }) => (/^[^\s"]+$/.test(written) ? written : JSON.stringify(written))).join(" "),
    cwd: resolve(folder, cwd ?? "."),
    env,
    configFile,
  };
}

interface CommandItem {
  text: string;
  /** Variables not filled in. */
  written: string;
}

function readCommand(checker: Checker, node: Node, key: string): CommandItem[] | undefined {
  if (node.kind !== "seq") {
    const text = node.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
    return checker.report(node, key, showNode(node), COMMAND, text === undefined ? undefined : asList(text));
  }
  const [first] = node.items;
  if (!first) return checker.report(node, key, "an empty list", COMMAND);
  const items = node.items.map((item, i) => readItem(checker, item, `${key}[${i}]`));
  if (items[0]?.text === "") return checker.report(first, `${key}[0]`, '""', "a program");
  return items.every((item) => item !== undefined) ? items : undefined;
}

function readItem(checker: Checker, node: Node, key: string): CommandItem | undefined {
  const text = readText(checker, node, key);
  if (text === undefined) return undefined;
  for (const name of placeholdersIn(text)) {
    if (isPlaceholder(name)) continue;
    const hint = didYouMean(nearestPlaceholder(name)) ?? `{{${name}}} stands for {${name}} itself`;
    return checker.report(
      node,
      key,
      `{${name}}`,
      `one of ${PLACEHOLDERS.map((known) => `{${known}}`).join(", ")}`,
      hint,
    );
  }
  return { text, written: node.kind === "scalar" && typeof node.value === "string" ? node.value : text };
}

/** Text as a program takes it: numbers as they are written, nothing at all too if it is quoted. */
function readText(checker: Checker, node: Node, key: string): string | undefined {
  if (node.kind !== "scalar" || isNull(node)) return checker.report(node, key, showNode(node), "text", quoteHint(node));
  const text = checker.expand(node, key)?.text;
  return text?.includes("\0") ? checker.report(node, key, showValue(text), "text without a zero byte") : text;
}

/** `{variant}` without quotes is a mapping in YAML. */
function quoteHint(node: Node): string | undefined {
  const [name, ...others] = node.kind === "map" ? node.entries.keys() : [];
  return name !== undefined && others.length === 0 && isPlaceholder(name) ? `quote it: "{${name}}"` : undefined;
}

/** How a command given as one text is written. */
function asList(text: string): string {
  if (/[|&;<>$`*?"'\\~()]/.test(text)) return "for a shell's line: command: [sh, -c, '…']";
  return `command: [${text.split(/\s+/).filter(Boolean).join(", ")}]`;
}

function readCwd(checker: Checker, row: MapNode, key: string): string | undefined {
  const node = row.entries.get("cwd")?.value;
  return node && !isNull(node) ? checker.text(node, join(key, "cwd"), "a folder") : undefined;
}

function readEnv(checker: Checker, row: MapNode, key: string): Record<string, string> {
  const path = join(key, "env");
  const map = checker.map(row.entries.get("env")?.value, path, "a mapping of names to values");
  const read = [...(map?.entries ?? [])].flatMap(([name, { keyOffset, value }]): [string, string][] => {
    const place: Place = { source: row.source, offset: keyOffset };
    if (name === "" || /[=\0]/.test(name)) {
      checker.report(place, path, showValue(name), "the name of an environment variable");
      return [];
    }
    const text = readText(checker, value, join(path, name));
    return text === undefined ? [] : [[name, text]];
  });
  return Object.fromEntries(read);
}

function envOf({ fields }: RowOverrides): Record<string, string> {
  const set = Object.entries(fields).filter(([name]) => isSetEnv(name));
  return Object.fromEntries(set.map(([name, value]) => [name.slice(SET_ENV.length), value]));
}

function refuseConflicts(checker: Checker, { node: row, key }: RowHead, overrides: RowOverrides): void {
  for (const name of CONFLICTS) {
    const entry = row.entries.get(name);
    const set = overrides.settings.get(name);
    const place = set ?? (entry && !isNull(entry.value) ? { source: row.source, offset: entry.keyOffset } : undefined);
    if (!place) continue;
    const expected = name === "module" ? "one of them" : `no ${name}: a foreign program is a process of its own`;
    checker.report(place, set ? name : join(key, name), `${name} beside command`, expected);
  }
}

/** Its other fields are its own if it is given this very file to read; else nobody would ever look at them. */
function refuseFields(
  checker: Checker,
  { id, node: row, key }: RowHead,
  overrides: RowOverrides,
  command: readonly string[],
): void {
  const known: readonly string[] = [...ROW_KEYS, ...PROGRAM_KEYS];
  const readsFile = command.some((text) => placeholdersIn(text).includes("config_file"));
  for (const [name, { keyOffset }] of row.entries) {
    if (readsFile || known.includes(name)) continue;
    const place: Place = { source: row.source, offset: keyOffset };
    const hint = didYouMean(nearest(name, known)) ?? "values go into command or env";
    const expected = "a setting of tcs: a program that is not given {config_file} reads no fields";
    checker.report(place, join(key, name), "a field", expected, hint);
  }
  for (const name of Object.keys(overrides.fields)) {
    if (isSetEnv(name)) continue;
    const expected = `a setting of its row, or ${SET_ENV}NAME for its environment`;
    checker.report(
      { source: plainSource("--set"), offset: 0 },
      join(id, name),
      "a field of a foreign program",
      expected,
    );
  }
}

function isSetEnv(name: string): boolean {
  return name.startsWith(SET_ENV) && name.length > SET_ENV.length;
}
