// The messengers of the services of a host: one for each that asks for it, all on one connection.
import { locateBroker } from "../broker/locate.ts";
import type { Logger } from "../common/logger.ts";
import type { NatsSettings } from "../config/types.ts";
import { SharedLink } from "../messaging/shared-link.ts";
import { Messenger } from "./messenger.ts";

/** How long the last messages of a service may take to reach the broker, milliseconds. */
const CLOSE_LIMIT_MS = 1_000;

export class ServiceMessengers {
  readonly #settings: () => NatsSettings;
  readonly #open = new Map<string, Messenger>();
  #link: SharedLink | undefined;

  /** @param nats the fleet's broker; default: the one of the surroundings */
  constructor(nats: NatsSettings | undefined) {
    this.#settings = nats ? () => nats : () => locateBroker();
  }

  /** That of the service `id`: made when it is first asked for. It connects at its first use. */
  of(id: string, logger: Logger): Messenger {
    const open = this.#open.get(id);
    if (open) return open;
    this.#link ??= new SharedLink(this.#settings, `${id} (messenger)`);
    const link = this.#link;
    const made = new Messenger({
      name: id,
      attach: (events) => link.attach(events),
      settings: this.#settings,
      logger,
      buffer: {},
    });
    this.#open.set(id, made);
    return made;
  }

  /** The service has ended: what it published last is sent, what it left open is closed. Never rejects. */
  async end(id: string): Promise<void> {
    const messenger = this.#open.get(id);
    this.#open.delete(id);
    await messenger?.close({ limitMs: CLOSE_LIMIT_MS });
  }
}
