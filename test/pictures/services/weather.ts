// A weather station that measures calm air.
import { BaseBlockingPermanentService, Status, service } from "ocabox-tcs";

@service
export class Weather extends BaseBlockingPermanentService {
  override async runService() {
    let looks = 0;
    this.monitor.addMetricCb(() => ({ wind_m_s: Number((4 + Math.sin(looks / 6)).toFixed(1)), humidity_percent: 31 }));
    while (this.isRunning) {
      looks++;
      this.monitor.setStatus(Status.OK, "dry, wind 4 m/s");
      await this.sleep(0.5);
    }
  }
}
