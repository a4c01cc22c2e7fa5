// What the commands write, and for which terminal.
import { wantsColor } from "./display/colors.ts";
import type { RenderOptions } from "./display/view.ts";
import { terminalWidth, wantsUnicode } from "./display/width.ts";

export function renderOptions(): RenderOptions {
  return {
    width: terminalWidth(process.env, process.stdout),
    color: wantsColor(process.env, process.stdout.isTTY === true),
    unicode: wantsUnicode(process.env),
    now: Date.now(),
  };
}

/** Lines to standard output: data. */
export function write(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** One line to standard error: talk. */
export function tell(line: string): void {
  process.stderr.write(`tcs: ${line}\n`);
}
