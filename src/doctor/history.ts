// The latest messages of a stream, in order: what last-per-subject snapshots leave out.
import type { NatsConnection } from "nats";
import type { JsonObject } from "../common/json.ts";
import { decode, type Meta } from "../messaging/envelope.ts";
import { findStream } from "../messaging/find-stream.ts";
import { readToEnd } from "../messaging/read-to-end.ts";
import type { StreamKind } from "../messaging/snapshot.ts";
import { StreamUnreadableError } from "../messaging/stream-error.ts";

export interface HistoryEntry {
  subject: string;
  data: JsonObject;
  meta: Meta;
  /** When the broker stored it, milliseconds since the epoch, by its clock. */
  time: number;
}

/**
 * What was said of one kind in the last `windowMs` before the stream's latest message (by the broker's clock: ours may
 * be wrong), oldest first. Empty when no stream stores it. What cannot be read is left out.
 * @param id of one service; default: of all
 * @throws TcsError when the stream cannot be read
 */
export async function recentMessages(
  connection: NatsConnection,
  prefix: string,
  kind: StreamKind,
  windowMs: number,
  id = ">",
): Promise<HistoryEntry[]> {
  const stream = await findStream(connection, prefix, kind);
  if (!stream.ok && stream.reason === "no_stream") return [];
  if (!stream.ok)
    throw new StreamUnreadableError(`the stream of ${prefix}.${kind}.> cannot be read: ${stream.message}`);
  const entries: HistoryEntry[] = [];
  const since = new Date(stream.lastTime - windowMs).toISOString();
  const start = { deliver_policy: "by_start_time", opt_start_time: since } as const;
  const fault = await readToEnd(
    connection,
    stream.name,
    `${prefix}.${kind}.${id}`,
    start,
    (subject, payload, place) => {
      const decoded = decode(payload);
      if (decoded.ok && decoded.data)
        entries.push({ subject, data: decoded.data, meta: decoded.meta, time: place.time });
    },
    { lastSeq: stream.lastSeq },
  );
  if (fault) throw new StreamUnreadableError(`stream ${stream.name} cannot be read: ${fault.message}`);
  return entries;
}
