// What the broker does not let us do: said on the connection, by and by, and told to whoever waits for it.
import type { NatsConnection } from "nats";
import { describeError, TcsError } from "../common/errors.ts";
import { ownerOf } from "./login.ts";

/** The broker does not allow it. What was asked for has not been done. */
export class PermissionDeniedError extends TcsError {
  override readonly code = "E_PERMISSION_DENIED";
}

export interface Refusal {
  verb: "publish" | "subscribe";
  subject: string;
}

/** What an error of the nats client says of a missing permission; undefined when it is another error. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  // In its own words too: it hands some on as plain errors.
  const [, verb, subject] = /permissions violation for (publish|subscription) to "([^"]+)"/i.exec(error.message) ?? [];
  if (verb === undefined || subject === undefined) return undefined;
  return { verb: verb.toLowerCase() === "publish" ? "publish" : "subscribe", subject };
}

/** One line: who may not do what. */
export function describeRefusal(connection: NatsConnection, { verb, subject }: Refusal): string {
  const what = verb === "publish" ? `publish to ${subject}` : `listen to ${subject}`;
  return `the broker does not let ${ownerOf(connection)} ${what}`;
}

/** The error of a missing permission, or undefined when `error` is another. */
export function permissionDenied(connection: NatsConnection, error: unknown): PermissionDeniedError | undefined {
  const refusal = refusalOf(error);
  if (!refusal) return undefined;
  return new PermissionDeniedError(describeRefusal(connection, refusal), {
    cause: error,
    hint: hintFor(refusal),
  });
}

/** `describeError`, with missing permissions in plain words. */
export function describeOnConnection(connection: NatsConnection, error: unknown): string {
  const refusal = refusalOf(error);
  return refusal ? describeRefusal(connection, refusal) : describeError(error);
}

function hintFor({ verb, subject }: Refusal): string {
  const ask = "whoever runs the broker can allow it, or give you another login; tcs doctor shows what yours may do";
  const [, command] = /\.rpc\.(?:.+)\.v1\.([^.]+)/.exec(subject) ?? [];
  if (verb === "publish" && command !== undefined) return `orders are for operators: ${ask}`;
  if (subject.startsWith("_INBOX.")) return `${ask}. Is nats.inbox_prefix (NATS_INBOX_PREFIX) missing?`;
  return ask;
}
