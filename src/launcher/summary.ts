// What a launcher says of itself: how many of its services run, the worst of them, and which are not well.
import { countOf } from "../common/plural.ts";
import { aggregateStatus, isHealthy, Status } from "../monitoring/index.ts";
import type { ServiceRunner } from "./service-runner.ts";

/** What a service may be without being named in its launcher's message. */
const WELL: ReadonlySet<Status> = new Set([Status.OK, Status.IDLE, Status.BUSY]);

/** The launcher's status is the worst of its services', and its message says how many run and which are not well. */
export function summarise(runners: readonly ServiceRunner[]): { status: Status; message: string } {
  const ours = runners.filter(({ elsewhere }) => !elsewhere);
  const expected = ours.filter((runner) => !isDone(runner));
  // What pulls the launcher down, the broken before the merely doubtful.
  const troubled = expected
    .filter((runner) => !WELL.has(runner.status.status))
    .sort((a, b) => Number(isHealthy(a.status.status)) - Number(isHealthy(b.status.status)));
  const worst = aggregateStatus([Status.OK, ...expected.map((runner) => runner.status.status)]);
  const names = troubled.slice(0, 3).map((runner) => `${runner.id} ${runner.status.status}`);
  const more = troubled.length > 3 ? ` and ${troubled.length - 3} more` : "";
  const counts = describeCounts(runners);
  return {
    // idle and busy say what a service does, not how its launcher is.
    status: worst === Status.IDLE || worst === Status.BUSY ? Status.OK : worst,
    message: troubled.length === 0 ? counts : `${counts}; ${names.join(", ")}${more}`,
  };
}

/** What a launcher says when it has started all it was to start. @param once periodic services count as any other */
export function startedWords(runners: readonly ServiceRunner[], once: boolean, durationMs: number): string {
  const ours = runners.filter(({ elsewhere }) => !elsewhere);
  const running = ours.filter(({ state }) => state === "running").length;
  const scheduled = once ? 0 : ours.filter(({ row, state }) => row.timetable && state !== "running").length;
  const more = scheduled > 0 ? `, ${scheduled} on schedule` : "";
  const others = runners.length > ours.length ? `, ${runners.length - ours.length} not ours` : "";
  const seconds = (durationMs / 1000).toFixed(2);
  return `${running} of ${countOf(ours.length - scheduled, "service")} running${more}${others} after ${seconds} s; "tcs status" shows them`;
}

/** As `3 of 5 services running, 1 on schedule, 2 on standby`. */
function describeCounts(runners: readonly ServiceRunner[]): string {
  const count = (isMeant: (runner: ServiceRunner) => boolean) => runners.filter(isMeant).length;
  const resting = count((runner) => !runner.elsewhere && runner.row.timetable !== undefined && isDone(runner));
  const standby = count(({ elsewhere }) => elsewhere?.waits === true);
  const elsewhere = count(({ elsewhere }) => elsewhere?.waits === false);
  const running = count(({ state }) => state === "running");
  const others = [
    { number: resting, where: "on schedule" },
    { number: standby, where: "on standby" },
    { number: elsewhere, where: "elsewhere" },
  ].flatMap(({ number, where }) => (number === 0 ? [] : [`${number} ${where}`]));
  const all = countOf(runners.length - resting - standby - elsewhere, "service");
  return [`${running} of ${all} running`, ...others].join(", ");
}

function isDone(runner: ServiceRunner): boolean {
  return runner.state === "idle" || (runner.state === "ended" && runner.status.status === Status.SHUTDOWN);
}
