// A message as a reader hands it out: its data, and its meta with the place where the broker has it.
import type { Msg } from "nats";
import type { JsonObject } from "../common/json.ts";
import type { StreamPlace } from "../messaging/consumer.ts";
import { decode, type Meta } from "../messaging/envelope.ts";
import { toWireTimestamp, type WireTimestamp } from "../messaging/timestamp.ts";

/** What the broker knows of a message; added on receipt, never sent. Names as in the Python package. */
export type NatsMeta =
  | {
      js: true;
      /** Its number in the stream. */
      seq: number;
      stream: string;
      /** How many follow it now. */
      num_pending: number;
      /** When the broker stored it. */
      readonly timestamp: WireTimestamp;
      subject: string;
    }
  | { js: false; subject: string };

export type ReceivedMeta = Meta & { nats: NatsMeta };

/** One message. */
export interface Received<T = JsonObject> {
  data: T;
  meta: ReceivedMeta;
}

/** What is told of something that went wrong while reading; the reading goes on. */
export interface ReadFault {
  /**
   * `message`: it could not be read, and is skipped; `schema`: it does not fit, and is skipped; `callback`: a callback has
   * thrown; `stream`: there is no stream, or it cannot be read now, and is tried again.
   */
  kind: "message" | "schema" | "callback" | "stream";
  subject: string;
  /** Number of the message in its stream. */
  seq?: number;
  /** One line. */
  message: string;
  cause?: unknown;
}

/** Reads a message; never throws. Without data it has `{}`, as in the Python package. */
export function readReceived(
  message: Msg,
  place?: StreamPlace,
  stream = "",
): { ok: true; received: Received } | { ok: false; fault: ReadFault } {
  const { subject } = message;
  const decoded = decode(message.data);
  if (!decoded.ok) {
    const seq = place && { seq: place.seq };
    return { ok: false, fault: { kind: "message", subject, ...seq, message: decoded.fault } };
  }
  // It gets its last part here.
  const meta = decoded.meta as ReceivedMeta;
  meta.nats = place ? natsMeta(subject, place, stream) : { js: false, subject };
  return { ok: true, received: { data: decoded.data ?? {}, meta } };
}

function natsMeta(subject: string, { seq, pending, time }: StreamPlace, stream: string): NatsMeta {
  return {
    js: true,
    seq,
    stream,
    num_pending: pending,
    // Made when it is looked at: a calendar costs more than all the rest.
    get timestamp() {
      return toWireTimestamp(time);
    },
    subject,
  };
}
