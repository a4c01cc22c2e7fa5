// tcs(1), made of the same definitions as --help.
import type { ArgDef } from "citty";
import { BUILT, VERSION } from "../../common/version.ts";
import type { CommandTable } from "../command-table.ts";
import { type AnyCommand, exampleLines } from "../define-command.ts";
import { wordUsage } from "../help.ts";
import { shortNames } from "../strict-args.ts";
import { DESCRIPTION, ENVIRONMENT, EXIT_CODES, FILES } from "./reference.ts";
import { bold, escapeRoff, italic, paragraph, quoted, tagged } from "./roff.ts";

/** The source of the manual page. */
export async function manualPage(commands: CommandTable): Promise<string> {
  const sections = await Promise.all(
    Object.entries(commands).map(async ([name, { load }]) => commandSections(name, (await load()).default)),
  );
  return [
    `.TH TCS 1 ${BUILT} ${quoted(`tcs ${VERSION}`)} "Telescope Control Services"`,
    ".SH NAME",
    "tcs \\- telescope control services: a fleet of services in one executable",
    ".SH SYNOPSIS",
    ".B tcs",
    `${italic("COMMAND")} [${italic("OPTION")} ...] [${italic("WORD")} ...]`,
    ".SH DESCRIPTION",
    ...paragraphs(DESCRIPTION),
    ".SH COMMANDS",
    ...sections.flat(),
    ".SH ENVIRONMENT",
    ...Object.entries(ENVIRONMENT).flatMap(([name, text]) => tagged(bold(name), text)),
    ".SH FILES",
    ...Object.entries(FILES).flatMap(([name, text]) => tagged(italic(name), text)),
    ".SH EXIT STATUS",
    ...Object.entries(EXIT_CODES).flatMap(([code, text]) => tagged(bold(code), text)),
    ".SH SEE ALSO",
    ".BR systemctl (1),",
    ".BR nats\\-server (1)",
    "",
  ].join("\n");
}

/** A command; a group of commands by each of them. */
async function commandSections(path: string, command: AnyCommand): Promise<string[]> {
  const below = command.subCommands;
  if (!below) return commandSection(path, command);
  const sections = await Promise.all(
    Object.entries(below).map(async ([name, load]) => commandSections(`${path} ${name}`, await load())),
  );
  return sections.flat();
}

function commandSection(path: string, { meta, examples, args = {} }: AnyCommand): string[] {
  const entries: [string, ArgDef][] = Object.entries(args);
  const words = entries.filter(([, { type }]) => type === "positional");
  return [
    `.SS ${quoted(["tcs", path, ...words.map(([name, def]) => wordUsage(name, def))].join(" "))}`,
    paragraph(`${meta.description}.`),
    ".PP",
    ".nf",
    ...exampleLines(examples).map(escapeRoff),
    ".fi",
    ...words.flatMap(([word, { description: about = "" }]) => tagged(italic(word.toUpperCase()), about)),
    ...entries.filter(([, { type }]) => type !== "positional").flatMap(([option, def]) => optionLines(option, def)),
  ];
}

function optionLines(name: string, def: ArgDef): string[] {
  const names = [...shortNames(def).map((short) => bold(`-${short}`)), bold(`--${name}`)].join(", ");
  const value = def.type === "boolean" ? "" : ` ${italic(def.valueHint ?? name.toUpperCase())}`;
  return tagged(`${names}${value}`, def.description ?? "");
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text, index) => (index === 0 ? [paragraph(text)] : [".PP", paragraph(text)]));
}
