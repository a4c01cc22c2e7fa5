// Commands of services: declared by a decorator, checked when the class is made, answered in the service's own loop.
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { Logger } from "../../src/common/logger.ts";
import { Scheduler } from "../../src/common/scheduler.ts";
import { BaseBlockingPermanentService, rpc, type ServiceDefinitionError, Status } from "../../src/index.ts";
import { Messenger } from "../../src/messenger/index.ts";
import { ReportingMonitoredObject } from "../../src/monitoring/index.ts";
import { ServiceController, ServiceRequests } from "../../src/service/index.ts";
import type { ServiceClass } from "../../src/service/registry.ts";
import { commandsOf } from "../../src/service/rpc.ts";
import { startForTest } from "../../src/service/testing.ts";

abstract class Loop extends BaseBlockingPermanentService {
  override async runService() {
    while (this.isRunning) await this.sleep(1000);
  }
}

/** A decorator that replaces the method, as user code may have one. */
function counted<A extends unknown[], R>(method: (...args: A) => R) {
  return function (this: unknown, ...args: A): R {
    return method.apply(this, args);
  };
}

class Camera extends Loop {
  gain = 2;
  @rpc("expose", { args: z.object({ seconds: z.number().positive(), filter: z.enum(["B", "V"]).default("V") }) })
  async expose({ seconds, filter }: { seconds: number; filter: "B" | "V" }) {
    return { seconds, filter, gain: this.gain };
  }
  @counted
  @rpc("echo")
  echo(data: object) {
    return data;
  }
  @rpc("number")
  number() {
    return 5;
  }
  @rpc("nothing")
  nothing() {}
  @rpc("odd")
  odd() {
    return { big: 1n };
  }
  @rpc("fail")
  fail() {
    throw new Error("shutter stuck");
  }
  @rpc("hang")
  hang() {
    return new Promise(() => {});
  }
}

class BigCamera extends Camera {
  override number() {
    return 50;
  }
  @rpc("cool")
  cool() {
    return { cooled: true };
  }
}

/** A running service, and its requests. */
async function run(serviceClass: ServiceClass, prepare?: (monitor: ReportingMonitoredObject) => void) {
  const logger = new Logger("cam.main", () => {});
  const monitor = new ReportingMonitoredObject("cam.main", {
    scheduler: new Scheduler(),
    logger,
    callbackLimitMs: 100,
  });
  prepare?.(monitor);
  const controller = new ServiceController({
    id: "cam.main",
    type: "cam",
    variant: "main",
    logger,
    monitor,
    messenger: () => new Messenger(),
    terminateDelayMs: 1000,
    prepare: async () => ({ serviceClass, config: {} }),
  });
  const requests = new ServiceRequests({ controller, enter: (work) => work(), commandLimitMs: 50 });
  const early = requests.answer("number", {}).catch(String);
  const running = Promise.withResolvers<void>();
  const ended = controller.run(() => running.resolve());
  await running.promise;
  return {
    ask: (command: string, data = {}) => requests.answer(command, data),
    early,
    stop: () => controller.stop(),
    ended,
    async [Symbol.asyncDispose]() {
      controller.stop();
      await ended;
    },
  };
}

describe("@rpc", () => {
  test("knows the commands of a class and of those it extends", () => {
    const names = (service: ServiceClass) => [...commandsOf(service.prototype).keys()];
    expect(names(Camera)).toEqual(["expose", "echo", "number", "nothing", "odd", "fail", "hang"]);
    expect(names(BigCamera)).toEqual([...names(Camera), "cool"]);
    expect(names(class Plain extends Loop {})).toEqual([]);
  });

  const bad: [what: string, define: () => unknown, says: string][] = [
    [
      "health",
      () =>
        class extends Loop {
          @rpc("health") check() {}
        },
      "every service has a command of this name",
    ],
    [
      "stats",
      () =>
        class extends Loop {
          @rpc("stats") check() {}
        },
      "every service has a command of this name",
    ],
    [
      "a dot",
      () =>
        class extends Loop {
          @rpc("a.b") check() {}
        },
      "may not contain dots",
    ],
    [
      "a space",
      () =>
        class extends Loop {
          @rpc("a b") check() {}
        },
      "white space",
    ],
    [
      "a wildcard",
      () =>
        class extends Loop {
          @rpc(">") check() {}
        },
      "wildcards",
    ],
    [
      "nothing",
      () =>
        class extends Loop {
          @rpc("") check() {}
        },
      "it is empty",
    ],
    [
      "a static method",
      () =>
        class extends Loop {
          @rpc("x") static check() {}
        },
      "must be public",
    ],
    [
      "a private method",
      () =>
        class extends Loop {
          @rpc("x") #check() {}
          check() {
            this.#check();
          }
        },
      "must be public",
    ],
    [
      "a duplicate",
      () =>
        class extends Loop {
          @rpc("x") one() {}
          @rpc("x") two() {}
        },
      'the command "x" is one already',
    ],
    [
      "a duplicate of an inherited one",
      () =>
        class extends Camera {
          @rpc("expose") shoot() {}
        },
      '"expose" is expose already',
    ],
  ];
  test.each(bad)("refuses %s when the class is made", (_, define, says) => {
    expect(define).toThrow(says);
    expect(define).toThrow(
      expect.objectContaining({ code: "E_SERVICE_DEFINITION" } satisfies Partial<ServiceDefinitionError>),
    );
  });

  test("may declare an overridden method anew, with other arguments", () => {
    class Better extends Camera {
      @rpc("expose", { args: z.object({ seconds: z.number(), filter: z.enum(["B", "V"]) }) })
      override async expose(args: { seconds: number; filter: "B" | "V" }) {
        return await super.expose(args);
      }
    }
    expect(commandsOf(Better.prototype).get("expose")?.args).not.toBe(commandsOf(Camera.prototype).get("expose")?.args);
  });
});

describe("a running service", () => {
  test("answers with what the method returns", async () => {
    await using camera = await run(Camera);
    expect(await camera.ask("expose", { seconds: 5 })).toEqual({ seconds: 5, filter: "V", gain: 2 });
    expect(await camera.ask("echo", { any: [1, null] })).toEqual({ any: [1, null] });
    expect(await camera.ask("number")).toEqual({ result: 5 });
    expect(await camera.ask("nothing")).toEqual({});
  });
  test("calls the method that overrides the one with the decorator", async () => {
    await using camera = await run(BigCamera);
    expect(await camera.ask("number")).toEqual({ result: 50 });
    expect(await camera.ask("cool")).toEqual({ cooled: true });
  });
  test("refuses arguments that do not fit, in words", async () => {
    await using camera = await run(Camera);
    await expect(camera.ask("expose", { seconds: -1, filter: "R" })).rejects.toThrow(
      'expose: seconds: given -1, expected a positive number; filter: given "R", expected one of B, V',
    );
    await expect(camera.ask("expose")).rejects.toThrow(/seconds: given \S+, expected a positive number/);
  });
  test("tells what is wrong with a command, and lives on", async () => {
    await using camera = await run(Camera);
    await expect(camera.ask("fail")).rejects.toThrow("shutter stuck");
    await expect(camera.ask("odd")).rejects.toThrow("odd returned what is no JSON");
    await expect(camera.ask("hang")).rejects.toThrow("hang has not ended within 0.05 s; it goes on");
    await expect(camera.ask("expos")).rejects.toThrow(/cam.main has no command "expos".*did you mean "expose"\?/);
    expect(await camera.ask("number")).toEqual({ result: 5 });
  });
  test("answers commands only while it runs, health and stats always", async () => {
    const camera = await run(Camera);
    expect(await camera.early).toContain("cam.main is initializing: it answers commands while it is running");
    camera.stop();
    await camera.ended;
    await expect(camera.ask("number")).rejects.toThrow("cam.main is stopped");
    expect(await camera.ask("health")).toMatchObject({ service_id: "cam.main", status: "shutdown" });
  });
  test("health runs the checks now, each within its limit, and tells what each says", async () => {
    let temperature = 10;
    await using camera = await run(Camera, (monitor) => {
      monitor.addHealthcheckCb(function cooler() {
        return temperature > 20 ? { status: Status.ERROR, message: "too warm" } : null;
      });
      monitor.addHealthcheckCb(async function shutter() {
        return Status.OK;
      });
      monitor.addHealthcheckCb(function stuck() {
        return new Promise<never>(() => {});
      });
    });
    const checks = { cooler: "ok", shutter: "ok", stuck: "degraded" };
    expect(await camera.ask("health")).toMatchObject({ service_id: "cam.main", status: "degraded", checks });
    temperature = 30;
    const warm = await camera.ask("health");
    expect(warm).toMatchObject({ status: "error", message: "too warm", checks: { ...checks, cooler: "error" } });
    expect(warm.timestamp).toHaveLength(7);
  });
  test("stats asks every metric, also those that take their time, and counts requests", async () => {
    await using camera = await run(Camera, (monitor) => {
      monitor.addMetricCb(() => ({ frames: 3 }));
      monitor.addMetricCb(async () => {
        await Bun.sleep(5);
        return { slow: { mean: 0.5 } };
      });
    });
    await camera.ask("fail").catch(() => undefined);
    const stats = await camera.ask("stats");
    expect(stats.service_id).toBe("cam.main");
    expect(stats.uptime_seconds).toBeGreaterThan(0);
    expect(stats.stats).toEqual({
      frames: 3,
      slow: { mean: 0.5 },
      lifecycle: expect.objectContaining({ status: "running", messages_sent: 0, errors: 0 }),
      counters: { rpc_requests: 3, rpc_errors: 2 },
    });
  });
});

test("an author's test asks a service as over NATS", async () => {
  await using camera = await startForTest(Camera);
  expect(await camera.request("number")).toEqual({ result: 5 });
  expect(await camera.request("health")).toMatchObject({ status: "ok" });
  await expect(camera.request("fail")).rejects.toThrow("shutter stuck");
});
