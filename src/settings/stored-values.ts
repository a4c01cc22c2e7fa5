// What a bucket or another stream holds now, read once: the last message of each subject, or all of them.
import type { NatsConnection } from "nats";
import { type ConsumerStart, openConsumer } from "../messaging/consumer.ts";
import { type JetStreamFault, JsError } from "../messaging/jetstream.ts";

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
  const { promise, resolve } = Promise.withResolvers<"complete" | "late">();
  const timer = setTimeout(() => resolve("late"), limitMs);
  try {
    const consumer = await openConsumer(
      connection,
      stream,
      subject,
      { deliver_policy: which },
      {
        message(name, data, { seq, time, pending }) {
          values.push({ subject: name, data, seq, time });
          if (pending === 0) resolve("complete");
        },
      },
      { limitMs },
    );
    if (!consumer.ok) return consumer.errCode === JsError.streamNotFound ? { ok: true, values: [] } : consumer;
    if (consumer.isEmpty) resolve("complete");
    const outcome = await promise;
    consumer.stop();
    if (outcome === "complete") return { ok: true, values };
    return { ok: false, reason: "timeout", errCode: undefined, message: `reading ${subject} took too long` };
  } finally {
    clearTimeout(timer);
  }
}
