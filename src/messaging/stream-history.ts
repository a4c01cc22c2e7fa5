// What a stream has stored from some place on, up to its present end.
import type { NatsConnection } from "nats";
import { type ConsumerStart, openConsumer, type StreamPlace } from "./consumer.ts";
import type { FoundStream } from "./find-stream.ts";
import type { JetStreamFault } from "./jetstream.ts";

/** A reading that hears nothing for so long is given up, milliseconds. */
const SILENCE_MS = 10_000;

export type MessageListener = (subject: string, payload: Uint8Array, place: StreamPlace) => void;

/**
 * Reads what is stored under `subject` (wildcards allowed) up to `stream.lastSeq`, in order. Never rejects.
 * @returns why the reading failed; undefined when all was read
 */
export async function readStreamFrom(
  connection: NatsConnection,
  stream: FoundStream,
  subject: string,
  start: ConsumerStart,
  onMessage: MessageListener,
): Promise<JetStreamFault | undefined> {
  if (stream.lastSeq === 0) return undefined;
  const { promise, resolve } = Promise.withResolvers<"end" | "silence">();
  let heardAt = performance.now();
  const message: MessageListener = (name, payload, place) => {
    heardAt = performance.now();
    if (place.seq <= stream.lastSeq) onMessage(name, payload, place);
    if (place.pending === 0 || place.seq >= stream.lastSeq) resolve("end");
  };
  const consumer = await openConsumer(connection, stream.name, subject, start, { message });
  if (!consumer.ok) return consumer;
  if (consumer.isEmpty) resolve("end");
  const watch = setInterval(() => performance.now() - heardAt > SILENCE_MS && resolve("silence"), 500);
  const outcome = await promise;
  clearInterval(watch);
  consumer.stop();
  if (outcome === "end") return undefined;
  return { ok: false, reason: "timeout", errCode: undefined, message: `the broker stopped sending ${subject}` };
}
