// The story of the fleet, for people, programs and the night log.
import type { Night, ServiceTally, Site, TimelineEntry } from "../../client/timeline/index.ts";
import type { JsonObject } from "../../common/json.ts";
import { utc } from "./age.ts";
import { nameOf } from "./names.ts";
import { drawSpans, type Span } from "./spans.ts";
import type { RenderOptions } from "./view.ts";
import { clean, padEnd, widthOf } from "./width.ts";

const STYLES = { info: undefined, warning: "yellow", error: "red" } as const;
const WIDEST_NAME = 40;

/** One line for each, names in a column of their own; cut to the terminal's width. @param column keeps its width over several calls */
export function renderEntries(
  entries: readonly TimelineEntry[],
  options: RenderOptions,
  column: { width: number } = { width: 0 },
): string[] {
  const names = entries.map(({ serviceId }) => nameOf(serviceId, options));
  column.width = names.reduce((width, name) => Math.max(width, Math.min(WIDEST_NAME, widthOf(name))), column.width);
  return entries.map((entry, i) => renderEntry(entry, padEnd(names[i] ?? "", column.width), options));
}

function renderEntry({ time, severity, text }: TimelineEntry, name: string, options: RenderOptions): string {
  const style = STYLES[severity];
  const spans: Span[] = [
    { text: `${utc(time)}  `, style: "dim" },
    { text: `${name}  ` },
    { text: clean(text, options.unicode), ...(style === undefined ? {} : { style }) },
  ];
  return drawSpans(spans, options);
}

/** Version 1: fields may be added. */
export function entryJson(entry: TimelineEntry): JsonObject {
  return {
    time: new Date(entry.time).toISOString(),
    service_id: entry.serviceId,
    kind: entry.kind,
    severity: entry.severity,
    text: entry.text,
    by: entry.by,
    reason: entry.reason,
    status: entry.status,
    previous_status: entry.previous,
    exit_code: entry.exitCode,
    launcher: entry.launcher,
    hostname: entry.host,
    pid: entry.pid,
  };
}

/** A night, as it is told. */
export interface NightReport {
  night: Night;
  site: Site;
  entries: readonly TimelineEntry[];
  tallies: readonly ServiceTally[];
}

/** `Night of 2026-11-20 at OCA: 2026-11-20 16:00 to 2026-11-21 16:00 UTC`. */
function describeNight({ night, site }: NightReport): string {
  const at = site.name === undefined ? "" : ` at ${site.name}`;
  return `Night of ${night.date}${at}: ${minute(night.from)} to ${minute(night.to)} UTC`;
}

export function renderNight(report: NightReport, options: RenderOptions): string[] {
  const { entries, tallies } = report;
  const bold: Span = { text: describeNight(report), style: "bold" };
  const lines = [drawSpans([bold], options), ""];
  if (entries.length === 0) return [...lines, "nothing happened"];
  const troubled = tallies.filter(isRemarkable);
  for (const one of troubled) {
    lines.push(
      drawSpans([{ text: `${nameOf(one.serviceId, options)}: ` }, { text: words(one), style: "yellow" }], options),
    );
  }
  if (troubled.length === 0) lines.push("no crash, no restart, no fault, no order");
  return [...lines, "", ...renderEntries(entries, options)];
}

/** For the night log: headings and tables that any Markdown shows. */
export function nightMarkdown(report: NightReport): string[] {
  const { entries, tallies, night, site } = report;
  const cell = (text: string) => clean(text, true).replaceAll("|", "\\|");
  const troubled = tallies.filter(isRemarkable);
  const lines = [
    `# Night of ${night.date}${site.name === undefined ? "" : `, ${cell(site.name)}`}`,
    "",
    `${minute(night.from)} to ${minute(night.to)} UTC`,
    "",
  ];
  if (troubled.length > 0) {
    lines.push("| Service | Crashes | Restarts | Given up | Faults | Orders |", "|---|---|---|---|---|---|");
    for (const { serviceId, crashes, restarts, failures, troubles, orders } of troubled) {
      lines.push(`| ${cell(serviceId)} | ${crashes} | ${restarts} | ${failures} | ${troubles} | ${orders} |`);
    }
    lines.push("");
  }
  if (entries.length === 0) return [...lines, "Nothing happened."];
  lines.push("| UTC | Service | What |", "|---|---|---|");
  for (const { time, serviceId, severity, text } of entries) {
    const what = severity === "error" ? `**${cell(text)}**` : cell(text);
    lines.push(`| ${utc(time)} | ${cell(serviceId)} | ${what} |`);
  }
  return lines;
}

export function nightJson({ night, site, entries, tallies }: NightReport): JsonObject {
  return {
    version: 1,
    night: night.date,
    site: { name: site.name, timezone: site.timeZone, longitude: site.longitude },
    from: new Date(night.from).toISOString(),
    to: new Date(night.to).toISOString(),
    services: tallies.map(({ serviceId, ...counts }) => ({ service_id: serviceId, ...counts })),
    events: entries.map(entryJson),
  };
}

function isRemarkable({ crashes, restarts, failures, troubles, orders }: ServiceTally): boolean {
  return crashes + restarts + failures + troubles + orders > 0;
}

function words({ crashes, restarts, failures, troubles, orders }: ServiceTally): string {
  const counts: [number, string, string][] = [
    [crashes, "crash", "crashes"],
    [restarts, "restart", "restarts"],
    [failures, "time given up", "times given up"],
    [troubles, "fault", "faults"],
    [orders, "order", "orders"],
  ];
  return counts
    .flatMap(([count, one, many]) => (count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]))
    .join(", ");
}

function minute(time: number): string {
  return utc(time).slice(0, 16);
}
