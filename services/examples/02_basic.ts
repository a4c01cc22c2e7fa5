// A service with a configuration of its own: typed here, checked before anything starts.
import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";

export const Config = BaseServiceConfig.extend({
  /** Seconds between two messages. */
  interval: z.number().positive().default(2),
  message: z.string().default("Basic service running"),
});

@service({ type: "examples.basic", config: Config })
export class Basic extends BaseBlockingPermanentService<typeof Config> {
  #count = 0;

  override onStart() {
    this.logger.info(`starting, every ${this.config.interval} s`);
  }

  override async runService() {
    while (this.isRunning) {
      this.#count++;
      this.logger.info(`${this.config.message} (${this.#count})`);
      await this.sleep(this.config.interval);
    }
  }

  override onStop() {
    this.logger.info(`stopped after ${this.#count} messages`);
  }
}
