// The terminal that this program writes to: how large it is, and whether text can be placed there.

export interface TerminalSize {
  columns: number;
  rows: number;
}

/** As it is now; 80 x 24 where it does not tell. */
export function terminalSize(): TerminalSize {
  return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

/** Whether lines can be drawn again where they are: not in a file, a pipe, or a terminal that only goes on. */
export function canDrawAgain(env: Record<string, string | undefined>, isTty: boolean): boolean {
  return isTty && env.TERM !== "dumb";
}
