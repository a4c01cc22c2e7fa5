import { describe, expect, test } from "bun:test";
import { BaseBlockingPermanentService, BasePermanentService, LifecycleService, rpc } from "../../src/index.ts";
import { startForTest } from "../../src/service/testing.ts";
import { within } from "../support/wait.ts";

class Plain extends BasePermanentService {}

describe("a registered task", () => {
  test("of a service that is starting begins when it runs", async () => {
    const states: string[] = [];
    class Early extends BasePermanentService {
      override async startService() {
        this.registerTask(() => states.push(this.state));
        await Bun.sleep(2);
        states.push(this.state);
      }
    }
    await using _ = await startForTest(Early);
    expect(states).toEqual(["starting", "running"]);
  });

  test("may be a promise of what is being done already", async () => {
    await using it = await startForTest(Plain);
    const done = Promise.withResolvers<number>();
    const task = it.service.registerTask(done.promise, "exposure");
    done.resolve(1);
    expect(await task.ended).toBeUndefined();
    expect(task.name).toBe("exposure");
  });

  test("that throws ends the service, and is counted once", async () => {
    await using it = await startForTest(Plain);
    it.service.registerTask(async () => {
      throw new Error("the guide star is lost");
    });
    expect(await it.ended).toMatchObject({ code: 1, phase: "running", error: "the guide star is lost" });
    expect({ status: it.status, errors: it.service.stats.errors }).toEqual({ status: "error", errors: 1 });
  });

  test("is waited for by the stop; clean-up comes after its end", async () => {
    const order: string[] = [];
    class Careful extends BasePermanentService {
      override startService() {
        this.registerTask(async () => {
          while (await this.sleep(1000));
          await Bun.sleep(5);
          order.push("task");
        });
      }
      override stopService() {
        order.push("clean-up");
      }
    }
    await using it = await startForTest(Careful);
    expect(await it.stop()).toEqual({ code: 0, phase: "stopped", reported: true });
    expect(order).toEqual(["task", "clean-up"]);
  });

  test("that ignores the stop is named, and the service is cleaned up without it", async () => {
    await using it = await startForTest(Plain);
    it.service.registerTask(new Promise(() => undefined), "deaf");
    expect(await it.stop()).toEqual({ code: 0, phase: "stopped", reported: true, lingering: true });
    await it.logged("still running after the stop: deaf");
  });

  test("of a hundred is ended by the stop as well as of one, though each sleeps once more", async () => {
    await using it = await startForTest(Plain);
    const { service } = it;
    for (let n = 0; n < 100; n++) {
      service.registerTask(async () => {
        await service.sleep(1000);
        await service.sleep(1000);
      });
    }
    expect(await it.stop()).toEqual({ code: 0, phase: "stopped", reported: true });
  });

  test("of a main loop that returns is ended with it", async () => {
    class Short extends BaseBlockingPermanentService {
      override async runService() {
        this.registerTask(async () => {
          while (await this.sleep(1000));
          this.logger.info("the task has ended");
        });
      }
    }
    await using it = await startForTest(Short);
    expect(await it.ended).toEqual({ code: 0, phase: "completed", reported: true });
    await it.logged("the task has ended");
  });

  test("never begins when the service stops first; a stopping service takes none", async () => {
    let begun = false;
    let ended: Promise<void> | undefined;
    class Hasty extends BasePermanentService {
      override startService() {
        ended = this.registerTask(() => (begun = true)).ended;
        this.requestStop();
        expect(() => this.registerTask(() => undefined)).toThrow("the service is stopping");
      }
    }
    await expect(startForTest(Hasty)).rejects.toThrow("Service completed");
    await within("the end of the task", Promise.resolve(ended));
    expect(begun).toBe(false);
  });
});

describe("statistics", () => {
  test("tell since when, how long, and what was counted; they stand still at the end", async () => {
    const before = Date.now();
    await using it = await startForTest(Plain);
    const { stats } = it.service;
    expect(stats.startTime?.getTime()).toBeWithin(before, Date.now() + 1);
    stats.countSent();
    stats.countSent(2);
    stats.countReceived();
    it.service.recordError(new Error("a bad frame"));
    await Bun.sleep(2);
    expect(stats.uptimeSeconds).toBeGreaterThan(0.001);
    const counts = { messages_sent: 3, messages_received: 1, errors: 1 };
    expect(stats.toJSON()).toMatchObject({ status: "running", ...counts });
    expect((await it.request("stats")).stats).toMatchObject({ lifecycle: { status: "running", ...counts } });
    await it.stop();
    const { uptimeSeconds } = stats;
    await Bun.sleep(2);
    expect(stats.uptimeSeconds).toBe(uptimeSeconds);
    expect(stats.status).toBe("stopped");
  });

  test("are displayed every so often, while the service runs", async () => {
    class Counting extends BasePermanentService {
      override startService() {
        this.stats.countSent();
        this.displayStats(0.005);
      }
    }
    await using it = await startForTest(Counting);
    await it.logged(/^running for \d+\.\d s, 1 message sent, 0 received, 0 errors$/);
    expect(() => it.service.displayStats(0)).toThrow("displayStats(0): expected seconds, more than 0");
    expect(await it.stop()).toMatchObject({ code: 0 });
  });
});

describe("a recorded error", () => {
  test("is logged and counted, and the service goes on", async () => {
    await using it = await startForTest(Plain);
    it.service.recordError(new Error("no such topic"), { what: "Message refused" });
    await it.logged("Message refused: no such topic");
    expect({ state: it.service.state, errors: it.service.stats.errors }).toEqual({ state: "running", errors: 1 });
  });

  test("that is fatal ends the service with an error, cleaned up", async () => {
    let cleaned = false;
    class Fatal extends BasePermanentService {
      override stopService() {
        cleaned = true;
      }
    }
    await using it = await startForTest(Fatal);
    it.service.recordError(new Error("the dome is stuck"), { fatal: true });
    expect(await it.ended).toMatchObject({ code: 1, phase: "running", error: "the dome is stuck" });
    expect({ status: it.status, cleaned, state: it.service.state }).toEqual({
      status: "error",
      cleaned: true,
      state: "failed",
    });
  });

  test("of what the stop aborts is none", async () => {
    await using it = await startForTest(Plain);
    it.service.requestStop();
    it.service.recordError(new DOMException("stopped", "AbortError"));
    await it.ended;
    expect(it.service.stats.errors).toBe(0);
  });

  test("of a state callback leaves the service as it is", async () => {
    class Listening extends BasePermanentService {
      override startService() {
        this.registerStateCallback("running", () => {
          throw new Error("nobody there");
        });
      }
    }
    await using it = await startForTest(Listening);
    await it.logged("State callback failed: nobody there");
    expect({ state: it.service.state, errors: it.service.stats.errors }).toEqual({ state: "running", errors: 1 });
  });
});

test("a command that stops its service has its answer", async () => {
  class Obedient extends LifecycleService {
    @rpc("leave") async leave() {
      await this.stop();
      return { left: this.state };
    }
  }
  await using it = await startForTest(Obedient);
  expect(await it.request("leave")).toEqual({ left: "running" });
  expect(await it.ended).toMatchObject({ code: 0, phase: "completed" });
});

test("the monitor says what the state is", async () => {
  const said: string[] = [];
  class Watched extends LifecycleService {
    constructor() {
      super();
      for (const state of ["starting", "started", "running", "stopping"] as const) {
        this.registerStateCallback(state, () => {
          said.push(`${state}: ${this.monitor.status}`);
        });
      }
    }
  }
  await using it = await startForTest(Watched);
  await it.stop();
  expect(said).toEqual(["starting: startup", "started: startup", "running: ok", "stopping: shutdown"]);
  expect(it.status).toBe("shutdown");
});

test("a service whose start does not end is stopped all the same, and cleaned up", async () => {
  const held = Promise.withResolvers<LifecycleService>();
  const calls: string[] = [];
  class Hangs extends LifecycleService {
    override async start() {
      held.resolve(this);
      await new Promise(() => undefined);
    }
    override async stop() {
      await super.stop();
      calls.push("cleaned up");
    }
  }
  const started = startForTest(Hangs).catch(() => "not started");
  const service = await held.promise;
  // Not the service's own code: it waits for the end.
  await service.stop();
  expect({ state: service.state, calls, started: await started }).toEqual({
    state: "stopped",
    calls: ["cleaned up"],
    started: "not started",
  });
});
