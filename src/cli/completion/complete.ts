// Answers a shell that asks what could stand at the cursor (tcs __complete -- WORDS): silent about everything else.
import type { ArgDef } from "citty";
import type { CommandTable } from "../command-table.ts";
import type { AnyCommand } from "../define-command.ts";
import { TOPICS } from "../unknown-word.ts";
import type { Candidate } from "./candidate.ts";
import { fleetFlags } from "./fleet-flags.ts";
import { type Meaning, meaningOf } from "./meaning.ts";
import { valuesOf } from "./values.ts";

/**
 * Prints what the shell itself is to add (`words`: nothing; `files`, `folders`), then a line for each candidate, with
 * its meaning after a tab.
 * @param args `--`, then the words after `tcs`; the last is the one at the cursor
 */
export async function complete(args: readonly string[], commands: CommandTable): Promise<number> {
  const words = args[0] === "--" ? args.slice(1) : args;
  try {
    const { shell, candidates } = await answer(words, commands);
    const lines = candidates.map(({ value, about }) => (about === undefined ? value : `${value}\t${about}`));
    process.stdout.write(`${[shell, ...lines].join("\n")}\n`);
  } catch {
    // No broker, a broken configuration, an unknown command: the user is in the middle of typing, and asked nothing.
    process.stdout.write("words\n");
  }
  return 0;
}

interface Answer {
  shell: "words" | "files" | "folders";
  candidates: Candidate[];
}

async function answer(words: readonly string[], commands: CommandTable): Promise<Answer> {
  const [name = "", ...rest] = words;
  const isTopic = name === "help" && rest.length === 1;
  if (isTopic && /^e_/i.test(rest[0] ?? "")) {
    const codes = (await import("../explain-error.ts")).ERROR_CODES.map((value) => ({ value }));
    return { shell: "words", candidates: beginning(codes, (rest[0] ?? "").toUpperCase()) };
  }
  if (words.length <= 1 || isTopic) {
    const prefix = words.at(-1) ?? "";
    const names = Object.entries(commands).map(([value, { about }]) => ({ value, about }));
    const others = isTopic ? TOPICS : ["--help", "--version"];
    return { shell: "words", candidates: beginning([...names, ...others.map((value) => ({ value }))], prefix) };
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) return { shell: "words", candidates: [] };
  return await answerBelow((await command.load()).default, name, rest);
}

/** @param path as typed: `config check` */
async function answerBelow(command: AnyCommand, path: string, words: readonly string[]): Promise<Answer> {
  const below = command.subCommands;
  if (below) {
    const [name = "", ...rest] = words;
    if (words.length <= 1) return { shell: "words", candidates: beginning([...(await namesOf(below)), HELP], name) };
    const found = Object.hasOwn(below, name) ? below[name] : undefined;
    if (!found) return { shell: "words", candidates: [] };
    return await answerBelow(await found(), `${path} ${name}`, rest);
  }
  return await answerFor(meaningOf(path, command.args ?? {}, words), words);
}

/** Each with what it is for. */
async function namesOf(commands: NonNullable<AnyCommand["subCommands"]>): Promise<Candidate[]> {
  return await Promise.all(
    Object.entries(commands).map(async ([value, load]) => ({ value, about: (await load()).meta.description })),
  );
}

async function answerFor(meaning: Meaning, words: readonly string[]): Promise<Answer> {
  switch (meaning.kind) {
    case "nothing":
      return { shell: "words", candidates: [] };
    case "option":
      return { shell: "words", candidates: beginning(optionsOf(meaning.options), words.at(-1) ?? "") };
    case "value": {
      const { of, prefix, used } = meaning;
      const shell = of === "folder" ? "folders" : of.startsWith("file") ? "files" : "words";
      const values = beginning(await valuesOf(of, fleetFlags(words)), prefix);
      return { shell, candidates: values.filter(({ value }) => !used.includes(value)) };
    }
    default:
      return meaning satisfies never;
  }
}

/** Long names only: a short one is typed as soon as it is known. */
function optionsOf(options: ReadonlyMap<string, ArgDef>): Candidate[] {
  const long = [...options].filter(([name]) => name.length > 1 && !name.startsWith("no-"));
  return [...long.map(([name, { description }]) => ({ value: `--${name}`, about: description })), HELP];
}

const HELP: Candidate = { value: "--help", about: "Tell more" };

function beginning(candidates: readonly Candidate[], prefix: string): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(prefix));
}
