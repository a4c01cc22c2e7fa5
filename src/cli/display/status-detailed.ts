// The detailed status view: everything known of each service, a block each.

import { formatDuration } from "../../client/duration.ts";
import { describeExit, HEALTH_OF } from "../../client/health.ts";
import type { ChildInfo, ServiceInfo } from "../../client/service-info.ts";
import { buildTree } from "../../client/tree.ts";
import { timeAndAge } from "./age.ts";
import { statusSpans } from "./cells.ts";
import { describeHeldAt } from "./held.ts";
import { nameOf } from "./names.ts";
import { drawSpans, type Span } from "./spans.ts";
import { HEALTH_SYMBOLS, restartCounter } from "./symbols.ts";
import { type TreeLine, treeLines } from "./tree-lines.ts";
import type { RenderOptions, StatusView } from "./view.ts";
import { clean, wrap } from "./width.ts";

const LABEL_WIDTH = 11;
const SHORTEST_VALUE = 10;
const MOST_CHILDREN = 100;
const DEEPEST_INDENT = 6;

/** Blocks of lines, parents before their children, separated by empty lines; without the Overall line. */
export function renderStatusDetailed(view: StatusView, options: RenderOptions): string[] {
  const blocks = treeLines(buildTree(view.shown), options.unicode).map((line) => block(line, options));
  return blocks.flatMap((lines, i) => (i === 0 ? lines : [[], ...lines])).map((spans) => drawSpans(spans, options));
}

function block({ node, depth }: TreeLine, options: RenderOptions): Span[][] {
  const indent = "  ".repeat(Math.min(depth, DEEPEST_INDENT));
  const name: Span = { text: nameOf(node.id, { ...options, fullIds: true }), style: "bold" };
  const { info } = node;
  if (!info) return [[{ text: indent }, { text: "? ", style: "dim" }, name]];
  const { unicode, ascii, style } = HEALTH_SYMBOLS[info.health];
  const symbol: Span = { text: options.unicode ? unicode : ascii, style };
  const lines: Span[][] = [
    [{ text: indent }, symbol, { text: " " }, name, { text: "  " }, ...statusSpans(info, options)],
  ];
  const room = Math.max(SHORTEST_VALUE, options.width - indent.length - 2 - LABEL_WIDTH);
  for (const [label, value] of facts(info, options)) {
    for (const [i, text] of wrap(clean(value, options.unicode), room).entries()) {
      const title = (i === 0 ? `${label}:` : "").padEnd(LABEL_WIDTH);
      lines.push([{ text: `${indent}  ` }, { text: title, style: "dim" }, { text }]);
    }
  }
  for (const text of childLines(info.children, options)) lines.push([{ text: `${indent}    ${text}` }]);
  return lines;
}

function facts(info: ServiceInfo, { now, unicode }: RenderOptions): [label: string, value: string][] {
  const rows: [string, string | undefined][] = [
    ["Trouble", info.reason],
    ["Message", info.message === info.reason ? undefined : info.message],
    ["Said", info.reportedStatus === info.status ? undefined : info.reportedStatus],
    ["Host", info.host],
    ["PID", info.pid?.toString()],
    ["Runner", info.runnerId],
    ["Parent", info.parent],
    ["Run by", info.kind === "launcher" ? undefined : info.ephemeral ? "hand (not in any configuration)" : undefined],
    ["Declared", at(info.declaredTime, now)],
    ["Started", at(info.startTime, now)],
    ["Ready", at(info.readyTime, now)],
    ["Schedule", info.timetable?.schedule],
    ["Last run", at(info.timetable?.lastRun, now)],
    ["Next run", at(info.timetable?.nextRun, now)],
    ["Target", info.heldBy && describeHeldAt(info.heldBy, now)],
    ["Removed", info.removal && at(info.removal.at, now, `by ${info.removal.by}`)],
    ["Stopped", at(info.stopTime, now, info.stopReason?.replaceAll("_", " "))],
    ["Status at", at(info.statusTime, now)],
    ["Heartbeat", at(info.heartbeatTime, now, info.heartbeatState === "none" ? undefined : info.heartbeatState)],
    ["Uptime", info.uptimeSeconds === undefined ? undefined : formatDuration(info.uptimeSeconds)],
    [
      "Crashed",
      at(info.crashTime, now, info.crashExitCode === undefined ? undefined : describeExit(info.crashExitCode)),
    ],
    ["Restarts", restarts(info, unicode)],
    ["Metrics", metrics(info)],
    ["Parts", info.children.length > 0 ? String(info.children.length) : undefined],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function at(time: number | undefined, now: number, note?: string): string | undefined {
  if (time === undefined) return undefined;
  return note ? `${timeAndAge(time, now)}, ${note}` : timeAndAge(time, now);
}

function restarts(info: ServiceInfo, unicode: boolean): string | undefined {
  if (info.restartPolicy === undefined && info.restartState === undefined) return undefined;
  const counter = restartCounter(info, unicode);
  return [info.restartPolicy && `policy ${info.restartPolicy}`, [info.restartState, counter].filter(Boolean).join(" ")]
    .filter(Boolean)
    .join(", ");
}

function metrics(info: ServiceInfo): string | undefined {
  const pairs = Object.entries(info.metrics).map(([key, value]) => {
    return `${key}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`;
  });
  return pairs.length > 0 ? pairs.join(" ") : undefined;
}

/** The parts of a service, recursive, cut at a hundred. */
function childLines(children: readonly ChildInfo[], options: RenderOptions, indent = ""): string[] {
  const lines = children.slice(0, MOST_CHILDREN).flatMap((child) => {
    const symbol = HEALTH_SYMBOLS[HEALTH_OF[child.status]];
    const glyph = options.unicode ? symbol.unicode : symbol.ascii;
    const message = child.message === undefined ? "" : `: ${child.message}`;
    const line = `${indent}${glyph} ${clean(`${child.name} ${child.status}${message}`, options.unicode)}`;
    return [line, ...childLines(child.children, options, `${indent}  `)];
  });
  const more = children.length - MOST_CHILDREN;
  return more > 0 ? [...lines, `${indent}and ${more} more`] : lines;
}
