// The results as Markdown, and read back from there.
import { aheadIn, isOwnServices, MEASURES, type Measure, type Result, type Spread } from "./result.ts";

const UNITS: Record<Measure, "ms" | "MB"> = { start: "ms", restart: "ms", stop: "ms", memory: "MB" };

/** @param count of the programs */
export function titleOf(measure: Measure, count: number): string {
  const titles: Record<Measure, string> = {
    start: `start of ${count}`,
    restart: "killed to running",
    stop: `stop of ${count}`,
    memory: "memory of the supervisor",
  };
  return titles[measure];
}

/** Behind a figure that is not of the supervisor alone. */
const IN_ALL = " in all";

/** A figure for people: three digits are enough. */
export function shown(figure: number): string {
  return figure < 10 ? figure.toFixed(1) : Math.round(figure).toLocaleString("en-US");
}

export function shownWithUnit(measure: Measure, figure: number): string {
  return `${shown(figure)} ${UNITS[measure]}`;
}

/** A Markdown table: a row for each, medians with the least and the greatest. */
export function tableOf(results: readonly Result[], count: number): string {
  const cell = (measure: Measure, result: Result) => {
    const { median, least, most } = result[measure];
    const ofWhat = measure === "memory" && isOwnServices(result) ? IN_ALL : "";
    return `${shownWithUnit(measure, median)}${ofWhat} (${shown(least)}–${shown(most)})`;
  };
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  return [
    line(["", "version", ...MEASURES.map((measure) => titleOf(measure, count))]),
    `|${"---|".repeat(MEASURES.length + 2)}`,
    ...results.map((result) =>
      line([result.name, result.version, ...MEASURES.map((measure) => cell(measure, result))]),
    ),
    "",
  ].join("\n");
}

/** The results that a table shows, as exact as it shows them. @throws Error when it is not of the form of `tableOf` */
export function readTable(text: string): Result[] {
  const [, , ...lines] = text.trim().split("\n");
  return lines.map((line) => {
    const [, name = "", version = "", ...cells] = line.split("|").map((cell) => cell.trim());
    const [start, restart, stop, memory] = MEASURES.map((measure, nth) => readCell(measure, cells[nth] ?? "", line));
    if (!start || !restart || !stop || !memory) throw new Error(`cells are missing: ${line}`);
    return { name, version, start, restart, stop, memory };
  });
}

function readCell(measure: Measure, cell: string, line: string): Spread {
  const [, median, unit, least, most] = /^([\d.,]+) (ms|MB)(?: in all)? \(([\d.,]+)–([\d.,]+)\)$/.exec(cell) ?? [];
  if (unit !== UNITS[measure]) throw new Error(`"${cell}" is no ${measure} in: ${line}`);
  const number = (word = "") => Number(word.replaceAll(",", ""));
  return { median: number(median), least: number(least), most: number(most) };
}

/** A list of who is ahead of tcs, and by how much. */
export function aheadText(results: readonly Result[], count: number): string {
  const lines = MEASURES.map((measure) => {
    const ahead = aheadIn(measure, results).map(({ name, quotient }) => `${name} (${quotient.toFixed(2)} of it)`);
    return `- ${titleOf(measure, count)}: ${ahead.length > 0 ? ahead.join(", ") : "none"}`;
  });
  return `Less than tcs with the same programs takes:\n\n${lines.join("\n")}\n`;
}
