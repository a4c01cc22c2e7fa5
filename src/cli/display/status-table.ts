// The default status view: one line a service, columns that fit the terminal.
import { buildTree, type TreeNode } from "../../client/tree.ts";
import { type Cells, cellsOf } from "./cells.ts";
import { paintFor } from "./colors.ts";
import { nameOf } from "./names.ts";
import { drawSpans, type Span, spansWidth } from "./spans.ts";
import { type TreeLine, treeLines } from "./tree-lines.ts";
import type { RenderOptions, StatusView } from "./view.ts";
import { truncate, truncateMiddle, widthOf } from "./width.ts";

/** What the column of names leaves to the others, at least. */
const OTHERS_WIDTH = 30;
const GAP = 2;
/** A launcher's name may widen the column of names to this, and in wide terminals to half of them; then it is cut. */
const LONGEST_HEAD = 40;
/** A message column narrower than this is not worth having. */
const SHORTEST_MESSAGE = 8;
const HEADINGS = { name: "SERVICE", status: "STATUS", heartbeat: "BEAT", uptime: "UPTIME", message: "MESSAGE" };

/** What stands in one line. */
export interface TableRow {
  line: TreeLine;
  name: string;
  cells: Cells;
}

const COLUMNS = ["status", "heartbeat", "uptime"] as const;
export type TableWidths = Record<(typeof COLUMNS)[number] | "name", number>;

/** The tree of services as lines of at most `options.width` columns, without the Overall line. */
export function renderStatusTable(view: StatusView, options: RenderOptions): string[] {
  const paint = paintFor(options.color);
  const rows = treeLines(buildTree(view.shown), options.unicode).map((line) => tableRow(line, options));
  const lines: string[] = [];
  if (rows.length > 0) {
    const widths = layoutTable(rows, options);
    lines.push(tableHead(widths, options), ...rows.map((row) => drawTableRow(row, widths, options)));
  }
  if (view.hidden > 0) {
    const note = `${view.hidden} more not shown (stopped, removed or old): --all shows them`;
    lines.push(...(lines.length > 0 ? [""] : []), paint("dim", truncate(note, options.width, options.unicode)));
  }
  return lines;
}

export function tableRow(line: TreeLine, options: RenderOptions): TableRow {
  return { line, name: line.branch + nameOf(line.node.id, options), cells: cellsOfNode(line.node, options) };
}

function cellsOfNode(node: TreeNode, options: RenderOptions): Cells {
  if (node.info) return cellsOf(node.info, options);
  const message: Span[] = node.id === "" ? [] : [{ text: "nothing has been heard of it", style: "dim" }];
  return { symbol: { text: node.id === "" ? " " : "?", style: "dim" }, status: [], heartbeat: [], uptime: [], message };
}

/** Column widths from the contents. */
export function layoutTable(rows: readonly TableRow[], options: RenderOptions): TableWidths {
  const column = (key: (typeof COLUMNS)[number]) => {
    const widest = rows.reduce((width, row) => Math.max(width, spansWidth(row.cells[key])), 0);
    return widest === 0 ? 0 : Math.max(widest, HEADINGS[key].length);
  };
  const longestHead = options.fullIds ? options.width : Math.max(LONGEST_HEAD, Math.floor(options.width / 2));
  const nameWidth = (row: TableRow) => {
    if (!isHead(row)) return widthOf(row.name);
    // A head without columns of its own has the whole line.
    return row.line.node.id === "" ? 0 : Math.min(widthOf(row.name), longestHead);
  };
  const name = rows.reduce((widest, row) => Math.max(widest, nameWidth(row)), HEADINGS.name.length);
  const widths: TableWidths = {
    name: Math.min(name, Math.max(HEADINGS.name.length, options.width - OTHERS_WIDTH)),
    status: column("status"),
    heartbeat: column("heartbeat"),
    uptime: column("uptime"),
  };
  // Too narrow for a message: rather that than the uptime, then rather that than the heartbeat.
  for (const key of ["uptime", "heartbeat"] as const) {
    if (messageStart(widths) + SHORTEST_MESSAGE > options.width) widths[key] = 0;
  }
  return widths;
}

/** A launcher or another root with something under it. */
function isHead({ line }: TableRow): boolean {
  return line.depth === 0 && line.node.children.length > 0;
}

function messageStart(widths: TableWidths): number {
  return COLUMNS.reduce((at, key) => at + (widths[key] > 0 ? widths[key] + GAP : 0), 2 + widths.name + GAP);
}

/** The line of headings. */
export function tableHead(widths: TableWidths, options: RenderOptions): string {
  const columns = COLUMNS.filter((key) => widths[key] > 0).map((key) => HEADINGS[key].padEnd(widths[key] + GAP));
  const line = `  ${HEADINGS.name.padEnd(widths.name + GAP)}${columns.join("")}${HEADINGS.message}`;
  return paintFor(options.color)("dim", truncate(line, options.width, options.unicode).trimEnd());
}

export function drawTableRow(row: TableRow, widths: TableWidths, options: RenderOptions): string {
  const { line, name, cells } = row;
  const head = isHead(row);
  const mayRunOver = line.node.id === "" || (head && options.fullIds === true);
  const shortName = truncateMiddle(name, mayRunOver ? options.width - 2 : widths.name, options.unicode);
  const branch = shortName.startsWith(line.branch) ? line.branch : "";
  const spans: Span[] = [
    cells.symbol,
    { text: " " },
    { text: branch, style: "dim" },
    head ? { text: shortName.slice(branch.length), style: "bold" } : { text: shortName.slice(branch.length) },
  ];
  let at = 2 + widthOf(shortName);
  let place = 2 + widths.name + GAP;
  const add = (cell: readonly Span[], width: number) => {
    if (cell.length > 0 && spansWidth(cell) > 0) {
      const start = Math.max(place, at + GAP);
      spans.push({ text: " ".repeat(start - at) }, ...cell);
      at = start + spansWidth(cell);
    }
    place += width + GAP;
  };
  for (const key of COLUMNS) if (widths[key] > 0) add(cells[key], widths[key]);
  add(cells.message, 0);
  return drawSpans(spans, options);
}
