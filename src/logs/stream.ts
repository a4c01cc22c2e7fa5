// The stream that stores published lines: whose lines it has, and how they are read from it.
import type { NatsConnection } from "nats";
import { decode } from "../messaging/envelope.ts";
import { type FoundStream, objectAt } from "../messaging/find-stream.ts";
import { askJetStream } from "../messaging/jetstream.ts";
import type { MessageListener } from "../messaging/read-to-end.ts";
import { fromWireLine, type LogLine } from "./line.ts";

/** Ids that have lines in the stream. */
export async function idsIn(connection: NatsConnection, stream: FoundStream, prefix: string): Promise<string[]> {
  const question = { subjects_filter: `${prefix}.log.>` };
  const answer = await askJetStream(connection, `STREAM.INFO.${stream.name}`, question);
  const subjects = answer.ok ? objectAt(objectAt(answer.value, "state"), "subjects") : {};
  const ids = Object.keys(subjects).map((subject) => idOfSubject(subject, prefix));
  return [...new Set(ids)].toSorted();
}

/** Hears messages of the stream, and tells the lines in them. */
export function linesTo(onLine: (line: LogLine) => void): MessageListener {
  return (_subject, payload, { time }) => {
    const decoded = decode(payload);
    const line = decoded.ok && decoded.data ? fromWireLine(decoded.data, time) : undefined;
    if (line) onLine(line);
  };
}

function idOfSubject(subject: string, prefix: string): string {
  const [, ...id] = subject.slice(`${prefix}.log.`.length).split(".");
  return id.join(".");
}
