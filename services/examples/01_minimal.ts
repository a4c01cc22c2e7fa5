// The smallest service there is: a loop that ends when it is asked to.
import { BaseBlockingPermanentService, service } from "ocabox-tcs";

@service("examples.minimal")
export class Minimal extends BaseBlockingPermanentService {
  override async runService() {
    while (this.isRunning) {
      this.logger.info("I am alive");
      await this.sleep(5);
    }
  }
}
