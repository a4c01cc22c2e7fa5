// Who has stopped a service, and since when.
import { formatDuration } from "../../client/duration.ts";
import type { HeldBy } from "../../client/service-info.ts";
import { timeAndAge } from "./age.ts";

/** `stopped by ann@vm 2 h 5 m ago ("lens cleaning")` */
export function describeHeld({ by, at, reason }: HeldBy, now: number): string {
  return words(by, at === undefined ? "" : ` ${formatDuration((now - at) / 1000)} ago`, reason);
}

/** `stopped by ann@vm at 2026-11-20 22:03:06 UTC (2 h 5 m ago) ("lens cleaning")` */
export function describeHeldAt({ by, at, reason }: HeldBy, now: number): string {
  return words(by, at === undefined ? "" : ` at ${timeAndAge(at, now)}`, reason);
}

function words(by: string, when: string, reason: string | undefined): string {
  return `stopped by ${by}${when}${reason === undefined ? "" : ` ("${reason}")`}`;
}
