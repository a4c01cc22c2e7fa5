// Subscriptions that stand: they come back with every new connection, as long as they are wanted.
import type { Msg, NatsConnection, NatsError, Subscription } from "nats";
import { settlesIn } from "../common/at-most.ts";
import type { Messenger } from "./messenger.ts";

interface Standing {
  subject: string;
  queue?: string;
  callback: (error: NatsError | null, message: Msg) => void;
  subscription?: Subscription;
}

export class StandingSubscriptions {
  readonly #messenger: Pick<Messenger, "connection" | "state" | "onStateChange">;
  readonly #wanted = new Set<Standing>();
  readonly #ignoreStates: () => void;
  /** The connection that holds the subscriptions: the client restores them itself while it is the same. */
  #on: NatsConnection | undefined;

  constructor(messenger: Pick<Messenger, "connection" | "state" | "onStateChange">) {
    this.#messenger = messenger;
    this.#ignoreStates = messenger.onStateChange((state) => {
      if (state === "connected") this.#subscribeAll();
    });
  }

  /** The connection they are on, if there ever was one. */
  get connection(): NatsConnection | undefined {
    return this.#on;
  }

  /** @param options.queue of all that subscribe with it one gets each message @returns ends it */
  add(subject: string, callback: Standing["callback"], options: { queue?: string } = {}): () => void {
    const standing: Standing = { subject, callback, ...options };
    this.#wanted.add(standing);
    const { connection, state } = this.#messenger;
    if (state === "connected" && connection) {
      if (connection === this.#on) this.#subscribe(standing, connection);
      else this.#subscribeAll();
    }
    return () => {
      this.#wanted.delete(standing);
      this.#unsubscribe(standing);
    };
  }

  close(): void {
    this.#ignoreStates();
    for (const standing of this.#wanted) this.#unsubscribe(standing);
    this.#wanted.clear();
  }

  /** As `close`, but what the broker has sent by now still comes, for at most `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.#ignoreStates();
    const open = [...this.#wanted].flatMap(({ subscription }) =>
      subscription?.isClosed() === false ? subscription : [],
    );
    await settlesIn(limitMs, Promise.allSettled(open.map((subscription) => subscription.drain())));
    this.close();
  }

  #subscribeAll(): void {
    const { connection } = this.#messenger;
    if (!connection || connection === this.#on) return;
    this.#on = connection;
    for (const standing of this.#wanted) this.#subscribe(standing, connection);
  }

  #subscribe(standing: Standing, connection: NatsConnection): void {
    const { subject, queue, callback } = standing;
    standing.subscription = connection.subscribe(subject, { callback, ...(queue === undefined ? {} : { queue }) });
  }

  #unsubscribe({ subscription }: Standing): void {
    if (subscription && !subscription.isClosed()) subscription.unsubscribe();
  }
}
