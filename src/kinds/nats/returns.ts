// How often a task was handed back by a service that had to stop: the broker counts that as an attempt, and it is none.
import type { NatsConnection } from "nats";
import { askJetStream } from "../../messaging/jetstream.ts";
import { openReturns, returnsOf } from "./work-queue.ts";

const ANSWER_LIMIT_MS = 500;

/** Notes of returns, beside the queue. Where they cannot be kept, or read, each return counts as an attempt. */
export class Returns {
  readonly #queue: string;

  /** @param queue the subject of the queue */
  constructor(queue: string) {
    this.#queue = queue;
  }

  /** How often a task was handed back. Never rejects. @param sequence names it in its stream */
  async of(connection: NatsConnection, sequence: string): Promise<number> {
    const { stream, subject } = returnsOf(this.#queue, sequence);
    const answer = await askJetStream(
      connection,
      `STREAM.MSG.GET.${stream}`,
      { last_by_subj: subject },
      ANSWER_LIMIT_MS,
    );
    if (!answer.ok) return 0;
    const { message } = answer.value;
    const data = typeof message === "object" && message !== null && "data" in message ? message.data : undefined;
    return typeof data === "string" ? Number(Buffer.from(data, "base64").toString()) || 0 : 0;
  }

  /** Notes that a task was handed back `times` times. Never rejects. */
  async note(connection: NatsConnection, sequence: string, times: number): Promise<void> {
    if (!(await openReturns(connection, this.#queue))) return;
    const { subject } = returnsOf(this.#queue, sequence);
    // What cannot be noted counts: better than to keep the stop waiting.
    await connection.request(subject, String(times), { timeout: ANSWER_LIMIT_MS }).catch(() => undefined);
  }
}
