// When a clock that is off becomes a doubt, and when a fault.
import { error, type Finding, ok, warning } from "./finding.ts";

/** How far a clock is ahead of the broker's, milliseconds; negative: behind. The truth lies within. */
export interface Interval {
  least: number;
  most: number;
}

/** From here on times in logs of two hosts no longer fit together, milliseconds. */
const DOUBT_MS = 1_000;
/** From here on times are not believed (src/client/facts.ts), and the states shown may be wrong. */
const FAULT_MS = 5_000;
/** A report may be this late for other reasons: an outage, a busy host. */
const LATE_MS = 10_000;

const SYNCHRONISE = "let the clocks be kept by NTP (timedatectl set-ntp true, or chrony) on both hosts";

/** What two measurements leave; the later one alone when they contradict each other: the clock was set in between. */
export function narrow(known: Interval | undefined, more: Interval): Interval {
  if (!known) return more;
  const both = { least: Math.max(known.least, more.least), most: Math.min(known.most, more.most) };
  return both.least <= both.most ? both : more;
}

/** This host's clock. */
export function judgeOwn({ least, most }: Interval): Finding {
  const offset = (least + most) / 2;
  const precision = (most - least) / 2;
  // What is certain, whatever the precision.
  const certain = Math.max(0, Math.abs(offset) - precision);
  if (certain === 0) return ok(`the broker's within ${amount(Math.max(Math.abs(least), Math.abs(most)))}`);
  const text = `${amount(Math.abs(offset))} ${direction(offset)} the broker's (±${amount(precision)})`;
  if (certain >= FAULT_MS) return error(`${text}: ages and states are shown wrongly`, SYNCHRONISE);
  return certain >= DOUBT_MS ? warning(text, SYNCHRONISE) : ok(text);
}

/**
 * The clocks of hosts, by how far the stamps of their heartbeats are ahead of the moment the broker stored them. A beat
 * may be late, never early: the largest of a host tells most.
 */
export function judgeHosts(beats: Iterable<{ host: string; aheadMs: number }>): Finding[] {
  const ahead = new Map<string, number>();
  for (const { host, aheadMs } of beats)
    ahead.set(host, Math.max(aheadMs, ahead.get(host) ?? Number.NEGATIVE_INFINITY));
  return [...ahead].sort().flatMap(([host, offset]) => {
    const text = `host ${host}: its clock is ${amount(Math.abs(offset))} ${direction(offset)} the broker's`;
    if (offset >= FAULT_MS || offset <= -LATE_MS) return [error(`${text}: its times are not believed`, SYNCHRONISE)];
    return offset >= DOUBT_MS || offset <= -FAULT_MS ? [warning(text, SYNCHRONISE)] : [];
  });
}

function direction(offset: number): string {
  return offset > 0 ? "ahead of" : "behind";
}

function amount(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  return ms < 600_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 3_600_000).toFixed(1)} h`;
}
