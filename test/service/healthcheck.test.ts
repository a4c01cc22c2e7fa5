// A service's own method `healthcheck`: a check that nobody has to add.
import { expect, test } from "bun:test";
import { BaseBlockingPermanentService, Status, service } from "../../src/index.ts";
import { startForTest } from "../../src/service/testing.ts";

@service("watched")
class Watched extends BaseBlockingPermanentService {
  failures = 0;
  override healthcheck() {
    return this.failures > 0 ? { status: Status.DEGRADED, message: `${this.failures} failures` } : null;
  }
  override async runService() {
    while (this.isRunning) await this.sleep(1000);
  }
}

test("the method healthcheck of a service says how it is, and is named in its checks", async () => {
  await using it = await startForTest(Watched);
  expect(it.status).toBe("ok");
  it.service.failures = 2;
  await it.service.monitor.healthcheck();
  expect([it.status, it.message]).toEqual(["degraded", "2 failures"]);
  expect(it.service.monitor.checks).toEqual({ healthcheck: Status.DEGRADED });
  it.service.failures = 0;
  await it.service.monitor.healthcheck();
  expect(it.status).toBe("ok");
});

test("a service without one has no checks", async () => {
  @service("plain")
  class Plain extends BaseBlockingPermanentService {
    override async runService() {
      while (this.isRunning) await this.sleep(1000);
    }
  }
  await using it = await startForTest(Plain);
  expect(it.service.monitor.checks).toEqual({});
});
