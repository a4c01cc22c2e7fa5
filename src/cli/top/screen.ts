// A screen of lines: writes only those that have changed. Knows nothing of what they mean.
import { widthOf } from "../display/width.ts";
import type { TerminalSize } from "../own-terminal.ts";

export class Screen {
  readonly #write: (text: string) => void;
  #shown: readonly string[] = [];
  #size: TerminalSize = { columns: 0, rows: 0 };

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Everything is drawn anew at the next `show`: something else has written there. */
  forget(): void {
    this.#size = { columns: 0, rows: 0 };
  }

  /** Shows `lines`, each at most `size.columns` wide; what is above `size.rows` is not shown. */
  show(lines: readonly string[], size: TerminalSize): void {
    const isSame = size.columns === this.#size.columns && size.rows === this.#size.rows;
    const before = isSame ? this.#shown : [];
    const now = Array.from({ length: size.rows }, (_, row) => lines[row] ?? "");
    // A cleared screen has empty lines.
    const text = now
      .map((line, row) => (line === (before[row] ?? "") ? "" : drawLine(row, line, size.columns)))
      .join("");
    this.#shown = now;
    this.#size = size;
    if (!isSame) this.#write(`\u001b[0m\u001b[2J${text}`);
    else if (text !== "") this.#write(text);
  }
}

function drawLine(row: number, line: string, columns: number): string {
  // Not behind a full line: there the cursor is still on its last character.
  const clear = widthOf(Bun.stripANSI(line)) < columns ? "\u001b[0m\u001b[K" : "";
  return `\u001b[${row + 1};1H${line}${clear}`;
}
