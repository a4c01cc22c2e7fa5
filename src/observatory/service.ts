// Services that work with telescopes: BaseOcaBoxService.
import { z } from "zod";
import { BaseServiceConfig, type ConfigSchema } from "../config/service-config.ts";
import { BaseBlockingPermanentService } from "../service/index.ts";
import { Observatory } from "./observatory.ts";
import type { Telescope } from "./telescope.ts";

/** The configuration of a service that works with telescopes: extend it with your own fields. */
export const OcaBoxServiceConfig = BaseServiceConfig.extend({
  /** Subject, in a stream, of the observatory's configuration. */
  obs_config_stream: z.string().default("tic.config.observatory"),
  /** Who asks, for the telescope's access control; empty: the id of the service. */
  client_id: z.string().default(""),
  /** Seconds that a telescope may take to answer. */
  request_timeout: z.number().positive().default(5),
  rpc_prefix: z.string().default("tic.rpc"),
  command_prefix: z.string().default("tic.command"),
});

/**
 * Base of services that work with telescopes: a main loop, with the observatory at hand.
 * @typeParam S the schema of its configuration, which extends `OcaBoxServiceConfig` (else the defaults hold)
 * @example
 * ```ts
 * import { service } from "ocabox-tcs";
 * import { BaseOcaBoxService } from "ocabox-tcs/observatory";
 *
 * @service("look")
 * export class Look extends BaseOcaBoxService {
 *   async runService() {
 *     while (this.isRunning) {
 *       this.logger.info(await this.telescope("zb08").mount.azimuth.get());
 *       await this.sleep(5);
 *     }
 *   }
 * }
 * ```
 */
export abstract class BaseOcaBoxService<
  S extends ConfigSchema = typeof OcaBoxServiceConfig,
> extends BaseBlockingPermanentService<S> {
  #observatory: Observatory | undefined;

  /** The observatory that the configuration names; made at the first use. */
  get observatory(): Observatory {
    this.#observatory ??= new Observatory(this.messenger, this.#options());
    return this.#observatory;
  }

  /** @example await this.telescope("zb08").mount.azimuth.get() */
  telescope(name: string): Telescope {
    return this.observatory.telescope(name);
  }

  #options() {
    // The schema may be any: what it does not have gets its default here.
    const settings = OcaBoxServiceConfig.parse(this.config);
    return {
      configSubject: settings.obs_config_stream,
      clientId: settings.client_id || this.id,
      requestTimeoutMs: settings.request_timeout * 1000,
      rpcPrefix: settings.rpc_prefix,
      commandPrefix: settings.command_prefix,
    };
  }
}
