// Pushing tasks into a work queue of JetStream: taken when it is stored; a full queue lets the push wait.
import type { NatsConnection } from "nats";
import { describeError } from "../../common/errors.ts";
import { readAnswer } from "../../messaging/acknowledgement.ts";
import { natsClient } from "../../messaging/nats-client.ts";
import { describeRefusal, refusalOf } from "../../messaging/permission.ts";
import { TaskNotTakenError } from "../errors.ts";
import type { PusherOptions, QueueOptions } from "../transport.ts";
import { type Attempt, codeOf, RetryingPusher } from "./retrying-pusher.ts";
import type { NatsContext } from "./topics.ts";
import { openQueue } from "./work-queue.ts";

const STORE_LIMIT_MS = 5_000;

export class QueuePusher extends RetryingPusher {
  readonly #queue: QueueOptions;
  /** The queue was seen to be there, on this connection. */
  #seen: { on: NatsConnection; opening: ReturnType<typeof openQueue> } | undefined;

  constructor(context: NatsContext, subject: string, options: PusherOptions) {
    super(context, subject, options);
    this.#queue = options.queue;
  }

  protected override async attempt(connection: NatsConnection, payload: Uint8Array, key: string): Promise<Attempt> {
    if (this.#seen?.on !== connection) {
      this.#seen = { on: connection, opening: openQueue(connection, this.subject, this.#queue) };
    }
    const opened = await this.#seen.opening;
    if (!opened.ok) {
      this.#seen = undefined;
      if (opened.reason !== "no_jetstream" && opened.reason !== "denied") return { taken: false, why: opened.message };
      const hint = "start it with JetStream (nats-server -js), or set queue: core";
      throw new TaskNotTakenError(`${this.subject}: there can be no work queue: ${opened.message}`, { hint });
    }
    return await this.#store(connection, payload, key);
  }

  async #store(connection: NatsConnection, payload: Uint8Array, key: string): Promise<Attempt> {
    const { headers } = await natsClient();
    const header = headers();
    header.set("Nats-Msg-Id", key);
    try {
      const answer = readAnswer(
        await connection.request(this.subject, payload, { timeout: STORE_LIMIT_MS, headers: header }),
      );
      if ("stream" in answer) return { taken: true };
      const isFull = answer.fault.startsWith("maximum ");
      return { taken: false, why: isFull ? `the queue is full (${answer.fault})` : answer.fault };
    } catch (cause) {
      const refusal = refusalOf(cause);
      if (refusal) throw new TaskNotTakenError(describeRefusal(connection, refusal), { cause });
      const code = codeOf(cause);
      if (code === "MAX_PAYLOAD_EXCEEDED") {
        throw new TaskNotTakenError(`${this.subject}: the task is larger than the broker takes`, { cause });
      }
      // Nobody stores it any more: the stream was removed.
      if (code === "503") this.#seen = undefined;
      return { taken: false, why: code === "503" ? "the queue is gone" : describeError(cause) };
    }
  }
}
