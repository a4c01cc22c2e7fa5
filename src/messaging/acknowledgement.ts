// What the broker's answer to an event means, and what its silence may mean.
import type { Msg, NatsConnection } from "nats";
import { describeError } from "../common/errors.ts";
import { streamsOf } from "./jetstream.ts";

/** First wait for an acknowledgement, milliseconds; doubled at each resend up to the longest. */
const ACK_LIMIT_MS = 2_000;
const LONGEST_ACK_LIMIT_MS = 30_000;
/** Stands for all subjects. */
export const EVERYTHING = ">";

/** Those of `subjects` that nothing stores; everything, when there is no JetStream. What cannot be asked counts as stored. */
export async function missingOf(connection: NatsConnection, subjects: string[]): Promise<string[]> {
  const answers = await Promise.all(
    subjects.map(async (subject) => ({ subject, streams: await streamsOf(connection, subject) })),
  );
  if (answers.some(({ streams }) => !streams.ok && streams.reason === "no_jetstream")) return [EVERYTHING];
  return answers.flatMap(({ subject, streams }) => (streams.ok && streams.names.length === 0 ? [subject] : []));
}

/** How long to wait for the acknowledgement of an event sent for the nth time, milliseconds. */
export function ackLimitMs(attempts: number): number {
  return Math.min(LONGEST_ACK_LIMIT_MS, ACK_LIMIT_MS * 2 ** (attempts - 1));
}

/** Where a stream has stored an event. */
export interface Acknowledgement {
  stream: string;
  seq: number;
}

/** The acknowledgement that JetStream's answer to an event is, or what it complains of. */
export function readAnswer(message: Msg): Acknowledgement | { fault: string; errCode?: number | undefined } {
  try {
    const answer: unknown = message.json();
    if (typeof answer !== "object" || answer === null) return { fault: "an answer that is no object" };
    const { error, stream, seq } = answer as {
      error?: { description?: unknown; err_code?: number };
      stream?: unknown;
      seq?: unknown;
    };
    if (error) return { fault: String(error.description ?? "an error without words"), errCode: error.err_code };
    return typeof stream === "string" ? { stream, seq: Number(seq) } : { fault: "an answer without a stream" };
  } catch (error) {
    return { fault: `an answer that is no JSON (${describeError(error)})` };
  }
}
