// The broker of a run: the one that is configured, else this host's, found or started.
import { BrokerKeeper } from "../broker/index.ts";
import type { Logger } from "../common/logger.ts";
import type { FleetConfig, NatsSettings } from "../config/types.ts";

export class FleetBroker {
  readonly #fleet: Pick<FleetConfig, "nats" | "subjectPrefix">;
  readonly #logger: Logger;
  #keeper: BrokerKeeper | undefined;
  #origin: string | undefined;

  constructor(fleet: Pick<FleetConfig, "nats" | "subjectPrefix">, logger: Logger) {
    this.#fleet = fleet;
    this.#logger = logger;
  }

  /** @throws BrokerStartError, StateFolderError, NotFoundError */
  async find(): Promise<NatsSettings> {
    const { nats, subjectPrefix } = this.#fleet;
    if (nats) return nats;
    this.#keeper = new BrokerKeeper({ logger: this.#logger, subjectPrefix });
    const { settings, startedHere } = await this.#keeper.ensure();
    this.#origin = startedHere ? "started here" : "found running";
    return settings;
  }

  tell({ servers, origin }: NatsSettings): void {
    this.#logger.info(`broker ${servers.join(", ")} (${this.#origin ?? `from ${origin}`})`);
  }

  connectionLost(): void {
    this.#keeper?.connectionLost();
  }

  /** Stops it, if it was started here. */
  async stop(): Promise<void> {
    await this.#keeper?.stop();
  }
}
