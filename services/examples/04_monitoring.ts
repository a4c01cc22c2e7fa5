// Health as others see it: a health check, metrics, and a part with a status of its own.
import { BaseBlockingPermanentService, BaseServiceConfig, MonitoredObject, Status, service } from "ocabox-tcs";
import { z } from "zod";

export const Config = BaseServiceConfig.extend({
  /** Seconds between two cycles. */
  interval: z.number().positive().default(2),
  /** Errors in a row after which the service gives up. */
  max_errors: z.int().positive().default(5),
});

@service({ type: "examples.monitoring", config: Config })
export class Monitoring extends BaseBlockingPermanentService<typeof Config> {
  #cycles = 0;
  #errorsInARow = 0;
  readonly #sensor = new MonitoredObject("sensor");

  override onStart() {
    // Asked now and then: a status, or nothing to leave it as it is.
    this.monitor.addHealthcheckCb(() => (this.#errorsInARow > 0 ? Status.DEGRADED : undefined));
    this.monitor.addMetricCb(() => ({ cycles: this.#cycles, errors_in_a_row: this.#errorsInARow }));
    // The service's status is the worst of its own and its parts'.
    this.monitor.addSubmonitor(this.#sensor);
    this.#sensor.setStatus(Status.OK, "calibrated");
  }

  override async runService() {
    while (this.isRunning) {
      this.#cycles++;
      try {
        this.#measure();
        this.#errorsInARow = 0;
        this.#sensor.setStatus(Status.OK, "measuring");
      } catch (error) {
        this.#errorsInARow++;
        this.#sensor.setStatus(Status.DEGRADED, String(error));
        this.logger.error("measurement failed:", error);
        // An exception out of runService means status "error", and a restart if the policy says so.
        if (this.#errorsInARow >= this.config.max_errors) throw new Error("too many errors in a row");
      }
      await this.sleep(this.config.interval);
    }
  }

  #measure() {
    if (this.#cycles % 10 === 0) throw new Error("simulated: no reading");
  }
}
