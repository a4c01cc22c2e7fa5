import { describe, expect, test } from "bun:test";
import { MonitoredObject, MonitorTreeError, type StatusReport } from "../../src/monitoring/index.ts";
import { cpuMsSince } from "../support/cpu.ts";
import { waitFor } from "../support/wait.ts";
import { logbook } from "./support.ts";

/** The status and message of each change that is told. */
function changes(monitor: MonitoredObject): string[] {
  const told: string[] = [];
  monitor.onChange((report) =>
    told.push(report.message === undefined ? report.status : `${report.status}: ${report.message}`),
  );
  return told;
}

describe("setStatus", () => {
  test("each change of status or message is told, an equal pair is not", () => {
    const monitor = new MonitoredObject("m");
    const told = changes(monitor);
    monitor.setStatus("ok");
    monitor.setStatus("ok");
    monitor.setStatus("ok", "running");
    monitor.setStatus("ok", "running");
    monitor.setStatus("ok", "running well");
    monitor.setStatus("ok");
    expect(told).toEqual(["ok", "ok: running", "ok: running well", "ok"]);
  });

  test("an empty message is no message, and a huge one is cut", () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok", "");
    expect(monitor.report()).not.toHaveProperty("message");
    monitor.setStatus("error", "x".repeat(2 ** 20));
    expect(monitor.message?.length).toBe(4_000);
  });

  test("what is no status is refused with a word, and changes nothing", () => {
    const { logger, lines } = logbook();
    const monitor = new MonitoredObject("m", { logger });
    monitor.setStatus("ok");
    // What unchecked code might pass.
    monitor.setStatus("fine" as never);
    expect(monitor.status).toBe("ok");
    expect(lines).toEqual(['warning: m: setStatus was given "fine", which is no status']);
  });

  test("a listener that throws harms neither the caller nor the other listeners", () => {
    const { logger, lines } = logbook();
    const monitor = new MonitoredObject("m", { logger });
    monitor.onChange(() => {
      throw new Error("bad listener");
    });
    const told = changes(monitor);
    monitor.setStatus("ok");
    expect(told).toEqual(["ok"]);
    expect(lines).toHaveLength(1);
  });

  test("a listener hears nothing after it has ended", () => {
    const monitor = new MonitoredObject("m");
    let heard = 0;
    const end = monitor.onChange(() => heard++);
    monitor.setStatus("ok");
    end();
    monitor.setStatus("error");
    expect(heard).toBe(1);
  });
});

describe("parts", () => {
  test("a report has details only when there are parts or metrics", () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok", "fine");
    const { time, ...bare } = monitor.report();
    expect(bare).toEqual({ name: "m", status: "ok", message: "fine" });
    expect(Math.abs(time - Date.now())).toBeLessThan(1_000);
    monitor.addMetricCb(() => ({ queue: 3 }));
    expect(monitor.report().details).toEqual({ metrics: { queue: 3 } });
  });

  test("the status of the whole is the worst of its own and its parts', and the report has all levels", () => {
    const [top, middle, bottom] = [
      new MonitoredObject("top"),
      new MonitoredObject("middle"),
      new MonitoredObject("bottom"),
    ];
    top.addSubmonitor(middle);
    middle.addSubmonitor(bottom);
    top.setStatus("ok");
    middle.setStatus("idle");
    bottom.setStatus("degraded", "slow");
    expect(top.status).toBe("degraded");
    expect(top.ownStatus).toBe("ok");
    const report = top.report();
    expect(report).toMatchObject({ status: "degraded", details: { own_status: "ok", children: [{ name: "middle" }] } });
    expect(report.details?.children?.[0]?.details?.children?.[0]).toMatchObject({ name: "bottom", status: "degraded" });
  });

  test("a part that was given no status makes a healthy whole a warning, as in the Python framework", () => {
    const top = new MonitoredObject("top");
    top.setStatus("ok");
    top.addSubmonitor(new MonitoredObject("part"));
    expect(top.status).toBe("warning");
  });

  test("a change in a part is told by the whole", () => {
    const top = new MonitoredObject("top");
    const part = new MonitoredObject("part");
    top.setStatus("ok");
    part.setStatus("ok");
    top.addSubmonitor(part);
    const told = changes(top);
    part.setStatus("error", "stuck");
    part.setStatus("error", "stuck");
    part.setStatus("error", "still stuck");
    expect(told).toEqual(["error", "error"]);
  });

  test("a circle is refused, of one, two or three", () => {
    const [a, b, c] = [new MonitoredObject("a"), new MonitoredObject("b"), new MonitoredObject("c")];
    a.addSubmonitor(b);
    b.addSubmonitor(c);
    expect(() => a.addSubmonitor(a)).toThrow(MonitorTreeError);
    expect(() => b.addSubmonitor(a)).toThrow(MonitorTreeError);
    expect(() => c.addSubmonitor(a)).toThrow('monitor "a" cannot be a part of "c"');
    expect(a.report().details?.children).toHaveLength(1);
  });

  test("a part has one place: added elsewhere it moves, and a namesake is replaced", () => {
    const [a, b] = [new MonitoredObject("a"), new MonitoredObject("b")];
    const part = new MonitoredObject("part");
    a.addSubmonitor(part);
    b.addSubmonitor(part);
    expect(a.children).toEqual([]);
    const namesake = new MonitoredObject("part");
    b.addSubmonitor(namesake);
    expect(b.children).toEqual([namesake]);
    const told = changes(b);
    part.setStatus("error");
    expect(told).toEqual([]);
  });

  test("a part taken out counts no longer", () => {
    const top = new MonitoredObject("top");
    const part = new MonitoredObject("part");
    top.setStatus("ok");
    part.setStatus("failed");
    top.addSubmonitor(part);
    const told = changes(top);
    expect(top.removeSubmonitor("part")).toBe(true);
    expect(top.removeSubmonitor("part")).toBe(false);
    expect(told).toEqual(["ok"]);
  });
});

describe("health checks", () => {
  test("what a check finds wrong shows until it finds it no longer", async () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok", "running");
    const told = changes(monitor);
    let health: "error" | null = "error";
    monitor.addHealthcheckCb(function disk() {
      return health;
    });
    expect(await monitor.healthcheck()).toBe("error");
    await monitor.healthcheck();
    health = null;
    expect(await monitor.healthcheck()).toBe("ok");
    expect(told).toEqual(["error: health check disk: error", "ok: running"]);
  });

  test("a check may give a message, and answer later", async () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok");
    monitor.addHealthcheckCb(async () => ({ status: "warning" as const, message: "disk 91 % full" }));
    await monitor.healthcheck();
    expect(monitor.report()).toMatchObject({ status: "warning", message: "disk 91 % full" });
  });

  test("of several checks the worst counts", async () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("busy");
    monitor.addHealthcheckCb(() => "degraded");
    monitor.addHealthcheckCb(() => ({ status: "error", message: "first" }));
    monitor.addHealthcheckCb(() => ({ status: "error", message: "second" }));
    monitor.addHealthcheckCb(() => undefined);
    await monitor.healthcheck();
    expect(monitor.report()).toMatchObject({ status: "error", message: "first; second" });
  });

  test("a check that says ok leaves busy and idle alone, and resolves an error that was set by hand", async () => {
    const monitor = new MonitoredObject("m");
    monitor.addHealthcheckCb(() => "ok");
    for (const status of ["busy", "idle", "warning", "startup"] as const) {
      monitor.setStatus(status, "said");
      expect(await monitor.healthcheck()).toBe(status);
    }
    monitor.setStatus("error", "lost connection");
    expect(await monitor.healthcheck()).toBe("ok");
    expect(monitor.message).toBe("Error resolved");
  });

  test("checks do not speak for a thing that has not begun or is over", async () => {
    const monitor = new MonitoredObject("m");
    let health: "error" | "ok" = "error";
    monitor.addHealthcheckCb(() => health);
    for (const status of ["startup", "shutdown", "failed"] as const) {
      monitor.setStatus(status);
      expect(await monitor.healthcheck()).toBe(status);
    }
    health = "ok";
    expect(await monitor.healthcheck()).toBe("failed");
  });

  test("a check that throws shows as degraded with its reason, and is logged once until it works again", async () => {
    const { logger, lines } = logbook();
    const monitor = new MonitoredObject("m", { logger });
    monitor.setStatus("ok");
    let broken = true;
    monitor.addHealthcheckCb(function camera() {
      if (broken) throw new Error("no such device");
      return null;
    });
    for (let i = 0; i < 3; i++) await monitor.healthcheck();
    expect(monitor.report()).toMatchObject({
      status: "degraded",
      message: "health check camera failed: no such device",
    });
    expect(lines).toEqual(["warning: m: health check camera failed: no such device"]);
    broken = false;
    expect(await monitor.healthcheck()).toBe("ok");
  });

  test("a check that never answers shows as degraded, is not called again, and holds nothing up", async () => {
    const monitor = new MonitoredObject("m", { callbackLimitMs: 20 });
    monitor.setStatus("ok");
    let calls = 0;
    const answer = Promise.withResolvers<null>();
    monitor.addHealthcheckCb(() => {
      calls += 1;
      return calls === 1 ? answer.promise : null;
    });
    for (let i = 0; i < 3; i++) expect(await monitor.healthcheck()).toBe("degraded");
    expect(monitor.message).toBe("health check failed: no answer within 0.02 s");
    expect(calls).toBe(1);
    answer.resolve(null);
    await waitFor("the check to work again", async () => (await monitor.healthcheck()) === "ok");
    expect(calls).toBeGreaterThan(1);
  });

  test("a check that gives nonsense shows as degraded and says what it gave", async () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok");
    // What unchecked code might return.
    monitor.addHealthcheckCb(() => "fine" as never);
    await monitor.healthcheck();
    expect(monitor.message).toBe('health check failed: it gave "fine", which is no status');
  });

  test("nothing that a check returns makes a round of checks fail", async () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok");
    const trap = {
      get status(): never {
        throw new Error("a trap");
      },
    };
    monitor.addHealthcheckCb(() => trap);
    monitor.addHealthcheckCb(async () => trap);
    expect(await monitor.healthcheck()).toBe("degraded");
    expect(monitor.message).toBe("health check failed: a trap; health check failed: a trap");
  });

  test("checks of the parts are asked too", async () => {
    const top = new MonitoredObject("top");
    const part = new MonitoredObject("part");
    top.addSubmonitor(part);
    top.setStatus("ok");
    part.setStatus("ok");
    part.addHealthcheckCb(() => "error");
    expect(await top.healthcheck()).toBe("error");
  });
});

describe("status callbacks", () => {
  test("a status callback says the status at once and at each check", async () => {
    const monitor = new MonitoredObject("subsystem");
    let connected = true;
    const end = monitor.addStatusCb(() => (connected ? "ok" : { status: "error", message: "not connected" }));
    expect(monitor.status).toBe("ok");
    connected = false;
    await monitor.healthcheck();
    expect(monitor.report()).toMatchObject({ status: "error", message: "not connected" });
    end();
    connected = true;
    expect(await monitor.healthcheck()).toBe("error");
  });

  test("one that throws shows as degraded", () => {
    const monitor = new MonitoredObject("subsystem");
    monitor.addStatusCb(() => {
      throw new Error("boom");
    });
    expect(monitor.report()).toMatchObject({ status: "degraded", message: "status callback failed: boom" });
  });
});

describe("metrics", () => {
  test("metrics of several callbacks are merged, and always JSON", () => {
    const monitor = new MonitoredObject("m");
    monitor.addMetricCb(() => ({ a: 1, when: new Date(0) }));
    monitor.addMetricCb(() => ({ b: Number.NaN, c: undefined }));
    expect(monitor.report().details?.metrics).toEqual({ a: 1, when: "1970-01-01T00:00:00.000Z", b: null });
  });

  test("an asynchronous callback gives its latest answer", async () => {
    const monitor = new MonitoredObject("m");
    let n = 0;
    monitor.addMetricCb(async () => ({ n: ++n }));
    await waitFor("the first answer", () => monitor.report().details?.metrics?.n);
    const before = Number(monitor.report().details?.metrics?.n);
    await waitFor("a newer answer", () => Number(monitor.report().details?.metrics?.n) > before);
    expect(n).toBeGreaterThan(1);
  });

  test("what throws, hangs or is no JSON costs only itself, is in the report, and is logged once", async () => {
    const { logger, lines } = logbook();
    const monitor = new MonitoredObject("m", { logger, callbackLimitMs: 10 });
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    monitor.addMetricCb(() => ({ good: 1 }));
    monitor.addMetricCb(() => {
      throw new Error("boom");
    });
    monitor.addMetricCb(() => cycle);
    monitor.addMetricCb(() => ({ big: 1n }));
    monitor.addMetricCb(async () => new Promise<never>(() => undefined));
    // What unchecked code might return.
    monitor.addMetricCb(() => 5 as never);
    const errors = await waitFor("the late one", () => {
      const all = monitor.report().details?.metrics?.metric_errors;
      return Array.isArray(all) && all.length === 5 && all;
    });
    expect(monitor.report().details?.metrics?.good).toBe(1);
    expect(errors.join("\n")).toMatch(/boom/);
    expect(errors.join("\n")).toMatch(/no answer within/);
    expect(lines).toHaveLength(5);
  });
});

describe("tasks", () => {
  test("busy at once, idle a second after the last has ended", async () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok");
    const told = changes(monitor);
    const first = monitor.trackTask();
    const second = monitor.trackTask();
    first.end();
    first.end();
    expect(monitor.status).toBe("busy");
    second.end();
    const ended = performance.now();
    expect(monitor.status).toBe("busy");
    await waitFor("idle", () => monitor.status === "idle");
    expect(performance.now() - ended).toBeGreaterThan(950);
    expect(told).toEqual(["busy: Processing tasks", "idle: No active tasks"]);
  });

  test("a new task within the second keeps it busy, without a word", async () => {
    const monitor = new MonitoredObject("m");
    const told = changes(monitor);
    for (let i = 0; i < 20; i++) monitor.trackTask().end();
    const last = monitor.trackTask();
    await Bun.sleep(1_100);
    expect(told).toEqual(["busy: Processing tasks"]);
    last.end();
  });

  test("using, await using, and a function each end the task, also when they throw", async () => {
    const monitor = new MonitoredObject("m");
    {
      using _ = monitor.trackTask();
      expect(monitor.status).toBe("busy");
    }
    {
      await using _ = monitor.trackTask();
    }
    expect(await monitor.trackTask(() => 5)).toBe(5);
    expect(await monitor.trackTask(async () => 6)).toBe(6);
    expect(
      monitor.trackTask(() => {
        throw new Error("failed task");
      }),
    ).rejects.toThrow("failed task");
    await waitFor("idle", () => monitor.status === "idle");
  });

  test("a task does not hide an error, a warning or a start-up", () => {
    const monitor = new MonitoredObject("m");
    for (const status of ["error", "failed", "warning", "degraded", "startup", "shutdown"] as const) {
      monitor.setStatus(status);
      using _ = monitor.trackTask();
      expect(monitor.status).toBe(status);
    }
  });
});

describe("cancelErrorStatus", () => {
  test("error, failed and degraded become ok; others stay", () => {
    const monitor = new MonitoredObject("m");
    for (const status of ["error", "failed", "degraded"] as const) {
      monitor.setStatus(status, "bad");
      monitor.cancelErrorStatus();
      expect(monitor.report()).toMatchObject({ status: "ok", message: "Error resolved" });
    }
    for (const status of ["warning", "busy", "startup", "shutdown"] as const) {
      monitor.setStatus(status, "said");
      monitor.cancelErrorStatus();
      expect(monitor.report()).toMatchObject({ status, message: "said" });
    }
  });

  test("where tasks are tracked it becomes busy or idle", () => {
    const monitor = new MonitoredObject("m");
    const task = monitor.trackTask();
    monitor.setStatus("error");
    monitor.cancelErrorStatus();
    expect(monitor.status).toBe("busy");
    task.end();
    monitor.setStatus("error");
    monitor.cancelErrorStatus();
    expect(monitor.status).toBe("idle");
  });

  test("what a check found wrong is cancelled too, until the next check", async () => {
    const monitor = new MonitoredObject("m");
    monitor.setStatus("ok", "running");
    monitor.addHealthcheckCb(() => "error");
    await monitor.healthcheck();
    monitor.cancelErrorStatus();
    expect(monitor.report()).toMatchObject({ status: "ok", message: "running" });
    expect(await monitor.healthcheck()).toBe("error");
  });
});

test("a report of 10,000 parts is made in well under a second", () => {
  const top = new MonitoredObject("top");
  for (let i = 0; i < 100; i++) {
    const group = new MonitoredObject(`group ${i}`);
    top.addSubmonitor(group);
    for (let j = 0; j < 100; j++) group.addSubmonitor(new MonitoredObject(`part ${j}`));
  }
  const start = process.cpuUsage();
  const report: StatusReport = top.report();
  // Every group is told of, and as many parts as a report has room for.
  expect(report.details?.children).toHaveLength(100);
  expect(cpuMsSince(start)).toBeLessThan(500);
});
