// A picture of what a terminal shows: text with colours as an SVG, sharp at every size.

/** Pixels of one cell, for a font of 14 px. */
const CELL = { width: 8.43, height: 19 } as const;
const MARGIN = 14;

/** What SGR codes the product writes, as classes of CSS. */
const CLASSES = new Map([
  [1, "b"],
  [2, "d"],
  [31, "r"],
  [32, "g"],
  [33, "y"],
  [36, "c"],
]);
/** Which classes an SGR code ends. */
const ENDS = new Map([
  [0, ["b", "d", "r", "g", "y", "c"]],
  [22, ["b", "d"]],
  [39, ["r", "g", "y", "c"]],
]);

const STYLE = `
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d6dae0; white-space: pre }
.b { font-weight: bold } .d { fill: #8b949e }
.r { fill: #ff7b72 } .g { fill: #56d364 } .y { fill: #e3b341 } .c { fill: #76c7f0 }`;

interface Run {
  text: string;
  classes: string;
  column: number;
}

/** @param lines with SGR codes as `colours()` of a terminal gives them @param columns width of the picture in cells */
export function terminalSvg(lines: readonly string[], columns: number, title: string): string {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN;
  const rows = lines.map((line, row) => {
    const y = MARGIN + row * CELL.height + 14;
    return runsOf(line)
      .map((run) => textElement(run, y))
      .join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.filter((row) => row !== "").join("\n")}
</svg>
`;
}

/** Pieces of a line that look alike, without the blanks between them. */
export function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  const styles = new Set<string>();
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal is told colours by
  for (const [index, part] of line.split(/\u001b\[([\d;]*)m/).entries()) {
    if (index % 2 === 1) setStyles(styles, part);
    else {
      // Each word stands where it stood, whatever width the viewer's font has.
      for (const { 0: text, index: at } of part.matchAll(/\S+(?: \S+)*/g)) {
        runs.push({ text, classes: [...styles].sort().join(" "), column: column + Bun.stringWidth(part.slice(0, at)) });
      }
      column += Bun.stringWidth(part);
    }
  }
  return runs;
}

function setStyles(styles: Set<string>, codes: string): void {
  for (const code of (codes === "" ? "0" : codes).split(";").map(Number)) {
    for (const ended of ENDS.get(code) ?? []) styles.delete(ended);
    const begun = CLASSES.get(code);
    if (begun) styles.add(begun);
  }
}

function textElement({ text, classes, column }: Run, y: number): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const length = (Bun.stringWidth(text) * CELL.width).toFixed(1);
  const style = classes === "" ? "" : ` class="${classes}"`;
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style}>${escaped(text)}</text>`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
