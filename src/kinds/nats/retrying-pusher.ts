// Pushing a task until it is taken: again and again with pauses, in the order of the pauses' ends, for a bounded number.
import type { NatsConnection } from "nats";
import { settlesIn } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { countOf } from "../../common/plural.ts";
import { encode, MetaSource, randomToken } from "../../messaging/envelope.ts";
import { notTakenBeforeStop, TaskNotTakenError } from "../errors.ts";
import type { JsonMessage } from "../messages.ts";
import type { Pusher, PusherOptions, PushOptions } from "../transport.ts";
import type { NatsContext } from "./topics.ts";

/** So many tasks of one service may wait to be taken; a push beyond is refused at once. */
const MOST_WAITING = 1_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
const CONNECT_LIMIT_MS = 1_000;

/** Taken, or why not yet. What an attempt throws is final. */
export type Attempt = { taken: true } | { taken: false; why: string };

export abstract class RetryingPusher implements Pusher {
  readonly addresses: readonly string[];
  protected readonly subject: string;
  protected readonly logger: Logger;
  readonly #messenger: NatsContext["messenger"];
  readonly #timeoutMs: number;
  readonly #meta: MetaSource;
  readonly #closed = new AbortController();
  readonly #pushes = new Set<Promise<void>>();
  #told = "";

  constructor({ messenger, logger }: NatsContext, subject: string, { timeoutMs }: PusherOptions) {
    this.addresses = [subject];
    this.subject = subject;
    this.logger = logger;
    this.#messenger = messenger;
    this.#timeoutMs = timeoutMs ?? Number.POSITIVE_INFINITY;
    this.#meta = new MetaSource(messenger.name);
  }

  get waiting(): number {
    return this.#pushes.size;
  }

  async push(task: JsonMessage, { key = randomToken(22), until }: PushOptions = {}): Promise<void> {
    if (this.#pushes.size >= MOST_WAITING) {
      const hint = "await each push";
      throw new TaskNotTakenError(`${this.subject}: ${MOST_WAITING} tasks wait already`, { hint });
    }
    const pushing = this.#push(this.#encoded(task), key, until);
    this.#pushes.add(pushing);
    try {
      await pushing;
    } finally {
      this.#pushes.delete(pushing);
    }
  }

  async close(limitMs: number): Promise<void> {
    if (!(await settlesIn(limitMs, Promise.allSettled(this.#pushes)))) {
      this.logger.warning(`${countOf(this.#pushes.size, "task")} on ${this.subject} not taken before the stop`);
    }
    this.#closed.abort();
  }

  /** @param key the same at each attempt @throws TaskNotTakenError when no other attempt would help */
  protected abstract attempt(connection: NatsConnection, payload: Uint8Array, key: string): Promise<Attempt>;

  async #push(payload: Uint8Array, key: string, until: AbortSignal | undefined): Promise<void> {
    const isStopped = () => this.#closed.signal.aborted || until?.aborted === true;
    const deadline = performance.now() + this.#timeoutMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      if (this.#closed.signal.aborted) throw notTakenBeforeStop(this.subject);
      const attempt = await this.#attempt(payload, key, deadline);
      if (attempt.taken) {
        this.#told = "";
        return;
      }
      const { why } = attempt;
      if (isStopped()) throw notTakenBeforeStop(this.subject);
      if (performance.now() >= deadline) {
        throw new TaskNotTakenError(`${this.subject}: the task was not taken: ${why}`);
      }
      this.#tell(why);
      const leftMs = Math.min(pauseMs * (0.5 + Math.random() / 2), deadline - performance.now());
      await pause(Math.max(0, leftMs), this.#closed.signal);
    }
  }

  async #attempt(payload: Uint8Array, key: string, deadline: number): Promise<Attempt> {
    try {
      await this.#messenger.connected(Math.max(1, Math.min(CONNECT_LIMIT_MS, deadline - performance.now())));
    } catch (error) {
      return { taken: false, why: describeError(error) };
    }
    const { connection } = this.#messenger;
    return connection ? await this.attempt(connection, payload, key) : { taken: false, why: "the broker is away" };
  }

  #encoded(task: JsonMessage): Uint8Array {
    try {
      // What is no JSON in it throws.
      return encode({ data: task as Parameters<typeof encode>[0]["data"] & object, meta: this.#meta.next() });
    } catch (cause) {
      throw new TaskNotTakenError(`${this.subject}: the task is no JSON (${describeError(cause)})`, { cause });
    }
  }

  /** Once, until a task is taken again. */
  #tell(why: string): void {
    if (this.#told === why) return;
    this.#told = why;
    this.logger.info(`${this.subject}: ${why}; waiting to push`);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const timer = setTimeout(wake, ms);
  signal.addEventListener("abort", wake, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", wake);
}

/** What the client says of a request that was not answered: its `code`. */
export function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? "");
}
