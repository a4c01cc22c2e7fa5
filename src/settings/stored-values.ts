// What a bucket or another stream holds now, read once: the last message of each subject, or all of them.
import type { NatsConnection } from "nats";
import type { ConsumerStart } from "../messaging/consumer.ts";
import { type JetStreamFault, JsError } from "../messaging/jetstream.ts";
import { readToEnd } from "../messaging/read-to-end.ts";

/** A stored message. */
export interface StoredValue {
  subject: string;
  data: Uint8Array;
  /** Its number in the stream. */
  seq: number;
  /** When it was stored, milliseconds since the epoch. */
  time: number;
}

export type StoredValues = { ok: true; values: StoredValue[] } | JetStreamFault;

/**
 * Reads what is stored under `subject`, in order. A stream that is missing holds nothing. Never rejects.
 * @param limitMs for all of it
 */
export async function readValues(
  connection: NatsConnection,
  stream: string,
  subject: string,
  which: Extract<ConsumerStart, { deliver_policy: "all" | "last_per_subject" }>["deliver_policy"],
  limitMs = 5_000,
): Promise<StoredValues> {
  const values: StoredValue[] = [];
  const fault = await readToEnd(
    connection,
    stream,
    subject,
    { deliver_policy: which },
    (name, data, { seq, time }) => values.push({ subject: name, data, seq, time }),
    { limitMs },
  );
  return !fault || fault.errCode === JsError.streamNotFound ? { ok: true, values } : fault;
}
