import { describe, expect, test } from "bun:test";
import { Logger, type LogRecord } from "../../src/common/logger.ts";
import { Scheduler } from "../../src/common/scheduler.ts";
import {
  BaseBlockingPermanentService,
  BasePermanentService,
  BaseServiceConfig,
  BaseSingleShotService,
  type ServiceClass,
  Status,
} from "../../src/index.ts";
import { Messenger } from "../../src/messenger/index.ts";
import { ReportingMonitoredObject } from "../../src/monitoring/index.ts";
import { ServiceController } from "../../src/service/controller.ts";
import { LIMIT_MS, within } from "../support/wait.ts";

function control(serviceClass: ServiceClass, terminateDelayMs = LIMIT_MS) {
  const logs: LogRecord[] = [];
  const logger = new Logger("thing.main", (record) => logs.push(record), "debug");
  const monitor = new ReportingMonitoredObject("thing.main", { scheduler: new Scheduler(), logger });
  const statuses: string[] = [];
  monitor.onChange((report) => statuses.push(`${report.status}: ${report.message}`));
  const controller = new ServiceController({
    id: "thing.main",
    type: "thing",
    variant: "main",
    logger,
    monitor,
    messenger: () => new Messenger(),
    terminateDelayMs,
    prepare: async () => ({
      serviceClass,
      config: BaseServiceConfig.parse({ type: "thing", variant: "main" }),
    }),
  });
  return { controller, monitor, statuses, logs, state: () => controller.lifecycle.history.map((step) => step.state) };
}

/** The place of an error that is thrown in this file. */
const HERE = expect.stringMatching(/^controller\.test\.ts:\d+:\d+$/);

const run = (it: ReturnType<typeof control>) => within("the service's life", it.controller.run());

describe("a blocking service", () => {
  test("starts, runs, stops when asked; the wire sees each status once", async () => {
    const calls: string[] = [];
    class Loop extends BaseBlockingPermanentService {
      override onStart() {
        calls.push(`start ${this.config.variant}`);
      }
      override async runService() {
        while (this.isRunning) await this.sleep(1000);
        calls.push("loop ended");
      }
      override onStop() {
        calls.push("stop");
      }
    }
    const it = control(Loop);
    const life = it.controller.run(() => queueMicrotask(() => it.controller.stop()));
    expect(await within("the service's life", life)).toEqual({ code: 0, phase: "stopped", reported: true });
    expect(calls).toEqual(["start main", "loop ended", "stop"]);
    expect(it.statuses).toEqual([
      "startup: Starting service",
      "ok: Service running",
      "shutdown: Stopping service",
      "shutdown: Service stopped",
    ]);
    expect(it.state()).toEqual([
      "initializing",
      "initialized",
      "starting",
      "started",
      "running",
      "stopping",
      "stopped",
    ]);
  });

  test("that returns has completed", async () => {
    class Short extends BaseBlockingPermanentService {
      override async runService() {}
    }
    expect(await run(control(Short))).toEqual({ code: 0, phase: "completed", reported: true });
  });

  test("that returns after setting itself failed has failed, and keeps its words", async () => {
    class GivesUp extends BaseBlockingPermanentService {
      override async runService() {
        this.monitor.setStatus(Status.FAILED, "Max errors exceeded");
      }
    }
    const it = control(GivesUp);
    expect(await run(it)).toEqual({ code: 1, phase: "running", error: "Max errors exceeded", reported: true });
    expect(it.statuses.at(-1)).toBe("failed: Max errors exceeded");
  });

  test("that throws in its loop ends with status error, after its clean-up", async () => {
    let cleaned = false;
    class Broken extends BaseBlockingPermanentService {
      override async runService() {
        throw new Error("the dome is stuck");
      }
      override onStop() {
        cleaned = true;
      }
    }
    const it = control(Broken);
    expect(await run(it)).toEqual({
      code: 1,
      phase: "running",
      error: "the dome is stuck",
      place: HERE,
      reported: true,
    });
    expect(it.statuses.at(-1)).toBe("error: Runtime error: the dome is stuck");
    expect(cleaned).toBe(true);
    expect(it.controller.lifecycle.state).toBe("failed");
  });

  test.each(["a constructor", "onStart"])("that throws in %s has failed to start", async (where) => {
    class Broken extends BaseBlockingPermanentService {
      constructor() {
        super();
        if (where === "a constructor") throw new Error("no device");
      }
      override onStart() {
        if (where === "onStart") throw new Error("no device");
      }
      override async runService() {}
    }
    const it = control(Broken);
    expect(await run(it)).toEqual({ code: 1, phase: "startup", error: "no device", place: HERE, reported: true });
    const what = where === "onStart" ? "Startup failed" : "Initialization failed";
    expect(it.statuses).toEqual(["startup: Starting service", `failed: ${what}: no device`]);
  });

  test("that throws in onStop ends with status error", async () => {
    class Broken extends BaseBlockingPermanentService {
      override async runService() {
        await this.sleep(1000);
      }
      override onStop() {
        throw new Error("cannot park");
      }
    }
    const it = control(Broken);
    const life = it.controller.run(() => it.controller.stop());
    expect(await within("the service's life", life)).toEqual({
      code: 1,
      phase: "stopping",
      error: "cannot park",
      place: HERE,
      reported: true,
    });
    expect(it.statuses.at(-1)).toBe("error: Shutdown failed: cannot park");
  });

  test("whose onStop never returns is given up", async () => {
    class Stuck extends BaseBlockingPermanentService {
      override async runService() {
        await this.sleep(1000);
      }
      override async onStop() {
        await new Promise(() => undefined);
      }
    }
    const it = control(Stuck, 50);
    const life = it.controller.run(() => it.controller.stop());
    const exit = await within("the service's life", life);
    expect(exit).toMatchObject({ code: 1, phase: "stopping", lingering: true, reported: true });
    expect(it.statuses.at(-1)).toStartWith("error: Shutdown failed: clean-up did not end within");
  });

  test("whose loop ignores the stop is cleaned up without it", async () => {
    let cleaned = false;
    class Deaf extends BaseBlockingPermanentService {
      override async runService() {
        await new Promise(() => undefined);
      }
      override onStop() {
        cleaned = true;
      }
    }
    const it = control(Deaf, 50);
    const life = it.controller.run(() => it.controller.stop());
    expect(await within("the service's life", life)).toMatchObject({ phase: "stopped", lingering: true });
    expect(cleaned).toBe(true);
  });

  test.each(["ignores what sleep says", "swallows every error"])("whose loop %s ends all the same", async (how) => {
    let ticks = 0;
    class Careless extends BaseBlockingPermanentService {
      override async runService() {
        for (;;) {
          ticks++;
          const nap = this.sleep(1000);
          await (how === "swallows every error" ? nap.catch(() => false) : nap);
        }
      }
    }
    const it = control(Careless, 200);
    const life = it.controller.run(() => it.controller.stop());
    expect(await within("the service's life", life)).toMatchObject({ code: 0, phase: "stopped" });
    expect(ticks).toBeLessThan(100);
  });
});

test("a stop during the start ends the service after it, without running it", async () => {
  const entered = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const calls: string[] = [];
  class Slow extends BasePermanentService {
    override async startService() {
      entered.resolve();
      await started.promise;
      calls.push("started");
    }
    override stopService() {
      calls.push("stopped");
    }
  }
  const it = control(Slow);
  const life = run(it);
  await entered.promise;
  it.controller.stop();
  started.resolve();
  expect(await life).toEqual({ code: 0, phase: "stopped", reported: true });
  expect(calls).toEqual(["started", "stopped"]);
  expect(it.statuses).not.toContain("ok: Service running");
});

test("a stop before the service is made makes none", async () => {
  let made = false;
  class Never extends BasePermanentService {
    constructor() {
      super();
      made = true;
    }
  }
  const it = control(Never);
  it.controller.stop();
  expect(await run(it)).toMatchObject({ code: 0, phase: "stopped" });
  expect(made).toBe(false);
});

test("a permanent service runs until it is stopped; fetch ends with its signal", async () => {
  class Fetching extends BasePermanentService {
    aborted = false;
    override startService() {
      this.signal.addEventListener("abort", () => {
        this.aborted = true;
      });
    }
    override stopService() {
      if (!this.aborted) throw new Error("the signal was not aborted");
    }
  }
  const it = control(Fetching);
  const life = it.controller.run(() => setTimeout(() => it.controller.stop(), 5));
  expect(await within("the service's life", life)).toMatchObject({ code: 0, phase: "stopped" });
});

describe("a single-shot service", () => {
  test("completes", async () => {
    class Import extends BaseSingleShotService {
      override async execute() {}
    }
    const it = control(Import);
    expect(await run(it)).toMatchObject({ code: 0, phase: "completed" });
    expect(it.statuses.at(-1)).toBe("shutdown: Service completed");
  });
  test("that throws has a runtime error", async () => {
    class Import extends BaseSingleShotService {
      override async execute() {
        throw new Error("no file");
      }
    }
    expect(await run(control(Import))).toMatchObject({ code: 1, phase: "running", error: "no file" });
  });
});

test("config is at hand in the constructor and in field initialisers", async () => {
  let seen: unknown;
  class Early extends BaseSingleShotService {
    readonly variant = this.config.variant;
    override async execute() {
      seen = [this.variant, this.id, this.svcConfig.type];
    }
  }
  await run(control(Early));
  expect(seen).toEqual(["main", "thing.main", "thing"]);
});

test("an error that nobody awaits ends the service it belongs to", async () => {
  class Loop extends BasePermanentService {}
  const it = control(Loop);
  const life = it.controller.run(() => it.controller.crash(new Error("lost callback")));
  expect(await within("the service's life", life)).toMatchObject({ code: 1, phase: "running", error: "lost callback" });
  expect(it.statuses.at(-1)).toBe("error: Runtime error: lost callback");
});

test("sleep refuses what is no time", async () => {
  class Nap extends BaseSingleShotService {
    override async execute() {
      await this.sleep(-1);
    }
  }
  expect(await run(control(Nap))).toMatchObject({ error: expect.stringContaining("expected a number of seconds") });
});
