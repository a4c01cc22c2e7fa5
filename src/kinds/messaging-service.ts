// The base of all these classes: its ways in and out are opened before it runs, and closed in order when it stops.
import { splitServiceId } from "../common/names.ts";
import type { ConfigSchema } from "../config/service-config.ts";
import { BaseBlockingPermanentService, cycleRun, cycleStart, cycleStop } from "../service/base-service.ts";
import type { CommonFields } from "./config.ts";
import { type End, type Host, LAST_WORDS_MS, type MessageCounts } from "./host.ts";
import type { Transport } from "./transport.ts";

/** Out of sight of authors: what ways in and out have of the service. */
export const hostOf: unique symbol = Symbol("tcs.kinds.host");
export const addSender: unique symbol = Symbol("tcs.kinds.sender");
export const addTaker: unique symbol = Symbol("tcs.kinds.taker");

export type MessagingSchema = ConfigSchema;

/**
 * A service with topics and tasks. Extend one of its subclasses. `runService` may be overridden with a main loop; without
 * one the service runs until it is stopped. Set-up goes into `onStart`, which may publish and push already; messages
 * and tasks come after it. At the stop none come any more, those begun are finished, then `onStop` is called, which may
 * still publish and push.
 */
export abstract class MessagingService<S extends MessagingSchema> extends BaseBlockingPermanentService<S> {
  readonly #senders: End[] = [];
  readonly #takers: End[] = [];
  readonly #troubles = { failed: 0, lost: 0 };
  #transport: Promise<Transport> | undefined;

  /** Where it publishes, subscribes, pushes and pulls; over ZeroMQ with the ports that were taken. */
  get addresses(): Readonly<Partial<Record<End["name"], readonly string[]>>> {
    return Object.fromEntries([...this.#senders, ...this.#takers].map(({ name, addresses }) => [name, addresses]));
  }

  /** Messages and tasks since the start. The first two are those of `stats`. */
  get messageCounts(): Readonly<MessageCounts> {
    const { messagesSent: sent, messagesReceived: received } = this.stats;
    return { sent, received, ...this.#troubles };
  }

  override async runService(): Promise<void> {
    if (this.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
  }

  get [hostOf](): Host {
    return hostFor(this, this.#troubles, () => (this.#transport ??= this.#openTransport()));
  }
  [addSender]<E extends End>(end: E): E {
    this.#senders.push(end);
    return end;
  }
  [addTaker]<E extends End>(end: E): E {
    this.#takers.push(end);
    return end;
  }

  override async [cycleStart](): Promise<void> {
    this.monitor.addMetricCb(() => {
      const { sent, received, failed, lost } = this.messageCounts;
      return { messages_sent: sent, messages_received: received, messages_failed: failed, messages_lost: lost };
    });
    try {
      for (const end of this.#senders) await end.open();
      await super[cycleStart]();
      for (const end of this.#takers) await end.open();
    } catch (error) {
      // A service that does not start is not stopped: nobody else would close them.
      await this.#close(this.#takers, 0);
      await this.#close(this.#senders, 0);
      throw error;
    }
  }

  override async [cycleRun](): Promise<void> {
    for (const end of [...this.#senders, ...this.#takers]) end.begin?.();
    await super[cycleRun]();
  }

  override async [cycleStop](): Promise<void> {
    await this.#close(this.#takers, commonFields(this).finish_sec * 1000);
    try {
      await super[cycleStop]();
    } finally {
      await this.#close(this.#senders, LAST_WORDS_MS);
    }
  }

  async #close(ends: readonly End[], limitMs: number): Promise<void> {
    await Promise.all(ends.map((end) => end.close(limitMs)));
  }

  async #openTransport(): Promise<Transport> {
    if (commonFields(this).transport === "zmq") {
      const { zmqTransport } = await import("./zmq/transport.ts");
      return zmqTransport(this.logger);
    }
    const { natsTransport } = await import("./nats/transport.ts");
    return natsTransport(this.messenger, this.logger);
  }
}

/** Looked at anew each time: state and configuration change. */
function hostFor(
  service: MessagingService<MessagingSchema>,
  troubles: Host["troubles"],
  openTransport: () => Promise<Transport>,
): Host {
  const { type, variant } = splitServiceId(service.id);
  return {
    id: service.id,
    name: variant === "main" ? type : service.id,
    signal: service.signal,
    logger: service.logger,
    stats: service.stats,
    troubles,
    openTransport,
    get state() {
      return service.state;
    },
    get transport() {
      return commonFields(service).transport;
    },
  };
}

/** The schema of each kind has these fields. */
function commonFields(service: { config: unknown }): CommonFields {
  return service.config as CommonFields;
}
