// Numbers on the command line.
import { UsageError } from "../common/errors.ts";

/** @throws UsageError when `text` is given and no port */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UsageError(`--port: given "${text}", expected a port number from 1 to 65535`);
  }
  return port;
}

/** @param most the largest that is taken @throws UsageError when `text` is given and no such number */
export function parseCount(text: string | undefined, option: string, most: number): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (text.trim() !== "" && Number.isInteger(count) && count >= 0 && count <= most) return count;
  throw new UsageError(`${option}: given "${text}", expected a number from 0 to ${most}`);
}

/** Eleven days and a half: a timer of 25 days and more would end at once. */
const MOST_SECONDS = 1_000_000;

/** Seconds to milliseconds. @param most the largest that is taken @throws UsageError when `text` is given and no such number */
export function parseSeconds(text: string | undefined, option: string, most = MOST_SECONDS): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() !== "" && seconds >= 0 && seconds <= most) return seconds * 1000;
  throw new UsageError(`${option}: given "${text}", expected a number of seconds from 0 to ${most}`);
}

/** The same, of how long to wait for something: 0 is not taken either. */
export function parseLimit(text: string | undefined, option: string): number | undefined {
  const limitMs = parseSeconds(text, option);
  if (limitMs === 0) throw new UsageError(`${option}: given 0, expected more`);
  return limitMs;
}
