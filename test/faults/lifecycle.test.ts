// The faults of the Experimance services: each has a test here that names it.
import { expect, test } from "bun:test";
import { BasePermanentService, LifecycleService } from "../../src/index.ts";
import { Lifecycle } from "../../src/service/lifecycle/index.ts";
import { startForTest } from "../../src/service/testing.ts";
import { encodeTopicMessage, TopicHandlers } from "../../src/zmtp/index.ts";

class Dome extends LifecycleService {
  stops = 0;
  override async stop() {
    await super.stop();
    await Bun.sleep(2);
    this.stops += 1;
  }
}

test("stop while stopping raises: here it is the same stop, from any state", async () => {
  await using it = await startForTest(Dome);
  const { service } = it;
  const first = service.stop();
  await service.waitForState("stopping");
  await Promise.all([first, service.stop(), service.stop()]);
  expect(service.state).toBe("stopped");
  await service.stop();
  expect(service.stops).toBe(1);
  expect(await it.ended).toMatchObject({ code: 0 });
});

test("a state reached and left between two looks is missed by the waiter: here it is seen", async () => {
  const lifecycle = new Lifecycle();
  const waiting = lifecycle.waitForState("initialized");
  const look = lifecycle.steps;
  lifecycle.to("initialized");
  lifecycle.to("starting");
  lifecycle.to("started");
  await waiting;
  await lifecycle.waitForState("starting", { since: look });
  expect(lifecycle.state).toBe("started");
});

test("tasks added while running never start: here they start at once", async () => {
  await using it = await startForTest(Dome);
  let begun = false;
  const task = it.service.registerTask(() => (begun = true));
  expect(begun).toBe(true);
  await task.ended;
});

test("a restart after stop ignores later stop requests: here a new life has nothing of the one before", async () => {
  class Counting extends BasePermanentService {
    override startService() {
      this.stats.countSent();
      this.recordError(new Error("each life has one"));
    }
  }
  for (let life = 1; life <= 3; life++) {
    await using it = await startForTest(Counting);
    const { service } = it;
    expect(service.isRunning).toBe(true);
    expect(service.stats.toJSON()).toMatchObject({ status: "running", messages_sent: 1, errors: 1 });
    expect(service.stateHistory.map(({ state }) => state).at(0)).toBe("initializing");
    expect(service.stateHistory).toHaveLength(5);
    expect(await it.stop()).toMatchObject({ code: 0, phase: "stopped" });
    expect(service.state).toBe("stopped");
  }
});

test("an error counted twice: here once, be it recorded again, wrapped, or thrown on", async () => {
  class Broken extends BasePermanentService {
    override startService() {
      this.registerTask(async () => {
        const error = new Error("no cable");
        this.recordError(error);
        this.recordError(error);
        this.recordError(new Error("the dome is stuck", { cause: error }));
        throw error;
      });
    }
  }
  await using it = await startForTest(Broken);
  expect(await it.ended).toMatchObject({ code: 1, error: "no cable" });
  expect(it.service.stats.errors).toBe(1);
  const told = it.logs.filter(({ level }) => level === "error").map(({ message }) => message);
  expect(told).toEqual([
    "Error: no cable",
    "Error: the dome is stuck",
    expect.stringMatching(/^Runtime error: no cable/),
  ]);
});

test("a prefix subscription delivers topics nobody asked for to the wrong handler: here a topic is a word", async () => {
  const heard: string[] = [];
  const handlers = new TopicHandlers().on("state", (_, topic) => void heard.push(topic));
  expect(handlers.subscriptions).toEqual(["state "]);
  for (const topic of ["statement", "state.dome", "state"]) {
    await handlers.dispatch(Buffer.from(encodeTopicMessage(topic, {})));
  }
  expect(heard).toEqual(["state"]);
});
