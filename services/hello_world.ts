// The canonical example: says hello every few seconds.
import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";

export const Config = BaseServiceConfig.extend({
  /** Seconds between two greetings. */
  interval: z.number().positive().default(5),
  message: z.string().default("Hello World!"),
});

@service({ type: "hello_world", config: Config })
export class HelloWorld extends BaseBlockingPermanentService<typeof Config> {
  override async runService() {
    while (this.isRunning) {
      this.logger.info(this.config.message);
      await this.sleep(this.config.interval);
    }
  }
}
