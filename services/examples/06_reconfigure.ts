// New values without a restart: onConfigChange takes them, or refuses them.
import { BasePermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";

export const Config = BaseServiceConfig.extend({
  /** Seconds between two looks. */
  interval: z.number().positive().default(2),
  target: z.string().default("M31"),
});

/** What the instrument can do, seconds. */
const FASTEST = 0.1;

@service({ type: "examples.reconfigure", config: Config })
export class Reconfigure extends BasePermanentService<typeof Config> {
  #timer: ReturnType<typeof setInterval> | undefined;

  override startService() {
    this.#look(this.config.interval);
  }

  override onConfigChange(next: this["config"], previous: this["config"]) {
    if (next.interval < FASTEST) throw new Error(`no look takes less than ${FASTEST} s`);
    if (next.interval !== previous.interval) this.#look(next.interval);
  }

  override stopService() {
    clearInterval(this.#timer);
  }

  #look(seconds: number) {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.logger.info(`looking at ${this.config.target}`), seconds * 1000);
  }
}
