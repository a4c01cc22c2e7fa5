// Logging well: which level for what, and an error that is handled and told.
import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";

export const Config = BaseServiceConfig.extend({
  /** Seconds between two cycles. */
  interval: z.number().positive().default(3),
  /** Make every fifth cycle fail, to see what that looks like. */
  simulate_errors: z.boolean().default(false),
});

@service({ type: "examples.logging", config: Config })
export class Logging extends BaseBlockingPermanentService<typeof Config> {
  override onStart() {
    // info: what an operator wants to read in the morning.
    this.logger.info("started", { interval: this.config.interval, simulateErrors: this.config.simulate_errors });
  }

  override async runService() {
    for (let cycle = 1; this.isRunning; cycle++) {
      // debug: shown only with `log_level: debug`.
      this.logger.debug(`cycle ${cycle} begins`);
      try {
        await this.#work(cycle);
        this.logger.info(`cycle ${cycle} done`);
      } catch (error) {
        // error: something did not work. Say what, and go on if the service can.
        this.logger.error(`cycle ${cycle} failed:`, error);
      }
      await this.sleep(this.config.interval);
    }
  }

  async #work(cycle: number) {
    // warning: unusual, and nothing is lost.
    if (cycle % 3 === 0) this.logger.warning("the sky is a little bright");
    if (this.config.simulate_errors && cycle % 5 === 0) throw new Error("simulated: the camera did not answer");
  }
}
