// The commands of this program, for those of them that tell of the others.
import type { CommandDef } from "citty";

/** By name. */
export type CommandTable = Record<string, { about: string; load: () => Promise<{ default: CommandDef }> }>;

let table: CommandTable = {};

/** Called once, by the program's entry: it alone names them all. */
export function setCommands(commands: CommandTable): void {
  table = commands;
}

export function allCommands(): CommandTable {
  return table;
}
