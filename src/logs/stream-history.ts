// What the stream says: the last lines of some services.
import type { NatsConnection } from "nats";
import { isAtLeast, LOG_LEVELS } from "../common/logger.ts";
import { type ConsumerStart, countFrom } from "../messaging/consumer.ts";
import { decode } from "../messaging/envelope.ts";
import type { FoundStream } from "../messaging/find-stream.ts";
import type { JetStreamFault } from "../messaging/jetstream.ts";
import { type MessageListener, readToEnd } from "../messaging/read-to-end.ts";
import { isWanted, type LogFilter } from "./filter.ts";
import { fromWireLine, type LogLine } from "./line.ts";
import { byId, mergeByTime } from "./merge.ts";

/** Services that are read at a time. */
const AT_A_TIME = 16;
/** How much older than its line a stored message may be by our clocks: a broker that was away gets lines late. */
const CLOCK_SLACK_MS = 60_000;

export interface StreamQuery {
  connection: NatsConnection;
  stream: FoundStream;
  prefix: string;
  /** Undefined: all. */
  ids: readonly string[] | undefined;
  filter: LogFilter;
  /** At most so many lines, the last. */
  count: number;
}

export type StreamHistory =
  /** `after`: what is stored behind this number has not been looked at. */
  { ok: true; lines: LogLine[]; after: number } | JetStreamFault;

/** Reads the stream up to its present end; never rejects. */
export async function readStreamLogs(query: StreamQuery): Promise<StreamHistory> {
  const { stream, count } = query;
  const found: Stored[] = [];
  const subjects = stream.lastSeq === 0 || count === 0 ? [] : subjectsOf(query);
  for (let at = 0; at < subjects.length; at += AT_A_TIME) {
    const parts = await Promise.all(subjects.slice(at, at + AT_A_TIME).map((subject) => readSubject(query, subject)));
    for (const part of parts) {
      if (!part.ok) return part;
      for (const stored of part.lines) found.push(stored);
    }
  }
  // Each service's own order is that of the stream, whatever its clock did.
  const lines = found.sort((a, b) => a.seq - b.seq).map(({ line }) => line);
  return {
    ok: true,
    lines: mergeByTime(byId(lines)).slice(-count),
    after: stream.lastSeq,
  };
}

interface Stored {
  seq: number;
  line: LogLine;
}

/** What to ask the stream for: all levels of an id at once, or each level that is wanted. */
function subjectsOf({ prefix, ids, filter: { least } }: StreamQuery): string[] {
  const levels = least === undefined ? ["*"] : LOG_LEVELS.filter((level) => isAtLeast(level, least));
  return levels.flatMap((level) => (ids ?? [">"]).map((id) => `${prefix}.log.${level}.${id}`));
}

async function readSubject(
  query: StreamQuery,
  subject: string,
): Promise<{ ok: true; lines: Stored[] } | JetStreamFault> {
  const { connection, stream, filter, count } = query;
  const start = await startOf(query, subject);
  if ("ok" in start) return start;
  let lines: Stored[] = [];
  const take: MessageListener = (_, payload, { seq, time }) => {
    const decoded = decode(payload);
    const line = decoded.ok && decoded.data ? fromWireLine(decoded.data, time) : undefined;
    if (line && isWanted(line.record, filter)) lines.push({ seq, line });
    if (lines.length > 2 * count) lines = lines.slice(-count);
  };
  const fault = await readToEnd(connection, stream.name, subject, start, take, { lastSeq: stream.lastSeq });
  return fault ?? { ok: true, lines: lines.slice(-count) };
}

/** From where on to read, so that `count` lines are found without reading all. */
async function startOf(
  { connection, stream, filter, count }: StreamQuery,
  subject: string,
): Promise<ConsumerStart | JetStreamFault> {
  if (filter.since !== undefined) {
    const time = new Date(Math.max(0, filter.since - CLOCK_SLACK_MS));
    return { deliver_policy: "by_start_time", opt_start_time: time.toISOString() };
  }
  // Lines that are too late are not counted before they are read.
  if (filter.until !== undefined) return { deliver_policy: "all" };
  for (let span = count; ; span *= 4) {
    const seq = stream.lastSeq - span + 1;
    if (seq <= stream.firstSeq) return { deliver_policy: "all" };
    const found = await countFrom(connection, stream.name, subject, seq);
    if (!found.ok) return found;
    if (found.count >= count) return { deliver_policy: "by_start_sequence", opt_start_seq: seq };
  }
}
