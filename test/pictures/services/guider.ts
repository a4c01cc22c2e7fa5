// Guides, with a seeing that is bad now and then.
import { BaseBlockingPermanentService, BaseServiceConfig, MonitoredObject, Status, service } from "ocabox-tcs";
import { z } from "zod";

export const Config = BaseServiceConfig.extend({
  /** Arcseconds, root mean square, that the star wanders. */
  seeing: z.number().positive().default(0.4),
});

@service({ config: Config })
export class Guider extends BaseBlockingPermanentService<typeof Config> {
  #frames = 0;
  readonly #camera = new MonitoredObject("camera");

  override async runService() {
    this.monitor.addSubmonitor(this.#camera);
    this.#camera.setStatus(Status.OK, "cooled to -20.0 °C");
    let rms = this.config.seeing;
    this.monitor.addMetricCb(() => ({ frames: this.#frames, rms_arcsec: Number(rms.toFixed(2)) }));
    this.logger.info("guiding on star 3, 11.4 mag");
    while (this.isRunning) {
      this.#frames++;
      rms = this.config.seeing * (1 + 0.2 * Math.sin(this.#frames / 4) + 0.05 * Math.cos(this.#frames * 1.7));
      if (this.#frames % 5 === 0) this.logger.info(`frame ${this.#frames}: RMS ${rms.toFixed(2)}"`);
      if (this.config.seeing > 1)
        this.monitor.setStatus(Status.DEGRADED, `guiding RMS ${this.config.seeing}": expected 1.0" or less`);
      else this.monitor.setStatus(Status.OK, "guiding");
      await this.sleep(0.5);
    }
  }
}
