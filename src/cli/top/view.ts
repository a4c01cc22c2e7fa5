// The screen of `tcs top` as lines, for a given state. Pure.
import { countOf } from "../../common/plural.ts";
import { grey, paintFor } from "../display/colors.ts";
import { nameOf } from "../display/names.ts";
import { renderOverall } from "../display/overall.ts";
import { renderSight } from "../display/sight.ts";
import { drawSpans, type Span } from "../display/spans.ts";
import { drawTableRow, layoutTable, type TableRow, tableHead, tableRow } from "../display/status-table.ts";
import type { RenderOptions } from "../display/view.ts";
import { clean, padEnd, truncate, widthOf, wrap } from "../display/width.ts";
import { heightsOf } from "./layout.ts";
import { type List, type ListRow, listOf } from "./rows.ts";
import type { Pane, TopState } from "./state.ts";

/** Room for a mark at the selected row, where there is room. */
const MARKS = { unicode: "▸ ", ascii: "> " };
const NARROW = 20;
const MOST_MEASURED = 300;

/** Exactly as many lines as the screen has, none wider. */
export function render(state: TopState, color: boolean): string[] {
  const { columns, rows } = state.size;
  const options: RenderOptions = { width: columns, color, unicode: state.unicode, now: state.now };
  const heights = heightsOf(state);
  const list = listOf(state);
  const body = state.pane
    ? paneLines(state.pane, heights.body, options)
    : listLines(state, list, heights.body, options);
  const known = [
    ...headLines(state, list, options).slice(0, heights.head),
    ...(heights.title > 0 ? [state.pane ? paneTitle(state.pane, options) : body.title] : []),
    ...filled(body.lines, heights.body),
  ];
  const isOld = state.sight.state === "away" || state.sight.state === "connecting";
  const sight = renderSight(state.sight, state.broker, options);
  // The line that says how old all is stands last of the head, in its own colour.
  const shown = isOld ? known.map((line) => grey(line, color)) : known;
  if (sight !== undefined && heights.head > 0) shown[heights.head - 1] = sight;
  return filled([...shown, ...(heights.foot > 0 ? [footLine(state, list, options)] : [])], rows);
}

function headLines(state: TopState, { view }: List, options: RenderOptions): string[] {
  if (state.services.length === 0) {
    const title = truncate(
      `tcs top: ${state.sight.state === "live" ? "nothing has ever reported here" : "no fleet seen yet"}`,
      options.width,
      options.unicode,
    );
    return [
      title,
      paintFor(options.color)("dim", truncate(`  broker ${state.broker}`, options.width, options.unicode)),
    ];
  }
  const lines = renderOverall(view, state.broker, options);
  return lines.length > 1 ? lines : [...lines, ""];
}

interface Body {
  title: string;
  lines: string[];
}

function listLines(state: TopState, { rows }: List, height: number, options: RenderOptions): Body {
  const margin = options.width < NARROW ? "" : "  ";
  const inner = { ...options, width: options.width - margin.length };
  const shown = rows.slice(state.first, state.first + height);
  const cells = shown.map((row) => namedRow(row, inner));
  // Of all, so that columns stay where they are; of so many that this would take long, of those in sight.
  const widths = layoutTable(rows.length > MOST_MEASURED ? cells : rows.map((row) => namedRow(row, inner)), inner);
  const lines = cells.map((row) => {
    const line = drawTableRow(row, widths, inner);
    return row.line.node.id === state.selected?.id ? marked(line, margin, options) : margin + line;
  });
  const empty =
    state.filter === "" ? "nothing is running: a shows what is stopped" : `no id contains "${state.filter}"`;
  if (rows.length === 0 && state.services.length > 0)
    lines.push(truncate(`  ${empty}`, options.width, options.unicode));
  return { title: margin + tableHead(widths, inner), lines };
}

function namedRow({ line, hidden }: ListRow, options: RenderOptions): TableRow {
  const row = tableRow(line, options);
  return hidden === 0 ? row : { ...row, name: `${row.name} [+${hidden}]` };
}

/** Told apart without colours too. */
function marked(line: string, margin: string, { width, color, unicode }: RenderOptions): string {
  const mark = margin === "" ? "" : unicode ? MARKS.unicode : MARKS.ascii;
  if (!color) return mark + line;
  const rest = width - mark.length - widthOf(Bun.stripANSI(line));
  return `\u001b[7m${mark}${line}${" ".repeat(Math.max(0, rest))}\u001b[27m`;
}

function paneTitle({ kind, id, scroll }: Pane, options: RenderOptions): string {
  const name = nameOf(id, options);
  const back = scroll > 0 ? `, ${countOf(scroll, "line")} back` : ", live";
  const title = { log: `Log of ${name}${back}`, why: `Why ${name} is in its state`, help: "Help" }[kind];
  return drawSpans([{ text: clean(title, options.unicode), style: "bold" }], options);
}

function paneLines({ kind, lines, scroll }: Pane, height: number, options: RenderOptions): Body {
  const drawn = (span: Span) => wrap(span.text, options.width).map((text) => drawSpans([{ ...span, text }], options));
  const shown: string[] = [];
  let next = scroll;
  if (kind === "log") {
    // Upward from the last line that is wanted; if there are too few, also what follows.
    next = Math.max(0, lines.length - scroll);
    for (let at = next - 1; at >= 0 && shown.length < height; at--) shown.unshift(...drawn(lines[at] ?? { text: "" }));
    shown.splice(0, shown.length - height);
  }
  for (; next < lines.length && shown.length < height; next++) shown.push(...drawn(lines[next] ?? { text: "" }));
  return { title: "", lines: shown.slice(0, height) };
}

function footLine(state: TopState, { rows }: List, options: RenderOptions): string {
  const { mode, pane, notice, filter } = state;
  const say = (text: string, style?: Span["style"]) =>
    drawSpans([{ text: clean(text, options.unicode), ...(style ? { style } : {}) }], options);
  if (mode.kind === "confirm") return say(`${mode.verb} ${mode.id}?  y: yes, any other key: no`, "yellow");
  if (mode.kind === "filter")
    return say(
      `/${filter}${options.unicode ? "▏" : "_"}  ${countOf(rows.length, "row")}; Enter keeps it, Esc takes it back`,
    );
  if (notice) return say(notice.text, notice.style);
  if (pane) return say(`Esc back  up, down scroll${pane.kind === "log" ? "  G to the end" : ""}  ? help`, "dim");
  return padded(
    "? help  q quit  / filter  l log  w why  r restart  s stop  S start  o order",
    place(state, rows.length),
    options,
  );
}

function padded(left: string, right: string, options: RenderOptions): string {
  const room = options.width - widthOf(right) - 1;
  const text =
    room < 12
      ? truncate(left, options.width, options.unicode)
      : `${padEnd(truncate(left, room, options.unicode), room)} ${right}`;
  return paintFor(options.color)("dim", text.trimEnd());
}

/** `by status  12-30 of 45` */
function place(state: TopState, count: number): string {
  const { filter, sort, all, first } = state;
  const height = heightsOf(state).body;
  const words = [
    ...(filter === "" ? [] : [`/${filter}`]),
    ...(all ? ["all"] : []),
    ...(sort === "tree" ? [] : [`by ${sort}`]),
    ...(count > height ? [`${first + 1}-${Math.min(count, first + height)} of ${count}`] : []),
  ];
  return words.join("  ");
}

function filled(lines: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => lines[i] ?? "");
}
