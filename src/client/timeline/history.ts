// Reads the story of a fleet from its streams.
import type { NatsConnection } from "nats";
import { decode } from "../../messaging/envelope.ts";
import { type FoundStream, findStream, type StreamFault } from "../../messaging/find-stream.ts";
import { type MessageListener, readToEnd } from "../../messaging/read-to-end.ts";
import type { StreamKind } from "../../messaging/snapshot.ts";
import type { WireMessage } from "../facts.ts";
import type { TimelineEntry } from "./entry.ts";
import { Timeline } from "./timeline.ts";

export const STORY_STREAMS = ["registry", "status"] as const satisfies readonly StreamKind[];

/** What happened before the time asked for, so that the first change of a status is known as one, milliseconds. */
const BEFORE_MS = 3_600_000;

export interface StoryQuery {
  prefix: string;
  /** Milliseconds since the epoch. */
  since: number;
  /** Excluded; default: now. */
  until?: number | undefined;
}

export interface Story {
  /** In order of time. */
  entries: TimelineEntry[];
  /** Knows the past: give it what comes after. */
  timeline: Timeline;
  /** The last message of each stream that was read; 0 for one that is missing. */
  after: Record<(typeof STORY_STREAMS)[number], number>;
  /** What could not be read, and why. */
  faults: StreamFault[];
}

/** Reads what the streams have kept of a stretch of time. Never rejects. */
export async function readStory(connection: NatsConnection, query: StoryQuery): Promise<Story> {
  const { prefix, since, until = Number.POSITIVE_INFINITY } = query;
  const messages: WireMessage[] = [];
  const faults: StreamFault[] = [];
  const after = { registry: 0, status: 0 };
  await Promise.all(
    STORY_STREAMS.map(async (kind) => {
      const stream = await findStream(connection, prefix, kind);
      const fault = stream.ok ? await read(connection, stream, `${prefix}.${kind}.>`, since, messages) : stream;
      if (stream.ok) after[kind] = stream.lastSeq;
      if (fault) faults.push(fault);
    }),
  );
  const timeline = new Timeline(prefix);
  // The streams are two: what happened in between is told by the broker's clock.
  messages.sort((a, b) => a.time - b.time);
  const entries = messages.flatMap((message) => timeline.take(message) ?? []);
  return {
    entries: entries.filter(({ time }) => time >= since && time < until).sort((a, b) => a.time - b.time),
    timeline,
    after,
    faults,
  };
}

async function read(
  connection: NatsConnection,
  stream: FoundStream,
  subject: string,
  since: number,
  messages: WireMessage[],
): Promise<StreamFault | undefined> {
  const begin = new Date(Math.max(0, since - BEFORE_MS)).toISOString();
  const start = { deliver_policy: "by_start_time", opt_start_time: begin } as const;
  const take: MessageListener = (name, payload, { seq, time }) => {
    const message = toWireMessage(name, payload, seq, time);
    if (message) messages.push(message);
  };
  const fault = await readToEnd(connection, stream.name, subject, start, take, { lastSeq: stream.lastSeq });
  return fault && { ok: false, reason: fault.reason, message: fault.message };
}

/** Undefined for what is no envelope. */
export function toWireMessage(
  subject: string,
  payload: Uint8Array,
  seq: number,
  time: number,
): WireMessage | undefined {
  const decoded = decode(payload);
  return decoded.ok ? { subject, data: decoded.data, seq, time } : undefined;
}
