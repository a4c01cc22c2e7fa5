// One connection for several who speak: each has a link of its own to it; it is made for the first, and ends with the last.
import type { NatsConnection } from "nats";
import { settlesIn } from "../common/at-most.ts";
import type { NatsSettings } from "../config/types.ts";
import type { ConnectFault } from "./connect-fault.ts";
import { type BrokerLink, Link, type LinkEvents, type LinkState } from "./link.ts";

export class SharedLink {
  readonly #settings: () => NatsSettings;
  readonly #name: string;
  readonly #users = new Set<UserLink>();
  #link: Link | undefined;

  /** @param settings where the broker is; a function is asked again before each attempt, until one succeeds */
  constructor(settings: NatsSettings | (() => NatsSettings), name: string) {
    this.#settings = typeof settings === "function" ? settings : () => settings;
    this.#name = name;
  }

  /** A link for one more user. It holds the connection from its `start` to its `close`. */
  attach(events: LinkEvents): BrokerLink {
    return new UserLink(events, {
      join: (user) => this.#join(user),
      leave: (user, limitMs) => this.#leave(user, limitMs),
    });
  }

  #join(user: UserLink): { link: Link; firstAttempt: Promise<void> } {
    this.#users.add(user);
    const tell = (say: (events: LinkEvents) => void) => {
      for (const { events } of [...this.#users]) say(events);
    };
    this.#link ??= new Link(this.#settings, this.#name, {
      up: (connection) => tell((events) => events.up(connection)),
      down: () => tell((events) => events.down()),
      refused: (subject) => tell((events) => events.refused(subject)),
      barred: (fault) => tell((events) => events.barred?.(fault)),
      state: (state) => tell((events) => events.state(state)),
    });
    const link = this.#link;
    const isLate = link.state === "connected";
    const firstAttempt = link.start();
    // Told later, as it would be of a connection that is yet to be made.
    if (isLate) queueMicrotask(() => this.#catchUp(user, link));
    return { link, firstAttempt };
  }

  #catchUp(user: UserLink, link: Link): void {
    const { connection } = link;
    if (!this.#users.has(user) || link.state !== "connected" || !connection) return;
    user.events.state("connected");
    user.events.up(connection);
  }

  async #leave(user: UserLink, limitMs: number): Promise<void> {
    if (!this.#users.delete(user)) return;
    const link = this.#link;
    if (!link || this.#users.size > 0) {
      // What this one has written is sent; the others go on.
      if (link?.state === "connected") {
        // A connection that goes meanwhile is an end too.
        await settlesIn(limitMs, link.connection?.flush() ?? Promise.resolve());
      }
      return;
    }
    this.#link = undefined;
    await link.close(limitMs);
  }
}

interface Hub {
  join(user: UserLink): { link: Link; firstAttempt: Promise<void> };
  leave(user: UserLink, limitMs: number): Promise<void>;
}

class UserLink implements BrokerLink {
  readonly events: LinkEvents;
  readonly #hub: Hub;
  #joined: { link: Link; firstAttempt: Promise<void> } | undefined;
  #isClosed = false;

  constructor(events: LinkEvents, hub: Hub) {
    this.events = events;
    this.#hub = hub;
  }

  get state(): LinkState {
    if (this.#isClosed) return "closed";
    return this.#joined?.link.state ?? "connecting";
  }
  get connection(): NatsConnection | undefined {
    return this.#joined?.link.connection;
  }
  get lastFault(): ConnectFault | undefined {
    return this.#joined?.link.lastFault;
  }

  start(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#joined ??= this.#hub.join(this);
    return this.#joined.firstAttempt;
  }

  async close(limitMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.events.state("closed");
    await this.#hub.leave(this, limitMs);
  }
}
