// Commands that are groups of others (`tcs config check`): which one is meant, and what there is.
import { UsageError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";
import type { AnyCommand } from "./define-command.ts";

/** A subcommand that is loaded only when it is called, or when its group is asked what there is. */
export function lazy(load: () => Promise<{ default: AnyCommand }>): () => Promise<AnyCommand> {
  return async () => (await load()).default;
}

/** The command that a command line means, below its group. */
export interface MeantCommand {
  command: AnyCommand;
  /** As typed after `tcs`: `config check`. */
  path: string;
  /** What follows it. */
  rawArgs: string[];
}

/**
 * Goes down from a group to the command that is meant; a group that is asked for help, or for nothing, is itself meant.
 * @throws UsageError for a word that is none of its commands, with the nearest that is
 */
export async function meantCommand(command: AnyCommand, path: string, rawArgs: string[]): Promise<MeantCommand> {
  const known = command.subCommands;
  const [word, ...rest] = rawArgs;
  if (!known || word === undefined || word === "--help" || word === "-h") return { command, path, rawArgs };
  const load = Object.hasOwn(known, word) ? known[word] : undefined;
  if (!load) throw unknownSubCommand(word, path, Object.keys(known));
  return await meantCommand(await load(), `${path} ${word}`, rest);
}

function unknownSubCommand(word: string, path: string, names: readonly string[]): UsageError {
  const near = nearest(word, names);
  const what = word.startsWith("-") ? `unknown option ${word}` : `unknown command "${word}"`;
  return new UsageError(`tcs ${path}: ${what}`, {
    hint: near ? `did you mean "tcs ${path} ${near}"?` : `there are ${names.join(", ")}; see "tcs ${path} --help"`,
  });
}
