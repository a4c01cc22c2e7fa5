import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Scheduler } from "../../src/common/scheduler.ts";
import { Subjects } from "../../src/messaging/subjects.ts";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";
import { MessengerMonitoredObject, type MessengerMonitorOptions, MonitoredObject } from "../../src/monitoring/index.ts";
import { waitFor } from "../support/wait.ts";
import { KeepingSink } from "./support.ts";

const monitors: MessengerMonitoredObject[] = [];
afterEach(() => {
  for (const monitor of monitors.splice(0)) monitor.stop();
});

function monitorOf(sink: KeepingSink, options: Partial<MessengerMonitorOptions> = {}): MessengerMonitoredObject {
  const common = { sink, subjects: new Subjects(), scheduler: new Scheduler() };
  const monitor = new MessengerMonitoredObject("dome.main", { ...common, ...options });
  monitors.push(monitor);
  return monitor;
}

/** `data` of a message captured from the Python framework. */
function captured(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dir, "../wire", file), "utf8")).payload.data;
}

/** The kind of a value, for comparing shapes. */
const kind = (value: unknown) => (Array.isArray(value) ? `list of ${typeof value[0]}` : typeof value);

describe("status events", () => {
  test("each change of status or message is an event, in order, also within one run; an equal pair is none", () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink);
    monitor.setStatus("startup");
    monitor.setStatus("ok", "Service running");
    monitor.setStatus("ok", "Service running");
    monitor.setStatus("ok", "Guiding");
    monitor.setStatus("error", "lost star");
    expect(sink.events.map(({ data }) => [data.status, data.message])).toEqual([
      ["startup", undefined],
      ["ok", "Service running"],
      ["ok", "Guiding"],
      ["error", "lost star"],
    ]);
    expect(new Set(sink.events.map((event) => event.subject))).toEqual(new Set(["svc.status.dome.main"]));
  });

  test("a start has one status event of each kind, and startup is seen", () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink);
    monitor.setStatus("startup");
    monitor.start();
    monitor.setStatus("ok");
    monitor.start();
    monitor.setStatus("ok");
    expect(sink.events.map(({ data }) => data.status)).toEqual(["startup", "ok"]);
  });

  test("the fields and their kinds are those of the Python framework, for a plain and a rich status", () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink, { parent: "launcher.launcher.X.vm-process-launcher" });
    monitor.setStatus("ok", "Service running");
    const plain = captured("status.service.ok.process.json");
    expect(Object.keys(sink.events[0]?.data ?? {}).sort()).toEqual(Object.keys(plain).sort());
    for (const [key, value] of Object.entries(plain)) expect(kind(sink.events[0]?.data[key])).toBe(kind(value));

    const [camera, mount] = [new MonitoredObject("camera"), new MonitoredObject("mount")];
    camera.setStatus("ok", "cooled");
    mount.setStatus("degraded", "slow");
    monitor.addSubmonitor(camera);
    monitor.addSubmonitor(mount);
    monitor.addMetricCb(() => ({ queue: 3, temp_c: -15.2 }));
    monitor.setStatus("warning", "low disk");
    const rich = captured("status.details.warning.json");
    const sent = sink.events.at(-1)?.data;
    const untimed = (data: unknown) =>
      JSON.parse(
        JSON.stringify(data, (key, value) =>
          ["timestamp", "name", "pid", "hostname", "parent"].includes(key) ? 0 : value,
        ),
      );
    expect(untimed(sent)).toEqual(untimed(rich));
  });

  test("without a parent there is no parent field; pid and hostname are this process's unless given", () => {
    const sink = new KeepingSink();
    monitorOf(sink).setStatus("ok");
    monitorOf(sink, { pid: 7, hostname: "h" }).setStatus("ok");
    expect(sink.events[0]?.data).not.toHaveProperty("parent");
    expect(sink.events[0]?.data.pid).toBe(process.pid);
    expect(sink.events[1]?.data).toMatchObject({ pid: 7, hostname: "h" });
  });

  test("a change in a part is an event of the whole", () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink);
    const part = new MonitoredObject("part");
    part.setStatus("ok");
    monitor.setStatus("ok");
    monitor.addSubmonitor(part);
    part.setStatus("error", "stuck");
    expect(sink.events.map(({ data }) => data.status)).toEqual(["ok", "error"]);
  });

  test("after stop() nothing is published: the last status set before it stands", () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink);
    monitor.start();
    monitor.setStatus("shutdown");
    monitor.stop();
    monitor.setStatus("busy", "a stray task");
    expect(sink.events.map(({ data }) => data.status)).toEqual(["shutdown"]);
  });
});

describe("heartbeats", () => {
  test("the first comes at the start, the next at intervals, none after stop()", async () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink, { heartbeatIntervalMs: 20 });
    monitor.setStatus("ok");
    expect(sink.beats).toHaveLength(0);
    monitor.start();
    expect(sink.beats).toHaveLength(1);
    await waitFor("two more", () => sink.beats.length >= 3);
    monitor.stop();
    const count = sink.beats.length;
    await Bun.sleep(60);
    expect(sink.beats).toHaveLength(count);
    expect(sink.beats.map(({ data }) => data.sequence)).toEqual(sink.beats.map((_, i) => i));
  });

  test("the fields are those of the Python framework and ours", () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink);
    monitor.addSubmonitor(new MonitoredObject("part"));
    monitor.setStatus("ok");
    monitor.start();
    const [beat] = sink.beats;
    for (const [key, value] of Object.entries(captured("heartbeat.service.process.json"))) {
      expect(kind(beat?.data[key])).toBe(kind(value));
    }
    expect(beat?.subject).toBe("svc.heartbeat.dome.main");
    expect(beat?.data).toMatchObject({ service_id: "dome.main", status: "warning", sequence: 0, children_count: 1 });
    expect(beat?.data.uptime_seconds).toBeLessThan(1);
    const due =
      (fromWireTimestamp(beat?.data.next_heartbeat_expected) ?? 0) - (fromWireTimestamp(beat?.data.timestamp) ?? 0);
    expect(due).toBe(10_000);
  });

  test("the sequence begins again with a new start", () => {
    const sink = new KeepingSink();
    const monitor = monitorOf(sink);
    monitor.start();
    monitor.stop();
    monitor.start();
    expect(sink.beats.map(({ data }) => data.sequence)).toEqual([0, 0]);
  });
});

test("health is looked after at intervals by itself", async () => {
  const sink = new KeepingSink();
  const monitor = monitorOf(sink, { healthcheckIntervalMs: 10 });
  let health: "error" | null = null;
  monitor.addHealthcheckCb(() => health);
  monitor.setStatus("ok", "running");
  monitor.start();
  health = "error";
  await waitFor("the error", () => sink.events.at(-1)?.data.status === "error");
  health = null;
  await waitFor("the recovery", () => sink.events.at(-1)?.data.status === "ok");
  expect(sink.events.map(({ data }) => data.status)).toEqual(["ok", "error", "ok"]);
  expect(sink.events.at(-1)?.data.message).toBe("running");
});

test("many monitors share one scheduler", async () => {
  const sink = new KeepingSink();
  const scheduler = new Scheduler();
  for (let i = 0; i < 200; i++) monitorOf(sink, { scheduler, heartbeatIntervalMs: 50 }).start();
  await waitFor("two beats of each", () => sink.beats.length >= 400);
  for (const monitor of monitors) monitor.stop();
  expect(sink.beats.filter(({ data }) => data.sequence === 1)).toHaveLength(200);
});

test("await using stops a monitor", async () => {
  const sink = new KeepingSink();
  let kept: MessengerMonitoredObject;
  {
    await using monitor = monitorOf(sink);
    monitor.start();
    kept = monitor;
    expect(monitor.isMonitoring).toBe(true);
  }
  expect(kept.isMonitoring).toBe(false);
});
