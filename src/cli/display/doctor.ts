// What the doctor found: the verdict first, then a line for each check, and what to do under what is not well.

import type { JsonObject } from "../../common/json.ts";
import { countOf } from "../../common/plural.ts";
import { VERSION } from "../../common/version.ts";
import type { NatsSettings } from "../../config/types.ts";
import type { CheckReport, Diagnosis, Finding, Level } from "../../doctor/index.ts";
import { type Paint, paintFor } from "./colors.ts";
import { HEALTH_SYMBOLS } from "./symbols.ts";
import type { RenderOptions } from "./view.ts";
import { clean, padEnd, widthOf, wrap } from "./width.ts";

const SIGNS = {
  ok: HEALTH_SYMBOLS.ok,
  warning: HEALTH_SYMBOLS.warning,
  error: HEALTH_SYMBOLS.failed,
} as const satisfies Record<Level, unknown>;

const SKIPPED = {
  broker: "not checked without a broker",
  jetstream: "not checked without JetStream",
} as const satisfies Record<NonNullable<CheckReport["skipped"]>, string>;

interface DoctorOptions extends RenderOptions {
  /** Also how long each check took. */
  verbose: boolean;
}

/** @param settings where the broker should be; undefined when nobody can tell */
export function renderDoctor(
  diagnosis: Diagnosis,
  settings: NatsSettings | undefined,
  options: DoctorOptions,
): string[] {
  const { reports } = diagnosis;
  const lines = headline(diagnosis, settings, options);
  const nameWidth = Math.max(...reports.map(({ name }) => name.length));
  for (const [group, members] of Map.groupBy(reports, (report) => report.group)) {
    lines.push("", paintFor(options.color)("bold", group));
    const made = members.filter(({ skipped }) => !skipped);
    lines.push(
      ...made.flatMap((report) => renderReport(report, nameWidth, options)),
      ...renderSkipped(members, options),
    );
  }
  return lines;
}

function headline({ level, reports }: Diagnosis, settings: NatsSettings | undefined, options: DoctorOptions): string[] {
  const paint = paintFor(options.color);
  const title = `${glyph(level, options)} ${verdict(reports)}`;
  const broker = settings ? `, broker ${settings.servers.join(", ")}` : "";
  const rest = `${countOf(reports.filter(({ skipped }) => !skipped).length, "check")}${broker}`;
  return [`${paint(SIGNS[level].style, paint("bold", title))}   ${rest}`];
}

/** `All is well`; `2 errors, 1 warning`. */
function verdict(reports: readonly CheckReport[]): string {
  const count = (level: Level) => reports.flatMap(({ findings }) => findings).filter((f) => f.level === level).length;
  const errors = count("error");
  const warnings = count("warning");
  const parts = [errors > 0 ? countOf(errors, "error") : "", warnings > 0 ? countOf(warnings, "warning") : ""];
  return parts.filter((part) => part !== "").join(", ") || "All is well";
}

function renderReport(report: CheckReport, nameWidth: number, options: DoctorOptions): string[] {
  const paint = paintFor(options.color);
  const { findings, name } = report;
  const took = options.verbose ? ` (${report.milliseconds.toFixed(1)} ms)` : "";
  return findings.flatMap((finding, i) => {
    const shown = padEnd(i === 0 ? name : "", nameWidth);
    return renderFinding(finding, shown, i === 0 ? took : "", paint, options);
  });
}

/** All of a group in one line: they are not what is to be looked at. */
function renderSkipped(reports: readonly CheckReport[], options: DoctorOptions): string[] {
  const paint = paintFor(options.color);
  const { unicode, ascii, style } = HEALTH_SYMBOLS.stopped;
  return (["broker", "jetstream"] as const).flatMap((need) => {
    const names = reports.filter(({ skipped }) => skipped === need).map(({ name }) => name);
    if (names.length === 0) return [];
    const [first = "", ...more] = wrap(`${SKIPPED[need]}: ${names.join(", ")}`, Math.max(20, options.width - 4));
    return [`  ${options.unicode ? unicode : ascii} ${first}`, ...more.map((line) => `    ${line}`)].map((line) =>
      paint(style, line),
    );
  });
}

function renderFinding(finding: Finding, name: string, took: string, paint: Paint, options: DoctorOptions): string[] {
  const { level } = finding;
  const arrow = options.unicode ? "→ " : "-> ";
  const indent = " ".repeat(4 + widthOf(name) + 2);
  const room = Math.max(20, options.width - indent.length);
  const [first = "", ...more] = wrap(clean(finding.text, options.unicode) + took, room);
  const advice = finding.level === "ok" ? [] : wrap(clean(finding.advice, options.unicode), room - arrow.length);
  return [
    `  ${paint(SIGNS[level].style, glyph(level, options))} ${name}  ${first}`,
    ...more.map((line) => indent + line),
    ...advice.map((line, i) => paint("bold", `${indent}${i === 0 ? arrow : "  "}${line}`)),
  ];
}

function glyph(level: Level, { unicode }: DoctorOptions): string {
  return unicode ? SIGNS[level].unicode : SIGNS[level].ascii;
}

/** `tcs doctor --json`, version 1. Fields may be added; none is renamed, retyped or removed. */
export function doctorJson(diagnosis: Diagnosis, settings: NatsSettings | undefined, now: number): JsonObject {
  return {
    version: 1,
    time: new Date(now).toISOString(),
    level: diagnosis.level,
    tcs_version: VERSION,
    broker: {
      reachable: diagnosis.reachable,
      ...(settings
        ? { servers: settings.servers, origin: settings.origin, subject_prefix: settings.subjectPrefix }
        : {}),
    },
    checks: diagnosis.reports.map(({ name, group, findings, milliseconds, skipped }) => ({
      name,
      group,
      milliseconds: Math.round(milliseconds * 10) / 10,
      ...(skipped ? { skipped } : {}),
      findings: findings.map((finding): JsonObject => ({ ...finding })),
    })),
  };
}
