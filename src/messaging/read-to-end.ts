// What a stream holds from some place on, read once, up to its present end.
import type { NatsConnection } from "nats";
import { type ConsumerEvents, type ConsumerStart, openConsumer } from "./consumer.ts";
import type { JetStreamFault } from "./jetstream.ts";

export type MessageListener = ConsumerEvents["message"];

export interface ReadOptions {
  /** For all of it, milliseconds; default: as long as something comes. */
  limitMs?: number;
  /** The last message that counts; default: all that there are. */
  lastSeq?: number;
}

/** Without a limit a reading that hears nothing for so long is given up, milliseconds. */
const SILENCE_MS = 10_000;
/**
 * How soon the broker says that nothing more follows, milliseconds. The number of messages that follow, told with each, is at
 * times too high after the broker was restarted (2.9): they would be waited for in vain.
 */
export const CAUGHT_UP_MS = 200;
/** The longest that the broker may take to begin, milliseconds. */
const BEGIN_MS = 5_000;

/**
 * Reads what is stored under `subject` (wildcards allowed), in order. Never rejects.
 * @returns why the reading failed; undefined when all was read
 */
export async function readToEnd(
  connection: NatsConnection,
  stream: string,
  subject: string,
  start: ConsumerStart,
  onMessage: MessageListener,
  { limitMs, lastSeq = Number.POSITIVE_INFINITY }: ReadOptions = {},
): Promise<JetStreamFault | undefined> {
  const { promise: ended, resolve } = Promise.withResolvers<"whole" | "late" | "lost">();
  const begunAt = performance.now();
  let heardAt = begunAt;
  const events: ConsumerEvents = {
    message: (name, payload, place) => {
      heardAt = performance.now();
      if (place.seq <= lastSeq) onMessage(name, payload, place);
      if (place.seq >= lastSeq) resolve("whole");
    },
    caughtUp: () => resolve("whole"),
    lost: () => resolve("lost"),
  };
  const watch = setInterval(
    () => {
      const now = performance.now();
      const isLate = limitMs === undefined ? now - heardAt > SILENCE_MS : now - begunAt >= limitMs;
      if (isLate) resolve("late");
    },
    Math.min(500, limitMs ?? 500),
  );
  try {
    const consumer = await openConsumer(connection, stream, subject, start, events, {
      limitMs: Math.min(BEGIN_MS, limitMs ?? BEGIN_MS),
      idleMs: CAUGHT_UP_MS,
    });
    if (!consumer.ok) return consumer;
    const end = await ended;
    consumer.stop();
    if (end === "whole") return undefined;
    if (end === "lost") return fault("disconnected", `something of ${subject} was lost on the way here`);
    const why = limitMs === undefined ? `the broker stopped sending ${subject}` : `reading ${subject} took too long`;
    return fault("timeout", why);
  } finally {
    clearInterval(watch);
  }
}

function fault(reason: JetStreamFault["reason"], message: string): JetStreamFault {
  return { ok: false, reason, errCode: undefined, message };
}
