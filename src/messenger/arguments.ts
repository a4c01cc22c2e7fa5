// What a program gives to a messenger, checked where no type does: in JavaScript, and in values out of a configuration.
import { dottedFault, filterFault } from "../common/names.ts";
import { parseAddresses, withoutCredentials } from "../config/nats-url.ts";
import { MessengerOptionError, NotSentError } from "./errors.ts";

/** The longest time that a timer can have, milliseconds: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** @throws NotSentError when it is no subject to publish to */
export function checkSubject(subject: unknown): void {
  const fault = typeof subject === "string" ? dottedFault(subject) : "it is no text";
  if (fault) throw new NotSentError(`${shown(subject)} is no subject to publish to: ${fault}`);
}

/** @param what is to be done with it, as `read` @throws MessengerOptionError when it is no subject, with wildcards or without */
export function checkFilter(subject: unknown, what: string): void {
  const fault = typeof subject === "string" ? filterFault(subject) : "it is no text";
  if (fault) throw new MessengerOptionError(`${shown(subject)} is no subject to ${what}: ${fault}`);
}

/** @throws MessengerOptionError when it is no function */
export function checkCallback(subject: string, callback: unknown): void {
  if (typeof callback === "function") return;
  throw new MessengerOptionError(`${subject}: the callback is no function: ${shown(callback)}`);
}

/** @throws MessengerOptionError when it is given, and is no schema */
export function checkSchema(subject: string, schema: unknown): void {
  if (schema === undefined) return;
  const isSchema = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  if (isSchema && "~standard" in schema) return;
  throw new MessengerOptionError(`${subject}: schema is none of zod's, nor of another package with its interface`, {
    hint: "a JSON schema goes through jsonSchema({…})",
  });
}

/** @throws MessengerOptionError when it is none of these */
export function checkOneOf(where: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.some((one) => one === value)) return;
  throw new MessengerOptionError(`${where} is ${shown(value)}, expected ${allowed.join(", ")}`);
}

/** @throws MessengerOptionError when it is no number from `least` on */
export function checkNumber(where: string, value: unknown, least: number): void {
  if (typeof value === "number" && value >= least) return;
  const expected = Number.isFinite(least) ? `a number from ${least} on` : "a number";
  throw new MessengerOptionError(`${where} is ${shown(value)}, expected ${expected}`);
}

/** A time to wait, as a timer takes it; Infinity is as long as it can be. @throws MessengerOptionError when it is none */
export function waitMs(where: string, value: unknown): number {
  checkNumber(where, value, 0);
  // A number, as was just checked.
  return Math.min(value as number, LONGEST_MS);
}

/** @throws MessengerOptionError when it is no address of a broker; the empty text is none given */
export function checkAddress(where: string, value: unknown): void {
  const given = typeof value === "string" ? withoutCredentials(value) : value;
  const parsed = typeof value === "string" ? parseAddresses(value) : ({ ok: false, expected: "a text" } as const);
  if (value === "" || parsed.ok) return;
  throw new MessengerOptionError(`${where} is ${shown(given)}, expected ${parsed.expected}`);
}

/** In one short line. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  return typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "an object") : String(value);
}
