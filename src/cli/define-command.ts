// How a command is written: what its line of purpose, its examples, its options and its work are.
import type { ArgsDef, CommandDef, CommandMeta } from "citty";

/** A line as it is typed, and what it is for where that is not plain: for a comment behind it. */
export type Example = readonly [line: string, why?: string];

/** What `--help` begins with, and what the manual page and docs/cli.md show: two at least. */
export type Examples = readonly [Example, Example, ...Example[]];

/** A command without examples does not compile. */
export type TcsCommand<T extends ArgsDef = ArgsDef> = CommandDef<T> & {
  meta: CommandMeta & { description: string };
  examples: Examples;
  args?: T;
  subCommands?: Record<string, () => Promise<AnyCommand>>;
};

// biome-ignore lint/suspicious/noExplicitAny: citty's CommandDef is invariant in its arguments; each command types its own
export type AnyCommand = TcsCommand<any>;

/** Nothing but the types: so `--help` need not load what runs commands. */
export function defineCommand<const T extends ArgsDef = ArgsDef>(command: TcsCommand<T>): TcsCommand<T> {
  return command;
}

/** Each as a line of a shell, indented, their comments below each other. */
export function exampleLines(examples: readonly Example[]): string[] {
  const longest = Math.max(...examples.filter(([, why]) => why !== undefined).map(([line]) => line.length));
  return examples.map(([line, why]) => (why === undefined ? `  ${line}` : `  ${line.padEnd(longest)}   # ${why}`));
}
