// What the broker does not let us do: said on the connection, by and by, and told to whoever waits for it.
import type { NatsConnection } from "nats";
import { TcsError } from "../common/errors.ts";
import { ownerOf } from "./login.ts";

/**
 * The broker does not allow it. What was asked for has not been done.
 * @cause The broker does not let this user do it; what was asked for has not been done.
 * @remedy Ask whoever runs the broker for the right, or use an account that has it (docs/security.md).
 * @example the broker does not let viewer publish to svc.rpc.dome.main.v1.stop
 */
export class PermissionDeniedError extends TcsError {
  override readonly code = "E_PERMISSION_DENIED";
  override readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
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
  return new PermissionDeniedError(describeRefusal(connection, refusal), hintFor(refusal), { cause: error });
}

/** When answers may not come to where they usually do. */
export const INBOX_HINT =
  "answers to this user may come to other inboxes only: say which, nats.inbox_prefix or NATS_INBOX_PREFIX, as _INBOX_viewer";

function hintFor({ verb, subject }: Refusal): string {
  const ask = "whoever runs the broker can allow it, or give you another login; tcs doctor shows what yours may do";
  const [, command] = /\.rpc\.(?:.+)\.v1\.([^.]+)/.exec(subject) ?? [];
  if (verb === "publish" && command !== undefined) return `orders are for operators: ${ask}`;
  if (verb === "subscribe" && subject.startsWith("_INBOX.")) return INBOX_HINT;
  return ask;
}
