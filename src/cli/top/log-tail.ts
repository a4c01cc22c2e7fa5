// The log of one service for a pane: its last lines, then each as it comes.
import type { NatsConnection } from "nats";
import { describeError } from "../../common/errors.ts";
import { formatLogRecord } from "../../common/log-line.ts";
import { isAtLeast } from "../../common/logger.ts";
import { type LogLine, linesTo, readStreamLogs } from "../../logs/index.ts";
import { findStream } from "../../messaging/find-stream.ts";
import { StreamFollower } from "../../messaging/stream-follower.ts";
import type { Span } from "../display/spans.ts";

const LINES = 500;

export interface LogTail {
  /** The broker is back: goes on where it left off. */
  resume(connection: NatsConnection): void;
  stop(): void;
}

/**
 * Reads and follows until stopped.
 * @param tell gets the last lines first (or why there are none), then those that come (`added`)
 */
export function tailLog(
  connection: NatsConnection,
  prefix: string,
  id: string,
  tell: (lines: Span[], added: boolean) => void,
): LogTail {
  let follower: StreamFollower | undefined;
  let isStopped = false;
  const say = (text: string) => tell([{ text, style: "dim" }], false);
  const read = async () => {
    const stream = await findStream(connection, prefix, "log");
    if (isStopped) return;
    if (!stream.ok) return say(`no log: ${stream.message}`);
    const history = await readStreamLogs({ connection, stream, prefix, ids: [id], filter: {}, count: LINES });
    if (isStopped) return;
    if (!history.ok) return say(`the log cannot be read: ${history.message}`);
    if (history.lines.length === 0) say("it has logged nothing yet");
    else tell(history.lines.flatMap(spansOf), false);
    const onMessage = linesTo((line) => tell(spansOf(line), true));
    const subject = `${prefix}.log.*.${id}`;
    follower = new StreamFollower({ prefix, kind: "log", subject, after: history.after, onMessage });
    follower.resume(connection);
  };
  read().catch((error: unknown) => say(`the log cannot be read: ${describeError(error)}`));
  return {
    resume(again) {
      follower?.resume(again);
    },
    stop() {
      isStopped = true;
      follower?.stop();
    },
  };
}

function spansOf({ id, record }: LogLine): Span[] {
  const source = record.source === id ? id : `${id}:${record.source}`;
  const style = isAtLeast(record.level, "error") ? "red" : isAtLeast(record.level, "warning") ? "yellow" : undefined;
  return formatLogRecord({ ...record, source }, false)
    .split("\n")
    .map((text) => (style ? { text, style } : { text }));
}
