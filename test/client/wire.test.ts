// Captures from the Python framework, folded as they were sent.
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { WireMessage } from "../../src/client/facts.ts";
import { applyMessage, createFleetState } from "../../src/client/fleet-state.ts";
import { foldSnapshot, serviceInfos } from "../../src/client/fold.ts";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";

const FOLDER = join(import.meta.dir, "../wire");
const LAUNCHER = "launcher.launcher.CGARii.vm-process-launcher";
const END = Date.UTC(2026, 10, 20, 22, 3, 20);

async function capture(name: string, seq: number): Promise<WireMessage> {
  const { subject, payload } = await Bun.file(join(FOLDER, name)).json();
  return { subject, data: payload.data, seq, time: fromWireTimestamp(payload.meta.ts) ?? 0 };
}
const inOrder = async (...names: string[]) => await Promise.all(names.map((name, i) => capture(`${name}.json`, i + 1)));
const registry = (...events: string[]) => inOrder(...events.map((event) => `registry.${event}`));

test("each captured message is understood without a remark", async () => {
  const state = createFleetState();
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json") && name !== "rpc.json");
  for (const [i, name] of names.entries()) expect(applyMessage(state, await capture(name, i))).toBeString();
  expect(state.counts).toEqual({
    messages: names.length,
    junk: 0,
    badTimestamps: 0,
    futureTimestamps: 0,
    unknownStatuses: 0,
  });
  expect(serviceInfos(state, END).map(({ serviceId }) => serviceId)).toEqual([
    "demo.rich",
    "hello_world.main",
    "hello_world.nofork",
    LAUNCHER,
  ]);
});

test("a service killed by SIGKILL is not ok, although ok was its last status", async () => {
  const snapshot = {
    registry: await registry("declared.process", "start.process", "crashed.process.sigkill"),
    status: await inOrder("status.service.ok.process", "status.launcher.ok.process"),
    heartbeat: await inOrder("heartbeat.service.process", "heartbeat.launcher.process"),
  };
  const { services } = foldSnapshot(snapshot, Date.UTC(2026, 10, 20, 22, 3, 7));
  const [service, launcher] = services;
  expect(service).toMatchObject({
    serviceId: "hello_world.main",
    status: "error",
    health: "failed",
    crashExitCode: -9,
    restartState: "restarting",
    parent: LAUNCHER,
    declared: true,
  });
  expect(launcher).toMatchObject({ serviceId: LAUNCHER, kind: "launcher", status: "ok", health: "ok" });
});

test("the whole story, from declaration over crash and restart to stop, ends in stopped", async () => {
  const snapshot = {
    registry: await registry(
      "declared.process",
      "start.process",
      "crashed.process.sigkill",
      "restarting.process.sigkill",
      "stop.process",
    ),
    status: await inOrder("status.service.ok.process", "status.launcher.shutdown.process"),
    heartbeat: await inOrder("heartbeat.service.process"),
  };
  const [service, launcher] = foldSnapshot(snapshot, END).services;
  expect(service).toMatchObject({ status: "shutdown", health: "stopped", stopReason: "completed", exitCode: 0 });
  expect(launcher).toMatchObject({ kind: "launcher", status: "shutdown", health: "stopped", current: false });
});

test("children and metrics of a service are read", async () => {
  const status = await inOrder("status.details.warning");
  const [info] = foldSnapshot({ registry: [], status, heartbeat: [] }, END).services;
  expect(info?.children.map(({ name, status }) => `${name} ${status}`)).toEqual(["camera ok", "mount degraded"]);
  expect(info?.metrics).toEqual({ queue: 3, temp_c: -15.2 });
});

test("a service that could not be restarted has failed, and says why", async () => {
  const [info] = foldSnapshot({ registry: await registry("failed.process"), status: [], heartbeat: [] }, END).services;
  expect(info).toMatchObject({ status: "failed", restartState: "failed", reason: "could not be restarted" });
});
