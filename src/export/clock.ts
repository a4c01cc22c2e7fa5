// Schedules as a cluster's clock understands them: cron expressions, and intervals that divide an hour or a day.
import type { Timetable } from "../config/types.ts";

/** For a CronJob; or why its launcher must keep the time. */
export type ClockAnswer = { ok: true; cron: string; timeZone: string } | { ok: false; why: string };

const MINUTE_MS = 60_000;

export function toCron({ schedule, overlap, missed }: Timetable): ClockAnswer {
  const no = (why: string): ClockAnswer => ({ ok: false, why });
  if (overlap !== "skip") return no(`overlap: ${overlap} is kept by a launcher`);
  if (missed !== "skip") return no(`missed: ${missed} is kept by a launcher`);
  if (schedule.kind === "cron") {
    const { expression, timeZone } = schedule;
    return isCommon(expression)
      ? { ok: true, cron: expression.trim().replaceAll(/\s+/g, " "), timeZone }
      : no(`a CronJob does not know "${expression}"`);
  }
  const minutes = schedule.intervalMs / MINUTE_MS;
  if (!Number.isInteger(minutes)) return no("a CronJob counts in whole minutes");
  const hours = minutes / 60;
  const timeZone = "UTC";
  if (60 % minutes === 0 && minutes < 60)
    return { ok: true, cron: minutes === 1 ? "* * * * *" : `*/${minutes} * * * *`, timeZone };
  if (Number.isInteger(hours) && 24 % hours === 0) {
    return { ok: true, cron: hours === 24 ? "0 0 * * *" : hours === 1 ? "0 * * * *" : `0 */${hours} * * *`, timeZone };
  }
  return no("a CronJob knows no interval that does not divide an hour or a day");
}

/** What all readers of cron expressions take alike: Sunday is 0, and no L, W, # or ?. */
function isCommon(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  const names = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$/i;
  return (
    fields.length === 5 &&
    fields.every(
      (field) => /^[\dA-Za-z*,/-]+$/.test(field) && (field.match(/[A-Za-z]+/g) ?? []).every((word) => names.test(word)),
    ) &&
    !/7/.test((fields[4] ?? "").replaceAll(/\/\d+/g, ""))
  );
}
