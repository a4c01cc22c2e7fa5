// What a program may give its monitors: names and durations, checked where they come in.
import { inspectBriefly } from "../common/inspect.ts";
import { LONGEST_TIMER_MS } from "../common/longest-timer.ts";
import { dottedFault } from "../common/names.ts";
import { MonitorOptionError } from "./errors.ts";

const LONGEST_NAME = 256;
/** More often than this nobody wants to hear, milliseconds. */
const LEAST_INTERVAL_MS = 100;

/** @throws MonitorOptionError when it is no name for a part of something */
export function checkedName(name: string): string {
  if (typeof name === "string" && name !== "" && name.length <= LONGEST_NAME) return name;
  const given = typeof name === "string" && name !== "" ? `a text of ${name.length} characters` : inspectBriefly(name);
  throw new MonitorOptionError(`a monitor's name was ${given}: expected a text of 1 to ${LONGEST_NAME} characters`);
}

/** @param what as `monitor name` @throws MonitorOptionError when it cannot be a part of a NATS subject */
export function checkedSubject(what: string, text: string): string {
  const fault = typeof text === "string" ? dottedFault(text) : "it is no text";
  if (fault === undefined) return text;
  throw new MonitorOptionError(
    `${what} ${inspectBriefly(text)}: ${fault}; expected tokens of a NATS subject joined by dots, as weather or dome.motor`,
  );
}

/** Milliseconds of an option in seconds. @throws MonitorOptionError when it is no duration from 0.1 s to 24 days */
export function checkedInterval(option: string, seconds: number): number {
  const ms = typeof seconds === "number" ? seconds * 1000 : Number.NaN;
  if (ms >= LEAST_INTERVAL_MS && ms <= LONGEST_TIMER_MS) return ms;
  throw new MonitorOptionError(
    `${option} was ${inspectBriefly(seconds)}: expected seconds, from ${LEAST_INTERVAL_MS / 1000} to ${Math.floor(LONGEST_TIMER_MS / 1000)}`,
  );
}
