// The results as a picture: a field of bars for each measure. SVG that follows the reader's light or dark.
import { shownWithUnit, titleOf } from "./report.ts";
import { isOwnServices, MEASURES, type Measure, OURS, type Result } from "./result.ts";

const WIDTH = 900;
const MARGIN = 16;
const FIELD = { width: (WIDTH - 3 * MARGIN) / 2, title: 34, row: 20, below: 18 };
/** Of a field: names left, figures right of the longest bar. */
const NAMES = 160;
const FIGURES = 70;
const BAR_HEIGHT = 12;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 13px; }
  .name { text-anchor: end; }
  .ground { fill: #ffffff; }
  .ours { fill: #0969da; }
  .rival { fill: #8c959f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .ground { fill: #0d1117; }
    .ours { fill: #58a6ff; }
    .rival { fill: #6e7681; }
  }`;

/** Two by two fields of bars; shorter is better in each. */
export function plotOf(results: readonly Result[], count: number): string {
  const fieldHeight = FIELD.title + results.length * FIELD.row + FIELD.below;
  const height = 2 * fieldHeight + MARGIN;
  const fields = MEASURES.map((measure, nth) => {
    const x = MARGIN + (nth % 2) * (FIELD.width + MARGIN);
    const y = Math.floor(nth / 2) * fieldHeight;
    return `<g transform="translate(${x} ${y})">\n${fieldOf(measure, results, count)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="tcs beside other supervisors: medians, shorter is better">
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
${fields.join("\n")}
</svg>
`;
}

function fieldOf(measure: Measure, all: readonly Result[], count: number): string {
  // The memory of services is no supervisor's.
  const results = measure === "memory" ? all.filter((result) => !isOwnServices(result)) : all;
  const longest = Math.max(...results.map((result) => result[measure].median));
  const room = FIELD.width - NAMES - FIGURES;
  const rows = results.map((result, nth) => {
    const y = FIELD.title + nth * FIELD.row;
    const figure = result[measure].median;
    const width = Math.max(1, (figure / longest) * room).toFixed(1);
    const text = `y="${y + BAR_HEIGHT - 2}"`;
    return [
      `<text class="name" x="${NAMES - 8}" ${text}>${escaped(result.name)}</text>`,
      `<rect class="${result.name.startsWith(OURS) ? "ours" : "rival"}" x="${NAMES}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
      `<text x="${NAMES + Number(width) + 6}" ${text}>${shownWithUnit(measure, figure)}</text>`,
    ].join("");
  });
  const title = `${titleOf(measure, count)}, ${measure === "memory" ? "MB" : "ms"}`;
  return [`<text class="title" x="${NAMES}" y="22">${escaped(title)}</text>`, ...rows].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
