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
    .filter(({ status: { status } }) => !WELL.has(status) && status !== Status.SHUTDOWN)
    .sort((a, b) => Number(isHealthy(a.status.status)) - Number(isHealthy(b.status.status)));
  // One that is being stopped, or has not begun anew yet, does not make its launcher one that ends.
  const standing = expected.map((runner) => runner.status.status).filter((status) => status !== Status.SHUTDOWN);
  const worst = aggregateStatus([Status.OK, ...standing]);
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
  const others = runners.filter(({ elsewhere }) => elsewhere);
  const standby = others.filter(({ row }) => row.standby).length;
  const waiting = others.filter(({ row, elsewhere }) => !row.standby && elsewhere?.waits).length;
  const counts = [
    ours.length === 0 && others.length > 0
      ? "no service running yet"
      : `${running} of ${countOf(ours.length - scheduled, "service")} running`,
    ...tell(scheduled, "on schedule"),
    ...tell(standby, "on standby"),
    ...tell(waiting, "not started yet"),
    ...tell(others.length - standby - waiting, "run elsewhere"),
  ];
  return `${counts.join(", ")} after ${(durationMs / 1000).toFixed(2)} s; "tcs status" shows them`;
}

/** As `3 of 5 services running, 1 on schedule, 2 on standby`. */
function describeCounts(runners: readonly ServiceRunner[]): string {
  const count = (isMeant: (runner: ServiceRunner) => boolean) => runners.filter(isMeant).length;
  const resting = count((runner) => !runner.elsewhere && runner.row.timetable !== undefined && isDone(runner));
  const standby = count(({ elsewhere, row }) => elsewhere?.waits === true && row.standby);
  const waiting = count(({ elsewhere, row }) => elsewhere?.waits === true && !row.standby);
  const elsewhere = count(({ elsewhere }) => elsewhere?.waits === false);
  const running = count(({ state }) => state === "running");
  const others = [
    ...tell(resting, "on schedule"),
    ...tell(standby, "on standby"),
    ...tell(waiting, "not started yet"),
    ...tell(elsewhere, "elsewhere"),
  ];
  const number = runners.length - resting - standby - waiting - elsewhere;
  if (number === 0 && others.length > 0) return others.join(", ");
  return [`${running} of ${countOf(number, "service")} running`, ...others].join(", ");
}

/** `2 on standby`; nothing of none. */
function tell(number: number, what: string): string[] {
  return number === 0 ? [] : [`${number} ${what}`];
}

function isDone(runner: ServiceRunner): boolean {
  return runner.state === "idle" || (runner.state === "ended" && runner.status.status === Status.SHUTDOWN);
}
