// Where tasks go that have failed for good: a subject of its own with a stream, so that somebody can look at them.
import type { NatsConnection } from "nats";
import { describeError } from "../../common/errors.ts";
import { readAnswer } from "../../messaging/acknowledgement.ts";
import { encode, type MetaSource } from "../../messaging/envelope.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import type { JsonMessage } from "../messages.ts";
import { openDeadLetters } from "./work-queue.ts";

export interface DeadTask {
  task: JsonMessage;
  why: string;
  attempts: number;
  /** Names it among all tasks: it is stored once. */
  key: string;
}

const STORE_LIMIT_MS = 5_000;

/**
 * Stores a dead task as it was, with `meta.status: error` and the reason in `meta.error`, and both in headers.
 * @returns undefined when it is stored, else why not; never rejects
 */
export async function storeDead(
  connection: NatsConnection,
  subject: string,
  { task, why, attempts, key }: DeadTask,
  meta: MetaSource,
): Promise<string | undefined> {
  try {
    const opened = await openDeadLetters(connection, subject);
    if (!opened.ok) return opened.message;
    const { headers } = await natsClient();
    const header = headers();
    header.set("Nats-Msg-Id", `${key}.dead`);
    header.set("Tcs-Error", oneLine(why));
    header.set("Tcs-Attempts", String(attempts));
    // It was JSON when it came.
    const data = task as NonNullable<Parameters<typeof encode>[0]["data"]>;
    const payload = encode({ data, meta: { ...meta.next("dead-letter"), status: "error", error: why } });
    const answer = readAnswer(await connection.request(subject, payload, { timeout: STORE_LIMIT_MS, headers: header }));
    return "stream" in answer ? undefined : answer.fault;
  } catch (error) {
    return describeError(error);
  }
}

/** Headers are ASCII lines. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, 500);
}
