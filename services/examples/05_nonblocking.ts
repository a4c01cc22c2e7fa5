// Several tasks of one's own: start them, return, and end them when asked to stop.
import { BasePermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";

export const Config = BaseServiceConfig.extend({
  worker_count: z.int().min(1).max(100).default(3),
  /** Seconds between two cycles of a worker. */
  interval: z.number().positive().default(2),
});

@service({ type: "examples.nonblocking", config: Config })
export class NonBlocking extends BasePermanentService<typeof Config> {
  #workers: Promise<void>[] = [];

  override startService() {
    this.#workers = Array.from({ length: this.config.worker_count }, (_, index) => this.#work(index + 1));
    this.logger.info(`started ${this.#workers.length} workers`);
  }

  override async stopService() {
    // this.sleep() has woken them already.
    await Promise.all(this.#workers);
    this.logger.info("all workers ended");
  }

  async #work(worker: number) {
    for (let cycle = 1; this.isRunning; cycle++) {
      this.logger.info(`worker ${worker}: cycle ${cycle}`);
      await this.sleep(this.config.interval);
    }
  }
}
