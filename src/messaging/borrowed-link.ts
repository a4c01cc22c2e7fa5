// A connection that somebody else has opened, and will close: used as long as it lives, and left as it was.
import type { NatsConnection } from "nats";
import type { ConnectFault } from "./connect-fault.ts";
import { watchConnection } from "./connection-watch.ts";
import type { BrokerLink, LinkEvents, LinkState } from "./link.ts";

export class BorrowedLink implements BrokerLink {
  readonly connection: NatsConnection;
  readonly #events: LinkEvents;
  #state: LinkState = "connecting";
  #lastFault: ConnectFault | undefined;
  #unwatch: () => void = () => undefined;

  constructor(connection: NatsConnection, events: LinkEvents) {
    this.connection = connection;
    this.#events = events;
  }

  get state(): LinkState {
    return this.#state;
  }
  get lastFault(): ConnectFault | undefined {
    return this.#lastFault;
  }

  async start(): Promise<void> {
    if (this.#state !== "connecting") return;
    if (this.connection.isClosed()) {
      this.#ended();
      return;
    }
    this.#unwatch = watchConnection(this.connection, {
      down: () => this.#wentDown("the connection is lost"),
      up: () => this.#wentUp(),
      closed: () => this.#ended(),
      refused: (subject) => this.#events.refused(subject),
    });
    this.#wentUp();
  }

  /** The connection goes on. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#setState("closed");
  }

  #ended(): void {
    this.#wentDown("the connection was closed");
  }

  #wentUp(): void {
    if (this.#state === "connected" || this.#state === "closed") return;
    this.#lastFault = undefined;
    this.#setState("connected");
    this.#events.up(this.connection);
  }

  #wentDown(why: string): void {
    if (this.#state === "closed") return;
    this.#lastFault = { kind: "away", why };
    const wasUp = this.#state === "connected";
    this.#setState("disconnected");
    if (wasUp) this.#events.down();
  }

  #setState(state: LinkState): void {
    if (this.#state === "closed" || this.#state === state) return;
    this.#state = state;
    this.#events.state(state);
  }
}
