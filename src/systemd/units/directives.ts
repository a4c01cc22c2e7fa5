// A service's policies in systemd's own words. Pure; see docs/systemd.md for what means what.
import type { RestartSettings, ServiceRow } from "../../config/types.ts";
import { type Directive, timeSpan } from "./text.ts";

/** What a stop may take over its limit, before systemd ends it by force: tcs does that itself as a rule, milliseconds. */
const STOP_SLACK_MS = 5_000;
/** The first that has RestartSteps= and RestartMaxDelaySec=. */
const RESTART_STEPS_SINCE = 254;

/** How tcs ends when it is told to by a signal (128 + its number): that is no failure. */
export const SIGNALLED: Directive = ["SuccessExitStatus", "129 130 143"];

/** What systemd takes for a clean end, and tcs for one by a signal that nobody here has sent. */
const CLEAN_SIGNALS = "SIGHUP SIGINT SIGTERM SIGPIPE";
/** Codes above 128 are a signal's to tcs, a failure to systemd. */
const ABNORMAL_CODES = Array.from({ length: 127 }, (_, nth) => nth + 129).join(" ");

/** For [Service]. @param version of systemd; undefined when it is not known: then nothing newer than 252 */
export function restartDirectives(restart: RestartSettings, version?: number): Directive[] {
  const { policy, delayMs, backoff, maxDelayMs } = restart;
  const directives: Directive[] = [
    ["Restart", policy],
    ["RestartSec", timeSpan(delayMs)],
  ];
  if (policy === "on-failure") directives.push(["RestartForceExitStatus", `${SIGNALLED[1]} ${CLEAN_SIGNALS}`]);
  if (policy === "on-abnormal") directives.push(["RestartForceExitStatus", `${ABNORMAL_CODES} ${CLEAN_SIGNALS}`]);
  if (backoff > 1 && maxDelayMs > delayMs && delayMs > 0 && (version ?? 0) >= RESTART_STEPS_SINCE) {
    const steps = Math.max(1, Math.ceil(Math.log(maxDelayMs / delayMs) / Math.log(backoff)));
    directives.push(["RestartSteps", String(steps)], ["RestartMaxDelaySec", timeSpan(maxDelayMs)]);
  }
  return directives;
}

/** For [Unit]: so many restarts in a window are one more start. */
export function startLimitDirectives({ max, windowMs }: Pick<RestartSettings, "max" | "windowMs">): Directive[] {
  if (max === 0) return [["StartLimitIntervalSec", "0"]];
  return [
    ["StartLimitIntervalSec", timeSpan(windowMs)],
    ["StartLimitBurst", String(max + 1)],
  ];
}

/** For [Service]: none when the configuration asks for none. */
export function watchdogDirectives({ watchdogMs }: Pick<ServiceRow, "watchdogMs">): Directive[] {
  return watchdogMs ? [["WatchdogSec", timeSpan(watchdogMs)]] : [];
}

/** For [Service]. @param terminateDelayMs how long a service may take to stop */
export function stopDirectives(terminateDelayMs: number): Directive[] {
  return [
    ["TimeoutStopSec", timeSpan(terminateDelayMs + STOP_SLACK_MS)],
    // To the main process alone: it stops its own in their order. What is left then is killed.
    ["KillMode", "mixed"],
  ];
}

/** For [Unit]. @param unitOf the unit of a service id; undefined for one that has none */
export function orderDirectives(
  { after }: Pick<ServiceRow, "after">,
  unitOf: (id: string) => string | undefined,
): Directive[] {
  const units = after.flatMap((id) => unitOf(id) ?? []);
  if (units.length === 0) return [];
  return [
    ["After", units.join(" ")],
    ["Wants", units.join(" ")],
  ];
}

/** How many services of a fleet stop one after the other, at most: the longest chain of `after`. */
export function stopRounds(rows: readonly Pick<ServiceRow, "id" | "after">[]): number {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const known = new Map<string, number>();
  const rounds = (id: string): number => {
    const found = known.get(id);
    if (found !== undefined) return found;
    // Circles are refused when a configuration is read; this one would end all the same.
    known.set(id, 1);
    const before = (byId.get(id)?.after ?? []).filter((other) => byId.has(other)).map(rounds);
    const own = 1 + Math.max(0, ...before);
    known.set(id, own);
    return own;
  };
  return Math.max(1, ...rows.map(({ id }) => rounds(id)));
}
