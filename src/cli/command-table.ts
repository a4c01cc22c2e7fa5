// The commands of this program, for those of them that tell of the others.
import type { AnyCommand } from "./define-command.ts";

/** By name. */
export type CommandTable = Record<string, { about: string; load: () => Promise<{ default: AnyCommand }> }>;

let table: CommandTable = {};

/** Called once, by the program's entry: it alone names them all. */
export function setCommands(commands: CommandTable): void {
  table = commands;
}

export function allCommands(): CommandTable {
  return table;
}
