// The dashboard: a server for pages, and what it follows of the fleet, whether there is a broker or not.
import type { NatsConnection } from "nats";
import { ServiceControlClient } from "../client/index.ts";
import { readStory, StoryFollower } from "../client/timeline/index.ts";
import { VERSION } from "../common/version.ts";
import type { NatsSettings } from "../config/types.ts";
import { brokerUnreachable } from "../messaging/connect-fault.ts";
import { Link } from "../messaging/link.ts";
import { FleetFeed } from "./fleet-feed.ts";
import { serveDashboard } from "./server.ts";

/** What the strips and the list of events show of the past, milliseconds. */
const PAST_MS = 12 * 3_600_000;

export interface DashboardOptions {
  settings: NatsSettings;
  /** Address to listen on; where others than this host can reach it, the token is needed to see anything. */
  hostname: string;
  port: number;
  /** Needed for orders. */
  token: string;
  /** No orders are taken. */
  readOnly: boolean;
  /** Who gives the orders of the page: `dashboard/ann@vm`. */
  by: string;
  /** Is told, in one line, when the broker goes or comes. */
  tell: (line: string) => void;
}

export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #feed: FleetFeed;
  readonly #link: Link;
  #server: ReturnType<typeof serveDashboard> | undefined;
  #client: ServiceControlClient | undefined;
  #story: StoryFollower | undefined;
  /** One thing after the other, whatever the broker does. */
  #work: Promise<void> = Promise.resolve();
  #isAway = false;
  #isStopped = false;

  constructor(options: DashboardOptions) {
    const { settings, readOnly } = options;
    this.#options = options;
    const broker = settings.servers.join(", ").replaceAll(/\/\/[^/@]*@/g, "//");
    this.#feed = new FleetFeed({ prefix: settings.subjectPrefix, readOnly, version: VERSION, broker });
    this.#link = new Link(settings, "tcs dashboard", {
      up: (connection) => {
        this.#work = this.#work.then(() => this.#up(connection));
      },
      down: () => {
        this.#isAway = true;
        options.tell("connection to the broker lost; waiting for it");
      },
      refused: () => undefined,
      barred: (fault) => options.tell(brokerUnreachable(settings, fault).message),
      state: () => undefined,
    });
  }

  /**
   * Serves from now on, and looks for the broker for ever; resolves when it is known whether it is there.
   * @throws DashboardAddressError
   */
  async start(): Promise<void> {
    const { settings, hostname, port, token, readOnly, by } = this.#options;
    this.#server = serveDashboard({
      ...{ hostname, port, token, readOnly, by },
      prefix: settings.subjectPrefix,
      feed: this.#feed,
      connection: () => (this.#link.state === "connected" ? this.#link.connection : undefined),
      client: () => this.#client,
    });
    await this.#link.start();
    if (this.#link.state === "connected") return;
    this.#isAway = true;
    const { message } = brokerUnreachable(settings, this.#link.lastFault ?? { kind: "away", why: "no answer" });
    this.#options.tell(`${message}; looking for it`);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#server?.stop();
    this.#feed.close();
    this.#story?.stop();
    this.#client?.stopFollowing();
    await this.#link.close(0);
  }

  /** The broker is there, or there again. */
  async #up(connection: NatsConnection): Promise<void> {
    if (this.#isStopped) return;
    if (this.#isAway) this.#options.tell("connected to the broker");
    this.#isAway = false;
    if (!this.#story) await this.#readPast(connection);
    if (this.#isStopped) return;
    this.#story?.resume(connection);
    await this.#follow(connection);
    this.#server?.resume();
  }

  async #readPast(connection: NatsConnection): Promise<void> {
    const { subjectPrefix: prefix } = this.#options.settings;
    const story = await readStory(connection, { prefix, since: Date.now() - PAST_MS });
    if (this.#isStopped) return;
    this.#feed.takeStory(story.entries);
    // A stream that could not be read is read from its beginning when it can be.
    this.#story = new StoryFollower(prefix, story, (entries) => this.#feed.tellEntries(entries));
  }

  async #follow(connection: NatsConnection): Promise<void> {
    if (this.#client) {
      this.#client.useConnection(connection);
      // It goes on by itself, unless it had ended.
      if (this.#client.followState !== "ended") return;
    }
    const client = this.#client ?? this.#newClient(connection);
    try {
      await client.startFollowing();
      this.#feed.look(client);
    } catch {
      // The connection was closed meanwhile; the next one that comes is followed.
    }
  }

  #newClient(connection: NatsConnection): ServiceControlClient {
    const client = new ServiceControlClient(connection, { subjectPrefix: this.#options.settings.subjectPrefix });
    client.onServiceUpdate = ({ serviceId }) => this.#feed.touch(serviceId);
    client.onFollowState = (state) => this.#feed.tellState(state === "ended" ? "away" : state);
    this.#client = client;
    return client;
  }
}
