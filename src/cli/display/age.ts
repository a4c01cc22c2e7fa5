// Ages and times as they are shown.
import { formatDuration } from "../../client/duration.ts";

/** One unit only, for narrow columns: `3 s`, `4 m`, `2 h`, `5 d`. */
export function shortAge(seconds: number): string {
  const [amount = "0", unit = "s"] = formatDuration(seconds).split(" ");
  return `${amount} ${unit}`;
}

/** `2026-11-20 22:03:06`, in UTC. @param time that a date can have, milliseconds since the epoch */
export function utc(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** `2026-11-20 22:03:06 UTC (4 m 10 s ago)`; a time to come is shown without its age. */
export function timeAndAge(time: number, now: number): string {
  // Beyond what a date can hold: a number is all there is to show.
  if (Number.isNaN(new Date(time).getTime())) return String(time);
  const text = `${utc(time)} UTC`;
  return time > now ? text : `${text} (${formatDuration((now - time) / 1000)} ago)`;
}
