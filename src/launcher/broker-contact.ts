// A run's contact with its broker: the messenger that all of it speaks by, from the first attempt to connect to the last
// report, and what is owned by way of it.
import { ensureStreams } from "../broker/index.ts";
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { NatsSettings } from "../config/types.ts";
import { Messenger, Subjects } from "../messaging/index.ts";
import { Ownership } from "./ownership/index.ts";

export interface BrokerContactOptions {
  nats: NatsSettings;
  subjectPrefix: string;
  /** Monitor name of the launcher. */
  launcher: string;
  /** The other name that it bears at times. */
  alias: string;
  logger: Logger;
  /** The launcher ends: that the connection goes is no news. */
  isEnding: () => boolean;
  /** There is no connection, or no longer one. */
  onLost: () => void;
}

/** How long the last reports may take to reach the broker, milliseconds. */
const LAST_REPORTS_MS = 2000;

export class BrokerContact {
  readonly messenger: Messenger;
  readonly subjects: Subjects;
  /** Resolves when the first attempt to connect is over; when the broker is required, only once it is there. */
  readonly first: Promise<void>;
  readonly #options: BrokerContactOptions;
  #ownership: Ownership | undefined;
  #isAway = false;

  /** Begins to connect. */
  constructor(options: BrokerContactOptions) {
    this.#options = options;
    this.subjects = new Subjects(options.subjectPrefix);
    const { nats, launcher, logger } = options;
    this.messenger = new Messenger({
      settings: nats,
      name: launcher,
      logger,
      prepare: async (connection) => {
        const { notes } = await ensureStreams(connection, nats.subjectPrefix);
        for (const note of notes) logger.warning(note);
        // Before anything is sent that has waited: what another launcher has taken meanwhile, that one speaks for.
        await this.#ownership?.verify();
      },
    });
    this.messenger.onStateChange((state) => this.#onState(state));
    this.first = this.#open();
  }

  get nats(): NatsSettings {
    return this.#options.nats;
  }

  /**
   * Begins to own services by way of it.
   * @param config the configuration file, for people
   * @throws StateFolderError when this host's table cannot be used
   */
  async own(config: string, leaseMs: number | undefined): Promise<Ownership> {
    const { nats, subjectPrefix, launcher, alias, logger } = this.#options;
    this.#ownership = await Ownership.open({
      link: this.messenger,
      servers: nats.servers,
      subjectPrefix,
      launcher,
      alias,
      config,
      logger,
      firstContact: this.first,
      ...(leaseMs === undefined ? {} : { leaseMs }),
    });
    return this.#ownership;
  }

  /** Sends what waits, gives away what is owned, and goes. */
  async close(): Promise<void> {
    // Whoever takes the services over must find the last word about them.
    await this.messenger.flush(LAST_REPORTS_MS);
    await this.#ownership?.close();
    await this.messenger.close({ limitMs: LAST_REPORTS_MS });
  }

  async #open(): Promise<void> {
    const { messenger } = this;
    const { nats, logger } = this.#options;
    const onWaiting = () => {
      this.#isAway = true;
    };
    if (nats.required) {
      await messenger.open({ onWaiting });
      return;
    }
    try {
      await messenger.open({ onWaiting });
      if (messenger.state === "connected") return;
      this.#isAway = true;
      logger.warning(`${messenger.unreachable().message}; services run, reports are kept until it comes`);
      this.#options.onLost();
    } catch (error) {
      logger.error(`messenger: ${describeError(error)}`);
    }
  }

  #onState(state: Messenger["state"]): void {
    const { logger, isEnding, onLost } = this.#options;
    if (state === "disconnected") {
      this.#isAway = true;
      if (!isEnding()) logger.warning("connection to the broker lost; reports are kept until it is back");
      onLost();
    } else if (state === "connected" && this.#isAway) {
      this.#isAway = false;
      logger.info("connected to the broker");
    }
  }
}
