import { describe, expect, test } from "bun:test";
import { z } from "zod";
import {
  BaseBlockingPermanentService,
  BasePermanentService,
  BaseServiceConfig,
  BaseSingleShotService,
  service,
} from "../../src/index.ts";
import { startForTest } from "../../src/service/testing.ts";

const Config = BaseServiceConfig.extend({
  interval: z.number().positive().default(5),
  limits: z.object({ max: z.number() }).default({ max: 1 }),
});

@service({ config: Config })
class Loop extends BaseBlockingPermanentService<typeof Config> {
  rounds = 0;
  override async runService() {
    while (this.isRunning) {
      this.logger.debug(`round ${++this.rounds}`);
      await this.sleep(this.config.interval);
    }
  }
}

class Once extends BaseSingleShotService {
  override async execute() {
    this.logger.info("done");
  }
}

class Deaf extends BaseBlockingPermanentService {
  override async runService() {}
  override async onStop() {
    await new Promise(() => undefined);
  }
}

describe("a service under test", () => {
  test("runs with its configuration, and is at hand with its status", async () => {
    await using it = await startForTest(Loop, { interval: 0.001 });
    expect({ status: it.status, message: it.message }).toEqual({ status: "ok", message: "Service running" });
    expect(it.service.config).toMatchObject({ type: "test", variant: "main", interval: 0.001 });
    it.service.monitor.setStatus("degraded", "half of it");
    expect({ status: it.status, message: it.message }).toEqual({ status: "degraded", message: "half of it" });
  });

  test("is stopped, tells how it ended, and can be asked again", async () => {
    await using it = await startForTest(Loop);
    expect(await it.stop()).toEqual({ code: 0, phase: "stopped", reported: true });
    expect(it.status).toBe("shutdown");
    expect(await it.stop()).toEqual(await it.ended);
  });

  test("is stopped when the test's scope ends, also by an exception", async () => {
    let ended: Promise<unknown> | undefined;
    const body = async () => {
      await using it = await startForTest(Loop);
      ended = it.ended;
      throw new Error("the test failed");
    };
    await expect(body()).rejects.toThrow("the test failed");
    expect(await ended).toMatchObject({ phase: "stopped" });
  });

  test("keeps the type of its decorator, and takes a variant", async () => {
    @service("dome_follower")
    class Dome extends Once {}
    await using it = await startForTest(Dome, { variant: "north" });
    expect(it.service.id).toBe("dome_follower.north");
    expect(it.service.config).toMatchObject({ type: "dome_follower", variant: "north" });
  });

  test("does not see the environment's configuration", async () => {
    process.env.TEST_INTERVAL = "7";
    await using it = await startForTest(Loop);
    delete process.env.TEST_INTERVAL;
    expect(it.service.config.interval).toBe(5);
  });

  test("may run several times at once", async () => {
    await using one = await startForTest(Loop, { interval: 0.001 });
    await using two = await startForTest(Loop);
    await one.logged("round 2");
    expect(two.service.rounds).toBe(1);
  });
});

describe("a service that ends of itself", () => {
  test("may complete at once: that is no failure", async () => {
    await using it = await startForTest(Once);
    expect(await it.ended).toEqual({ code: 0, phase: "completed", reported: true });
    expect(await it.stop()).toMatchObject({ phase: "completed" });
  });

  test("by an error while it runs: the error is in the exit, even if it comes at once", async () => {
    class Broken extends BaseBlockingPermanentService {
      override async runService() {
        throw new Error("no sky");
      }
    }
    await using it = await startForTest(Broken);
    expect(await it.ended).toMatchObject({ code: 1, phase: "running", error: "no sky" });
    expect({ status: it.status, message: it.message }).toEqual({ status: "error", message: "Runtime error: no sky" });
  });

  test("and one whose clean-up never ends is given up before the test's own time-out", async () => {
    await using it = await startForTest(Deaf);
    expect(await it.ended).toMatchObject({ code: 1, phase: "stopping", error: expect.stringContaining("clean-up") });
  });
});

describe("what is logged", () => {
  test("is kept at every level, with the service's id", async () => {
    await using it = await startForTest(Loop);
    expect(it.logs).toMatchObject([{ level: "debug", source: "test.main", message: "round 1" }]);
  });

  test("is found when it has come before, and awaited when it comes later", async () => {
    await using it = await startForTest(Loop, { interval: 0.001 });
    expect((await it.logged("round 1")).message).toBe("round 1");
    expect((await it.logged(/^round 5$/g)).message).toBe("round 5");
    expect((await it.logged(/^round 5$/g)).message).toBe("round 5");
  });

  test("is told when what was awaited did not come in time", async () => {
    await using it = await startForTest(Loop);
    const text = '20 ms went by without logging "no such"; it logged\n  debug round 1';
    await expect(it.logged("no such", 20)).rejects.toThrow(text);
  });

  test("is told when the service ended without what was awaited, before or meanwhile", async () => {
    await using it = await startForTest(Loop);
    const meanwhile = it.logged(/no such/);
    await it.stop();
    const text = "it ended (stopped) without logging /no such/; it logged\n  debug round 1";
    await expect(meanwhile).rejects.toThrow(text);
    await expect(it.logged(/no such/)).rejects.toThrow(text);
  });
});

describe("a service that cannot start", () => {
  test("all faults of its configuration are told", async () => {
    const start = startForTest(Loop, { interval: -1, limits: { max: "x" }, intervall: 2 });
    await expect(start).rejects.toThrow(
      "Loop: intervall: given an unknown field, expected one of interval, limits; " +
        'interval: given -1, expected a positive number; limits.max: given "x", expected a number',
    );
  });

  test("because its onStart fails: what it threw is the cause", async () => {
    const thrown = new Error("no dome");
    class Broken extends BaseBlockingPermanentService {
      override onStart() {
        throw thrown;
      }
      override async runService() {}
    }
    const error = await startForTest(Broken).catch((error: unknown) => error);
    expect(error).toMatchObject({ message: "Broken: Startup failed: no dome", cause: thrown });
  });

  test("because its start is rejected later, or its constructor throws", async () => {
    class Late extends BasePermanentService {
      override async startService() {
        await Promise.resolve();
        throw new Error("late");
      }
    }
    class Unmade extends Once {
      readonly lens = (() => {
        throw new Error("no lens");
      })();
    }
    await expect(startForTest(Late)).rejects.toThrow("Late: Startup failed: late");
    await expect(startForTest(Unmade)).rejects.toThrow("Unmade: Initialization failed: no lens");
  });

  test("because its class cannot work", async () => {
    class Wrong extends BaseBlockingPermanentService {
      override async runService() {}
      startService() {}
    }
    await expect(startForTest(Wrong)).rejects.toThrow("Wrong overrides startService");
  });
});
