// Commands that are groups of others (`tcs config check`): which one is meant, and what there is.
import type { CommandDef, SubCommandsDef } from "citty";
import { UsageError } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";

// biome-ignore lint/suspicious/noExplicitAny: citty's CommandDef is invariant in its arguments; each command types its own
export type AnyCommand = CommandDef<any>;

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

/** The subcommands of a group, not loaded yet; undefined for a command that is none. */
export async function subCommandsOf(command: AnyCommand): Promise<SubCommandsDef | undefined> {
  return typeof command.subCommands === "function" ? await command.subCommands() : await command.subCommands;
}

/**
 * Goes down from a group to the command that is meant; a group that is asked for help, or for nothing, is itself meant.
 * @throws UsageError for a word that is none of its commands, with the nearest that is
 */
export async function meantCommand(command: AnyCommand, path: string, rawArgs: string[]): Promise<MeantCommand> {
  const known = await subCommandsOf(command);
  const [word, ...rest] = rawArgs;
  if (!known || word === undefined || word === "--help" || word === "-h") return { command, path, rawArgs };
  const load = Object.hasOwn(known, word) ? known[word] : undefined;
  if (!load) throw unknownSubCommand(word, path, Object.keys(known));
  return await meantCommand(typeof load === "function" ? await load() : await load, `${path} ${word}`, rest);
}

function unknownSubCommand(word: string, path: string, names: readonly string[]): UsageError {
  const near = nearest(word, names);
  const what = word.startsWith("-") ? `unknown option ${word}` : `unknown command "${word}"`;
  return new UsageError(`tcs ${path}: ${what}`, {
    hint: near ? `did you mean "tcs ${path} ${near}"?` : `there are ${names.join(", ")}; see "tcs ${path} --help"`,
  });
}
