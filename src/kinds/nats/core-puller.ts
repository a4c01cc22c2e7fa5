// Taking tasks as one of a queue group: as many as there is room for; whoever pushes more is told to ask again.
import type { Msg } from "nats";
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import { countOf } from "../../common/plural.ts";
import { decode } from "../../messaging/envelope.ts";
import { StandingSubscriptions } from "../../messaging/standing.ts";
import type { Puller, PullerOptions } from "../transport.ts";
import { BUSY, TAKEN } from "./core-pusher.ts";
import type { NatsContext } from "./topics.ts";

const GROUP = "workers";
const DRAIN_LIMIT_MS = 1_000;

export class CorePuller implements Puller {
  readonly addresses: readonly string[];
  readonly #options: PullerOptions;
  readonly #standing: StandingSubscriptions;
  readonly #end = new AbortController();
  readonly #working = new Set<Promise<void>>();
  #isClosing = false;

  constructor({ messenger }: NatsContext, subject: string, options: PullerOptions) {
    this.addresses = [subject];
    this.#options = options;
    this.#standing = new StandingSubscriptions(messenger);
    this.#standing.add(
      subject,
      (error, message) => (error ? options.lost(describeError(error)) : this.#offer(message)),
      {
        queue: GROUP,
      },
    );
    // Who never comes in is told by the messenger, which goes on trying.
    messenger.connected(0).catch(() => undefined);
  }

  get active(): number {
    return this.#working.size;
  }

  async close(limitMs: number): Promise<void> {
    this.#isClosing = true;
    // What comes meanwhile is told to ask again: whoever pushed it would wait for an answer, and not dare to.
    await this.#standing.drain(DRAIN_LIMIT_MS);
    if (await settlesIn(limitMs, Promise.all(this.#working))) return;
    this.#end.abort();
    this.#options.lost(`${countOf(this.active, "task")} could not be finished before the stop`, this.active);
  }

  #offer(message: Msg): void {
    if (this.#isClosing || this.active >= this.#options.concurrency) {
      message.respond(BUSY);
      return;
    }
    message.respond(TAKEN);
    const work = this.#work(message).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #work(message: Msg): Promise<void> {
    const { take, dead, lost } = this.#options;
    const decoded = decode(message.data);
    if (!decoded.ok) {
      lost(`${message.subject}: ${decoded.fault}`);
      return;
    }
    const task = decoded.data ?? {};
    try {
      await take({ task, attempt: 1, key: undefined, signal: this.#end.signal });
    } catch (error) {
      await dead(task, describeError(error), 1, undefined).catch((fault: unknown) => lost(describeError(fault)));
    }
  }
}
