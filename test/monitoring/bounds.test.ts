// What a program may do to its monitors by mistake: too much, too large, too deep, in a circle.
import { describe, expect, test } from "bun:test";
import {
  MonitoredObject,
  MonitorOptionError,
  MonitorTreeError,
  type StatusReport,
} from "../../src/monitoring/index.ts";
import { statusData } from "../../src/monitoring/wire.ts";
import { cpuMsSince } from "../support/cpu.ts";
import { waitFor } from "../support/wait.ts";
import { logbook } from "./support.ts";

/** Parts that a report tells of, on all levels. */
function partsIn(report: StatusReport): number {
  return (report.details?.children ?? []).reduce((sum, child) => sum + 1 + partsIn(child), 0);
}

function bytesOf(report: StatusReport): number {
  return Buffer.byteLength(JSON.stringify(statusData(report, { pid: 1, hostname: "h" })));
}

describe("a million parts", () => {
  const top = new MonitoredObject("top");
  let heard = 0;
  top.onChange(() => heard++);

  test("are added, and one of them makes the whole what it is, in seconds and a handful of reports", () => {
    const start = process.cpuUsage();
    for (let i = 0; i < 1_000_000; i++) {
      const part = new MonitoredObject(`part ${i}`);
      part.setStatus("ok");
      top.addSubmonitor(part);
    }
    top.setStatus("ok");
    const parts = top.children;
    parts[777_777]?.setStatus("error", "the one");
    expect(cpuMsSince(start)).toBeLessThan(30_000);
    expect(top.status).toBe("error");
    expect(heard).toBeLessThan(10);
  }, 60_000);

  test("a report has the worst thousand, says how many it leaves out, and is made at once", () => {
    const start = process.cpuUsage();
    const report = top.report();
    expect(cpuMsSince(start)).toBeLessThan(200);
    expect(report.details?.children).toHaveLength(999);
    expect(report.details?.children?.[0]).toMatchObject({ name: "part 777777", status: "error", message: "the one" });
    expect(report.details?.children_omitted).toBe(999_001);
    expect(statusData(report, { pid: 1, hostname: "h" }).details).toMatchObject({ children_omitted: 999_001 });
    expect(Object.keys(top.checks)).toHaveLength(1_000);
  });

  test("changes in many of them that change nothing for the whole are told together", async () => {
    const before = heard;
    for (const part of top.children.slice(0, 10_000)) part.setStatus("busy");
    expect(heard).toBe(before);
    await waitFor("the changes to be told", () => heard > before);
    expect(heard).toBe(before + 1);
  });

  test("a check of all, when there is nobody to ask, does not stop the program", async () => {
    const start = process.cpuUsage();
    expect(await top.healthcheck()).toBe("error");
    expect(cpuMsSince(start)).toBeLessThan(2_000);
  });
});

describe("a report is bounded", () => {
  test("on all levels together", () => {
    const top = new MonitoredObject("top");
    for (let i = 0; i < 50; i++) {
      const group = new MonitoredObject(`group ${i}`);
      top.addSubmonitor(group);
      for (let j = 0; j < 50; j++) group.addSubmonitor(new MonitoredObject(`part ${j}`));
    }
    const report = top.report();
    expect(report.details?.children).toHaveLength(50);
    expect(partsIn(report)).toBe(999);
    const omitted = report.details?.children?.map(({ details }) => details?.children_omitted ?? 0) ?? [];
    expect(omitted.reduce((a, b) => a + b)).toBe(2_500 + 50 - 999);
  });

  test("also when every part has much to say", () => {
    const top = new MonitoredObject("top");
    for (let i = 0; i < 500; i++) {
      const part = new MonitoredObject(`part ${i}`);
      part.setStatus("ok", "x".repeat(100_000));
      part.addMetricCb(() => ({ text: "y".repeat(50_000) }));
      top.addSubmonitor(part);
    }
    const report = top.report();
    expect(bytesOf(report)).toBeLessThan(1_000_000);
    expect(report.details?.children_omitted).toBeGreaterThan(400);
  });
});

describe("the tree", () => {
  test("has 64 levels, and no more: a deeper one is refused, also when two halves meet", () => {
    const chain = (length: number, name: string) => {
      const all = Array.from({ length }, (_, i) => new MonitoredObject(`${name} ${i}`));
      for (const [i, one] of all.entries()) all[i - 1]?.addSubmonitor(one);
      return all;
    };
    const [upper, lower] = [chain(40, "upper"), chain(26, "lower")];
    const join = () => upper.at(-1)?.addSubmonitor(lower[0] ?? new MonitoredObject("none"));
    expect(join).toThrow(MonitorTreeError);
    expect(join).toThrow('monitor "lower 0" cannot be a part of "upper 39": that would be more than 64 levels');
    upper.at(-2)?.addSubmonitor(lower[0] ?? new MonitoredObject("none"));
    lower.at(-1)?.setStatus("error");
    expect(upper[0]?.status).toBe("error");
  });

  test("takes monitored objects only", () => {
    const top = new MonitoredObject("top");
    for (const wrong of [undefined, null, {}, "part", { name: "part", status: "ok" }]) {
      // What unchecked code might pass.
      expect(() => top.addSubmonitor(wrong as never)).toThrow(
        /monitor "top" was given .* as a part: expected a MonitoredObject/,
      );
    }
    expect(top.childrenCount).toBe(0);
  });

  test("a thing that is shut down is that, however its parts were left", () => {
    const top = new MonitoredObject("top");
    const part = new MonitoredObject("part");
    part.setStatus("error");
    top.addSubmonitor(part);
    top.setStatus("ok");
    expect(top.status).toBe("error");
    top.setStatus("shutdown");
    expect(top.status).toBe("shutdown");
    expect(top.report().details?.children?.[0]?.status).toBe("error");
  });
});

test.each([
  ["", 'a monitor\'s name was ""'],
  [undefined, "a monitor's name was undefined"],
  [7, "a monitor's name was 7"],
  ["x".repeat(300), "a monitor's name was a text of 300 characters"],
])("%p is no name", (name, said) => {
  // What unchecked code might pass.
  const make = () => new MonitoredObject(name as string);
  expect(make).toThrow(MonitorOptionError);
  expect(make).toThrow(said);
});

describe("metrics", () => {
  test("NaN and infinities are null, no reading; what JSON cannot carry costs only itself", () => {
    const monitor = new MonitoredObject("m");
    monitor.addMetricCb(() => ({ temperature: Number.NaN, wind: Number.POSITIVE_INFINITY, queue: 3 }));
    monitor.addMetricCb(() => ({ big: 1n }));
    expect(monitor.report().details?.metrics).toMatchObject({ temperature: null, wind: null, queue: 3 });
    expect(monitor.report().details?.metrics?.metric_errors).toEqual([expect.stringContaining("no JSON")]);
  });

  test("too large for a status, they stay out of it with a word, and go to who asks", async () => {
    const { logger, lines } = logbook();
    const monitor = new MonitoredObject("m", { logger });
    monitor.addMetricCb(function histogram() {
      return { bins: Array.from({ length: 20_000 }, (_, i) => i) };
    });
    monitor.addMetricCb(() => ({ queue: 3 }));
    const { metrics } = monitor.report().details ?? {};
    expect(metrics).toEqual({ queue: 3, metric_errors: ["metric callback histogram: too large"] });
    monitor.report();
    expect(lines).toEqual([
      expect.stringContaining('do not fit into a status report of 65536; give { tier: "stats" }'),
    ]);
    expect((await monitor.metrics()).bins).toHaveLength(20_000);
  });

  test("an enormous answer to who asks is refused too", async () => {
    const monitor = new MonitoredObject("m");
    monitor.addMetricCb(() => ({ text: "x".repeat(2 ** 20) }), { tier: "stats" });
    expect(await monitor.metrics()).toEqual({ metric_errors: ["metric callback: too large"] });
  });

  test("those of parts are in the answer under their names", async () => {
    const top = new MonitoredObject("top");
    const part = new MonitoredObject("camera");
    part.addMetricCb(async () => ({ frames: 7 }), { tier: "stats" });
    top.addSubmonitor(part);
    top.addSubmonitor(new MonitoredObject("silent"));
    top.addMetricCb(() => ({ queue: 1 }));
    expect(await top.metrics()).toEqual({ queue: 1, parts: { camera: { frames: 7 } } });
  });

  test("a tier says how far they go", async () => {
    const monitor = new MonitoredObject("m");
    const asked: string[] = [];
    monitor.addMetricCb(() => ({ cheap: 1 }));
    monitor.addMetricCb(() => ({ telling: 2 }), { tier: "status" });
    monitor.addMetricCb(
      async () => {
        asked.push("dear");
        return { dear: 3 };
      },
      { tier: "stats" },
    );
    expect(monitor.report().details?.metrics).toEqual({ cheap: 1, telling: 2 });
    await monitor.healthcheck();
    expect(asked).toEqual([]);
    expect(await monitor.metrics()).toEqual({ cheap: 1, telling: 2, dear: 3 });
    expect(asked).toEqual(["dear"]);
  });
});
