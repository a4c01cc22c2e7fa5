// The last message of every subject a stream holds: the state of a fleet, read in one go.
import type { NatsConnection } from "nats";
import { type JetStreamFault, JsError, streamsOf } from "./jetstream.ts";
import { type MessageListener, readToEnd } from "./read-to-end.ts";
import { type BadMessage, readWireMessage, type WireMessage } from "./wire-message.ts";

export type Snapshot =
  | {
      ok: true;
      /** In stream order. */
      messages: WireMessage[];
      /** How many could not be read. */
      bad: number;
      firstBad: BadMessage | undefined;
    }
  | {
      ok: false;
      /** `no_stream`: JetStream is there, but nothing stores these subjects. */
      reason: "no_stream" | JetStreamFault["reason"];
      message: string;
    };

/** Kinds of messages that are stored, each in a stream of its own. */
export const STREAM_KINDS = ["registry", "status", "heartbeat", "log"] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** The name of the stream PROTOCOL gives to `<prefix>.<kind>.…`: dots become underscores. */
export function streamName(prefix: string, kind: StreamKind): string {
  return `${prefix}.${kind}`.replaceAll(".", "_");
}

/**
 * Reads the last message of each subject under `filterSubject` (as `svc.status.>`).
 * @param options.limitMs the longest it may take, default 5 s
 */
export async function readLastPerSubject(
  connection: NatsConnection,
  filterSubject: string,
  options: { limitMs?: number } = {},
): Promise<Snapshot> {
  if (connection.isClosed()) return { ok: false, reason: "disconnected", message: "the connection is closed" };
  const deadline = performance.now() + (options.limitMs ?? 5_000);
  // The usual name first, without asking: that saves a round trip.
  const usual = usualStream(filterSubject);
  const direct = usual ? await readStream(connection, usual, filterSubject, deadline) : noStream(filterSubject);
  if (direct.ok || (direct.reason !== "refused" && direct.reason !== "no_stream")) return direct;
  const found = await streamsOf(connection, filterSubject, Math.max(1, deadline - performance.now()));
  if (!found.ok) return found;
  const others = found.names.filter((name) => name !== usual);
  if (others.length === 0) return found.names.length > 0 ? direct : noStream(filterSubject);
  const parts = await Promise.all(others.map((name) => readStream(connection, name, filterSubject, deadline)));
  return parts.find((part) => !part.ok) ?? merge(parts);
}

/** The stream that PROTOCOL has for these subjects (as `svc.status.>`). */
export function usualStream(filterSubject: string): string | undefined {
  const [, prefix, kind] = /^(.+?)\.(registry|status|heartbeat)\./.exec(filterSubject) ?? [];
  return prefix !== undefined && kind !== undefined ? streamName(prefix, kind as StreamKind) : undefined;
}

function noStream(filterSubject: string): Snapshot {
  return { ok: false, reason: "no_stream", message: `no stream on this broker stores ${filterSubject}` };
}

function merge(parts: Snapshot[]): Snapshot {
  const good = parts.filter((part) => part.ok);
  return {
    ok: true,
    messages: good.flatMap((part) => part.messages).sort((a, b) => a.time - b.time),
    bad: good.reduce((sum, part) => sum + part.bad, 0),
    firstBad: good.find((part) => part.firstBad)?.firstBad,
  };
}

async function readStream(
  connection: NatsConnection,
  stream: string,
  filterSubject: string,
  deadline: number,
): Promise<Snapshot> {
  const messages: WireMessage[] = [];
  let bad = 0;
  let firstBad: BadMessage | undefined;
  const message: MessageListener = (subject, payload, place) => {
    const read = readWireMessage(subject, payload, place);
    if (read.ok) {
      messages.push(read.message);
    } else {
      bad += 1;
      firstBad ??= read.bad;
    }
  };
  const limitMs = Math.max(1, deadline - performance.now());
  const start = { deliver_policy: "last_per_subject" } as const;
  const fault = await readToEnd(connection, stream, filterSubject, start, message, { limitMs });
  if (!fault) return { ok: true, messages, bad, firstBad };
  if (fault.errCode === JsError.streamNotFound) return noStream(filterSubject);
  const soFar = messages.length > 0 ? ` (${messages.length} messages so far)` : "";
  return { ok: false, reason: fault.reason, message: `${fault.message}${soFar}` };
}
