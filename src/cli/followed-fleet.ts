// A fleet that a command goes on showing: found, followed, and found again, whatever becomes of the broker.
import { ServiceControlClient, type ServiceInfo } from "../client/index.ts";
import { countOf } from "../common/plural.ts";
import type { NatsSettings } from "../config/types.ts";
import { Link } from "../messaging/link.ts";

/** How well what is known is known. */
export interface Sight {
  /** `connecting`: never connected yet; `away`: what is known is of `since`. */
  state: "connecting" | "reading" | "live" | "away";
  /** Milliseconds since the epoch. */
  since: number;
  /** Why there is no broker. */
  why?: string | undefined;
  /** What cannot be read, a line each. */
  notes: readonly string[];
}

export interface FollowedFleetEvents {
  /** Something is otherwise than before; not for heartbeats that come as expected. */
  change(service: ServiceInfo, previous: ServiceInfo | undefined): void;
  sight(): void;
}

export class FollowedFleet {
  readonly settings: NatsSettings;
  readonly #events: FollowedFleetEvents;
  readonly #link: Link;
  #client: ServiceControlClient | undefined;
  #state: Sight["state"] = "connecting";
  #since = Date.now();

  /** @param name of the connection, as the broker's monitoring shows it */
  constructor(settings: NatsSettings, name: string, events: FollowedFleetEvents) {
    this.settings = settings;
    this.#events = events;
    this.#link = new Link(settings, name, {
      up: (connection) => {
        this.#client?.useConnection(connection);
        this.#client ??= this.#newClient(connection);
        if (this.#client.followState !== "ended") return;
        // Whatever it fails of (the connection has gone again), the next connection begins it anew.
        this.#client.startFollowing().catch(() => undefined);
        this.#setState("reading");
      },
      down: () => this.#setState("away"),
      refused: () => undefined,
      state: () => undefined,
    });
  }

  /** Resolves after the first attempt to connect, whatever came of it. */
  async start(): Promise<void> {
    await this.#link.start();
  }

  /** For questions and orders; undefined before the first connection. */
  get client(): ServiceControlClient | undefined {
    return this.#client;
  }

  /** Everything known, in order of id. */
  services(): ServiceInfo[] {
    if (!this.#client || this.#client.followState === "ended") return [];
    return this.#client.getCurrentServices({ includeStopped: true });
  }

  get sight(): Sight {
    const isThere = this.#state === "live" || this.#state === "reading";
    return {
      state: this.#state,
      since: this.#since,
      notes: isThere ? this.#notes() : [],
      ...(isThere ? {} : { why: this.#link.state === "connected" ? "it does not answer" : this.#link.lastFault?.why }),
    };
  }

  async close(): Promise<void> {
    this.#client?.stopFollowing();
    await this.#link.close(0);
  }

  #newClient(connection: ServiceControlClient["connection"]): ServiceControlClient {
    const client = new ServiceControlClient(connection, { subjectPrefix: this.settings.subjectPrefix });
    client.onServiceUpdate = (service, previous) => this.#events.change(service, previous);
    client.onFollowState = (state) => this.#setState(state === "ended" ? "away" : state);
    return client;
  }

  #notes(): string[] {
    const report = this.#client?.followReport();
    if (!report) return [];
    const notes = report.streams.flatMap(({ kind, fault }) =>
      fault ? [`${kind} cannot be read: ${fault.message}`] : [],
    );
    const bad = report.counts.junk + report.streams.reduce((sum, stream) => sum + stream.bad, 0);
    return bad === 0
      ? notes
      : [...notes, `${countOf(bad, "message")} could not be read, and ${bad === 1 ? "was" : "were"} skipped`];
  }

  #setState(state: Sight["state"]): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = Date.now();
    this.#events.sight();
  }
}
