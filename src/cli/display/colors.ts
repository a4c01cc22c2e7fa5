// Colours, only where they are wanted: a terminal that has not said no.

export type Style = "green" | "yellow" | "red" | "cyan" | "dim" | "bold";

/** Puts a style on text, or leaves it plain. */
export type Paint = (style: Style, text: string) => string;

const CODES = {
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
} as const satisfies Record<Style, readonly [on: number, off: number]>;

export const plain: Paint = (_style, text) => text;

const ansi: Paint = (style, text) => {
  const [on, off] = CODES[style];
  return text.trim() === "" ? text : `\u001b[${on}m${text}\u001b[${off}m`;
};

export function paintFor(color: boolean): Paint {
  return color ? ansi : plain;
}

/** A line that is painted already, in one faint colour: what it says may not be true any more. */
export function grey(line: string, color: boolean): string {
  return color ? ansi("dim", Bun.stripANSI(line)) : line;
}

/** NO_COLOR (any non-empty value) says no; FORCE_COLOR (but for 0 and false) says yes; else a terminal that is not dumb. */
export function wantsColor(env: Record<string, string | undefined>, isTty: boolean): boolean {
  if (env.NO_COLOR) return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== "0" && force.toLowerCase() !== "false";
  return isTty && env.TERM !== "dumb";
}
