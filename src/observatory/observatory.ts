// An observatory behind the NATS bridge: its telescopes, and its configuration.
import { ReadTimeoutError } from "../messenger/errors.ts";
import type { LiveDocument } from "../messenger/live-document.ts";
import type { Messenger } from "../messenger/messenger.ts";
import { Bridge, type BridgeOptions } from "./bridge.ts";
import { ObservatoryConfig, ObservatoryDocument } from "./config-document.ts";
import { NoObservatoryConfigError } from "./errors.ts";
import { Telescope } from "./telescope.ts";

export interface ObservatoryOptions extends BridgeOptions {
  /** Subject (in a stream) of the observatory's configuration. Default `tic.config.observatory`. */
  configSubject?: string;
}

/** How long `config` waits, milliseconds. */
const CONFIG_LIMIT_MS = 10_000;

/**
 * The telescopes of an observatory, for any program that has a messenger. In a service: `BaseOcaBoxService`.
 * @example
 * ```ts
 * import { Messenger } from "ocabox-tcs/messenger";
 * import { Observatory } from "ocabox-tcs/observatory";
 * await using messenger = await Messenger.open({ name: "look" });
 * console.log(await new Observatory(messenger).telescope("zb08").mount.azimuth.get());
 * ```
 */
export class Observatory {
  readonly #messenger: Messenger;
  readonly #bridge: Bridge;
  readonly #configSubject: string;
  readonly #telescopes = new Map<string, Telescope>();
  #document: LiveDocument<ObservatoryDocument> | undefined;

  constructor(messenger: Messenger, options: ObservatoryOptions = {}) {
    this.#messenger = messenger;
    this.#bridge = new Bridge(messenger, options);
    this.#configSubject = options.configSubject ?? "tic.config.observatory";
  }

  /** The telescope called `name`. Whether it exists is known when it is asked. */
  telescope(name: string): Telescope {
    const telescope = this.#telescopes.get(name) ?? new Telescope(this.#bridge, name);
    this.#telescopes.set(name, telescope);
    return telescope;
  }

  /**
   * What the observatory says of itself now; from the first call on it is followed.
   * @param timeoutMs how long to wait for the first, milliseconds; default 10,000
   * @throws NoObservatoryConfigError when there is none by then
   */
  async config(timeoutMs = CONFIG_LIMIT_MS): Promise<ObservatoryConfig> {
    this.#document ??= this.#messenger.getLiveDocument(this.#configSubject, { schema: ObservatoryDocument });
    try {
      return new ObservatoryConfig(await this.#document.ready(timeoutMs));
    } catch (cause) {
      if (!(cause instanceof ReadTimeoutError)) throw cause;
      const what = `there was no configuration of the observatory within ${timeoutMs / 1000} s`;
      const hint = "its OCABox server publishes it; obs_config_stream names the subject";
      throw new NoObservatoryConfigError(this.#configSubject, what, { cause, hint });
    }
  }
}
