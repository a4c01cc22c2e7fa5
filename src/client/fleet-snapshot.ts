// Everything known of a fleet at one moment, and how it was read.
import { INBOX_HINT } from "../messaging/permission.ts";
import { StreamUnreadableError } from "../messaging/stream-error.ts";
import type { FoldCounts } from "./facts.ts";
import type { ServiceInfo } from "./service-info.ts";
import type { StreamReport } from "./streams.ts";

export interface FleetSnapshot {
  /** Every id ever heard of, in order of id. */
  services: ServiceInfo[];
  streams: StreamReport[];
  counts: FoldCounts;
  milliseconds: number;
}

/** What to do when the streams cannot be read. */
const HINTS = {
  no_stream: 'the first "tcs run" or "tcs broker" makes the streams',
  no_jetstream: "start the broker with JetStream (nats-server -js), or let tcs run start its own",
  timeout: 'the broker hangs or is overloaded; a full disk on its host does that: "tcs doctor" looks at it',
  disconnected: 'try again; "tcs doctor" looks at the broker',
  refused: "the account needs the right to read the streams of the fleet",
  denied: "the account needs the right to read the streams of the fleet",
} satisfies Record<NonNullable<StreamReport["fault"]>["reason"], string>;

/** @throws StreamUnreadableError when none of the streams could be read, though the broker has some or nobody can tell */
export function assertReadable({ streams }: Pick<FleetSnapshot, "streams">, servers?: readonly string[]): void {
  const faults = streams.map(({ fault }) => fault);
  const fatal = faults.find((fault) => fault && fault.reason !== "no_stream");
  if (!fatal || faults.some((fault) => fault === undefined)) return;
  const where = servers === undefined ? "" : ` from ${servers.join(", ")}`;
  throw new StreamUnreadableError(`cannot read the fleet${where}: ${fatal.message}`, { hint: hintFor(fatal) });
}

function hintFor({ reason, message }: NonNullable<StreamReport["fault"]>): string {
  return message.includes(" listen to _INBOX.") ? INBOX_HINT : HINTS[reason];
}
