// What `--help` shows of a command: what it is for, examples, then its words and options; 80 columns wide.
import type { ArgDef } from "citty";
import { type AnyCommand, exampleLines } from "./define-command.ts";
import { type Paint, paintFor, wantsColor } from "./display/colors.ts";
import { wrap } from "./display/width.ts";
import { isRequired, shortNames } from "./strict-args.ts";

const WIDTH = 80;
/** Names that are longer stand on a line of their own. */
const LONGEST_NAME = 28;

/** @param path as typed after `tcs`: `config set` */
export async function printHelp(path: string, command: AnyCommand): Promise<void> {
  const paint = paintFor(wantsColor(process.env, process.stdout.isTTY));
  process.stdout.write(`${(await helpLines(path, command, paint)).join("\n")}\n`);
}

async function helpLines(path: string, { meta, examples, args = {}, subCommands }: AnyCommand, paint: Paint) {
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", paint("bold", title), "", ...lines];
  const entries: [string, ArgDef][] = Object.entries(args);
  const words = entries.filter(([, { type }]) => type === "positional");
  const options = entries.filter(([, { type }]) => type !== "positional");
  const usage = [
    "tcs",
    path,
    options.length > 0 ? "[OPTIONS]" : "",
    ...words.map(([name, def]) => wordUsage(name, def)),
  ];
  const below = Object.entries(subCommands ?? {});
  const about = await Promise.all(
    below.map(async ([name, load]): Promise<Row> => [name, (await load()).meta.description]),
  );
  return [
    ...wrap(meta.description, WIDTH),
    ...section("EXAMPLES", exampleLines(examples)),
    "",
    `${paint("bold", "USAGE")} ${[...usage, below.length > 0 ? "COMMAND" : ""].filter((part) => part !== "").join(" ")}`,
    ...section("ARGUMENTS", table(words.map(([name, { description = "" }]) => [name.toUpperCase(), description]))),
    ...section("OPTIONS", table(options.map(([name, def]) => [optionUsage(name, def), def.description ?? ""]))),
    ...section("COMMANDS", table(about)),
    ...(below.length > 0 ? ["", `"tcs ${path} COMMAND --help" tells more about one.`] : []),
  ];
}

/** A word of the command line, as `FILE`, `[FILE]`, `SERVICE...`. */
export function wordUsage(name: string, def: ArgDef): string {
  const word = `${name.toUpperCase()}${def.valueHint === "..." ? "..." : ""}`;
  return isRequired(def) ? word : `[${word}]`;
}

/** As `-c, --config FILE`; below each other whether they have a letter or not. */
function optionUsage(name: string, def: ArgDef): string {
  const [letter] = shortNames(def);
  const value = def.type === "boolean" ? "" : ` ${def.valueHint ?? name.toUpperCase()}`;
  return `${letter === undefined ? "    " : `-${letter}, `}--${name}${value}`;
}

type Row = [name: string, text: string];

function table(rows: readonly Row[]): string[] {
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length).filter((length) => length <= LONGEST_NAME));
  const indent = " ".repeat(nameWidth + 4);
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, WIDTH - indent.length);
    const rest = name.length > nameWidth ? lines : lines.slice(1);
    const first = name.length > nameWidth ? `  ${name}` : `  ${name.padEnd(nameWidth)}  ${lines[0] ?? ""}`;
    return [first.trimEnd(), ...rest.map((line) => indent + line)];
  });
}
