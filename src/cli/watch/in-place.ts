// Lines that are drawn again where they are, below what was on the terminal before. Writes only what has changed.
import { widthOf } from "../display/width.ts";
import type { TerminalSize } from "../own-terminal.ts";

export class InPlace {
  readonly #write: (text: string) => void;
  #shown: readonly string[] = [];
  #size: TerminalSize | undefined;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** The next lines are written below whatever is there by then: something else has written. */
  forget(): void {
    this.#shown = [];
    this.#size = undefined;
  }

  /** @param lines fewer than the terminal has rows, none wider than it is */
  show(lines: readonly string[], size: TerminalSize): void {
    const { columns, rows } = size;
    // A terminal that has got another size has moved our lines, or broken them: nobody knows where they are now.
    const isMoved = this.#size !== undefined && (this.#size.columns !== columns || this.#size.rows !== rows);
    const before = isMoved ? [] : this.#shown;
    const start = isMoved ? "\u001b[H\u001b[J" : before.length > 0 ? `\u001b[${before.length}A\r` : "";
    const drawn = lines.map((line, i) => (line === before[i] ? "" : drawLine(line, columns)));
    this.#shown = [...lines];
    this.#size = size;
    if (drawn.every((line) => line === "") && lines.length === before.length) return;
    const end = lines.length < before.length ? "\u001b[J" : "";
    this.#write(`${start}${drawn.map((line) => `${line}\r\n`).join("")}${end}`);
  }
}

function drawLine(line: string, columns: number): string {
  // Not behind a full line: there the cursor is still on its last character.
  return widthOf(Bun.stripANSI(line)) < columns ? `${line}\u001b[K` : line;
}
