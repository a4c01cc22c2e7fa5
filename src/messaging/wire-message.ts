// One message of a stream, as readers get it: read, or found to be unreadable.
import type { JsonObject } from "../common/json.ts";
import type { StreamPlace } from "./consumer.ts";
import { decode, type Meta } from "./envelope.ts";

/** A message as a reader gets it. */
export interface WireMessage {
  subject: string;
  data: JsonObject | undefined;
  meta: Meta;
  /** Its place in the stream. */
  seq: number;
  /** When the broker stored it, milliseconds since the epoch. */
  time: number;
}

/** A message that could not be read. */
export interface BadMessage {
  subject: string;
  seq: number;
  /** One line. */
  fault: string;
}

/** A report larger than this is not read, bytes: nobody has so much to say of how they are. */
export const LARGEST_REPORT = 256 * 1024;

/** Never throws, whatever the bytes. */
export function readWireMessage(
  subject: string,
  payload: Uint8Array,
  { seq, time }: StreamPlace,
): { ok: true; message: WireMessage } | { ok: false; bad: BadMessage } {
  if (payload.length > LARGEST_REPORT) {
    const fault = `it has ${payload.length} bytes, more than the ${LARGEST_REPORT} that are read`;
    return { ok: false, bad: { subject, seq, fault } };
  }
  const decoded = decode(payload);
  if (!decoded.ok) return { ok: false, bad: { subject, seq, fault: decoded.fault } };
  return { ok: true, message: { subject, data: decoded.data, meta: decoded.meta, seq, time } };
}
