// The words of one service's row: what stands in each column, before layout.
import { formatDuration } from "../../client/duration.ts";
import type { ServiceInfo, TimetableInfo } from "../../client/service-info.ts";
import { shortAge } from "./age.ts";
import { describeHeld } from "./held.ts";
import type { Span } from "./spans.ts";
import { HEALTH_SYMBOLS, HEART, HEARTBEAT_STYLES, RESTART_SYMBOLS, restartCounter } from "./symbols.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

export interface Cells {
  symbol: Span;
  status: Span[];
  heartbeat: Span[];
  uptime: Span[];
  message: Span[];
}

export function cellsOf(info: ServiceInfo, options: RenderOptions): Cells {
  const symbol = HEALTH_SYMBOLS[info.health];
  return {
    symbol: { text: options.unicode ? symbol.unicode : symbol.ascii, style: info.removed ? "dim" : symbol.style },
    status: statusSpans(info, options),
    heartbeat: heartbeatSpans(info, options),
    uptime: info.uptimeSeconds === undefined ? [] : [{ text: formatDuration(info.uptimeSeconds) }],
    message: [
      { text: clean(describe(info, options.now), options.unicode), ...(isQuiet(info) ? { style: "dim" } : {}) },
    ],
  };
}

export function statusSpans(info: ServiceInfo, options: Pick<RenderOptions, "unicode">): Span[] {
  if (info.removed) return [{ text: "removed", style: "dim" }];
  const status = info.status === "shutdown" ? "stopped" : info.status;
  const spans: Span[] = [{ text: status, style: HEALTH_SYMBOLS[info.health].style }];
  if (info.restartState) {
    const symbol = RESTART_SYMBOLS[info.restartState];
    const counter = restartCounter(info, options.unicode);
    spans.push({ text: ` ${options.unicode ? symbol.unicode : symbol.ascii}`, style: symbol.style });
    if (counter) spans.push({ text: ` ${counter}` });
  }
  return spans;
}

function heartbeatSpans(info: ServiceInfo, options: RenderOptions): Span[] {
  const { heartbeatAgeSeconds: age, heartbeatState: state } = info;
  if (age === undefined || info.health === "stopped") return [];
  const heart = options.unicode ? HEART.unicode : HEART.ascii;
  return [{ text: heart, style: HEARTBEAT_STYLES[state] }, { text: ` ${shortAge(age)}` }];
}

/** The last column: why it is not well, else its own words, else how it stopped. */
function describe(info: ServiceInfo, now: number): string {
  if (info.removed) return describeRemoved(info, now);
  if (info.reason !== undefined) return info.reason;
  if (info.health !== "stopped") return info.message ?? "";
  if (info.heldBy) return describeHeld(info.heldBy, now);
  if (info.timetable) return describeTimetable(info.timetable, now);
  const ago = info.stopTime === undefined ? "" : ` ${formatDuration((now - info.stopTime) / 1000)} ago`;
  return `${describeStop(info.stopReason)}${ago}`;
}

function describeRemoved({ kind, removal }: ServiceInfo, now: number): string {
  if (kind === "launcher") return "replaced by another launcher";
  if (!removal) return "no longer in its launcher's configuration";
  return `taken out of its launcher's configuration by ${removal.by} ${formatDuration((now - removal.at) / 1000)} ago`;
}

/** `runs in 4 m, ran 26 s ago (every 5 m)` */
function describeTimetable({ schedule, nextRun, lastRun }: TimetableInfo, now: number): string {
  const next = nextRun === undefined ? [] : [`runs in ${formatDuration(Math.max(0, nextRun - now) / 1000)}`];
  const last = lastRun === undefined ? [] : [`ran ${formatDuration(Math.max(0, now - lastRun) / 1000)} ago`];
  return `${[...next, ...last].join(", ")} (${schedule})`.trim();
}

function describeStop(reason: string | undefined): string {
  if (reason === undefined || reason === "terminated") return "stopped";
  return reason === "force_killed" ? "stopped by force" : reason.replaceAll("_", " ");
}

function isQuiet(info: ServiceInfo): boolean {
  return info.removed || info.health === "ok" || info.health === "stopped" || info.health === "starting";
}
