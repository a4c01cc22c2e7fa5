// Pushing tasks to a queue group without a stream: taken when a worker with room says so.
import type { NatsConnection } from "nats";
import { describeError } from "../../common/errors.ts";
import { describeRefusal, refusalOf } from "../../messaging/permission.ts";
import { TaskNotTakenError } from "../errors.ts";
import { type Attempt, codeOf, RetryingPusher } from "./retrying-pusher.ts";

export const TAKEN = "+ACK";
export const BUSY = "-BUSY";

const ANSWER_LIMIT_MS = 5_000;

export class CorePusher extends RetryingPusher {
  protected override async attempt(connection: NatsConnection, payload: Uint8Array): Promise<Attempt> {
    let answer: string;
    try {
      answer = (await connection.request(this.subject, payload, { timeout: ANSWER_LIMIT_MS })).string();
    } catch (cause) {
      const code = codeOf(cause);
      if (code === "503") return { taken: false, why: "there is no worker" };
      const refusal = refusalOf(cause);
      const why = refusal ? describeRefusal(connection, refusal) : describeError(cause);
      // A worker may have it: to ask another would do it twice.
      const hint = code === "TIMEOUT" ? "it may have been taken all the same" : undefined;
      throw new TaskNotTakenError(`${this.subject}: ${why}`, { cause, ...(hint ? { hint } : {}) });
    }
    if (answer === TAKEN) return { taken: true };
    if (answer === BUSY) return { taken: false, why: "all workers are busy" };
    // To ask again would do the task twice: a worker may have it too.
    throw new TaskNotTakenError(`${this.subject}: somebody else answers there: ${answer.slice(0, 80)}`, {
      hint: "queue: core needs a subject that no stream stores",
    });
  }
}
