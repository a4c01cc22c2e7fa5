import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import type { NatsConnection } from "nats";
import { ensureStreams } from "../../../src/broker/streams.ts";
import type { JsonObject } from "../../../src/common/json.ts";
import { encode, MetaSource, Subjects, toWireTimestamp } from "../../../src/messaging/index.ts";
import { openScene, type Scene } from "./support.ts";

const ID = "dome.main";
const subjects = new Subjects();
const meta = new MetaSource("Messenger_python");

/** What others have said on the wire before our launcher starts. */
async function wire(scene: Scene) {
  const connection: NatsConnection = await scene.connection();
  await ensureStreams(connection);
  const say = async (subject: string, data: JsonObject) => {
    // The answer says that it is stored.
    await connection.request(subject, encode({ data, meta: meta.next() }));
  };
  return {
    beat: (name = ID, data: JsonObject = {}) =>
      say(subjects.heartbeat(name), { service_id: name, status: "ok", ...data }),
    status: (data: JsonObject) => say(subjects.status(ID), { name: ID, status: "ok", ...data }),
    event: (event: "declared" | "start" | "stop" | "crashed" | "failed", data: JsonObject = {}) =>
      say(subjects.registry(event, ID), { event, service_id: ID, ...data }),
  };
}

/** What a launcher is told that claims the service. */
async function outcome(scene: Scene, wait = false) {
  const launcher = await scene.here("launcher.ours");
  launcher.order("claim", [ID], { wait });
  const told = await Promise.race([launcher.waitFor("claimed"), launcher.waitFor("refused", ID, 1, 5_000)]).catch(() =>
    launcher.heard.at(-1),
  );
  return told?.event === "claimed" ? "claimed" : told?.result;
}

/** A pid that nobody has. */
async function freePid(): Promise<number> {
  const child = Bun.spawn(["true"]);
  await child.exited;
  return child.pid;
}

describe("a service that holds no lease and beats is not started a second time", () => {
  test("when it was run by hand", async () => {
    await using scene = await openScene();
    const say = await wire(scene);
    await say.status({ hostname: "dome-pc", pid: 4711 });
    await say.beat();
    expect(await outcome(scene)).toMatchObject({
      reason: "owned",
      owner: { kind: "wire", host: "dome-pc", pid: 4711 },
      message: `${ID} is run by a program without a launcher on dome-pc, pid 4711`,
    });
  });

  test("when a Python launcher runs it", async () => {
    await using scene = await openScene();
    const say = await wire(scene);
    const parent = "launcher.launcher.abc123.dome-process-launcher";
    await say.event("declared", { parent });
    await say.event("start", { parent, hostname: "dome-pc", pid: 4711 });
    await say.status({ parent, hostname: "dome-pc", pid: 4711 });
    await say.beat();
    expect(await outcome(scene)).toMatchObject({ reason: "owned", owner: { kind: "wire", launcher: parent } });
  });

  test("when a Python launcher lives that is going to restart it", async () => {
    await using scene = await openScene();
    const say = await wire(scene);
    const parent = "launcher.launcher.abc123.dome-process-launcher";
    await say.event("start", { parent, hostname: "dome-pc", pid: 4711 });
    await say.event("crashed", { parent, will_restart: true });
    await say.beat(parent);
    expect(await outcome(scene)).toMatchObject({ reason: "owned", owner: { kind: "wire", launcher: parent } });
  });
});

describe("a service is claimed at once", () => {
  test("when nothing was ever heard of it, even without streams", async () => {
    await using scene = await openScene();
    expect(await outcome(scene)).toBe("claimed");
  });

  test.each(["stop", "failed", "crashed"] as const)("when it beat, and then came %p", async (event) => {
    await using scene = await openScene();
    const say = await wire(scene);
    const parent = "launcher.launcher.abc123.dome-process-launcher";
    await say.beat(parent);
    await say.status({ parent, hostname: "dome-pc", pid: 4711 });
    await say.beat();
    await say.event(event, { parent, will_restart: false });
    expect(await outcome(scene)).toBe("claimed");
  });

  test("when it beat, and then said that it ends", async () => {
    await using scene = await openScene();
    const say = await wire(scene);
    await say.beat();
    await say.status({ status: "shutdown", hostname: "dome-pc", pid: 4711 });
    expect(await outcome(scene)).toBe("claimed");
  });

  test("when its last beat was stored after the word that it ends, but said before", async () => {
    await using scene = await openScene();
    const say = await wire(scene);
    const end = Date.now();
    const saidAt = (ms: number) => ({ timestamp: toWireTimestamp(end + ms) });
    await say.status({ status: "shutdown", hostname: "dome-pc", pid: 4711, ...saidAt(0) });
    await say.beat(ID, saidAt(-20));
    expect(await outcome(scene)).toBe("claimed");
  });

  test("when an earlier run of the same launcher beat, and its process is gone", async () => {
    await using scene = await openScene();
    const say = await wire(scene);
    await say.event("start", { parent: "launcher.ours", hostname: hostname(), pid: await freePid() });
    await say.status({ parent: "launcher.ours", hostname: hostname(), pid: await freePid() });
    await say.beat("launcher.ours");
    await say.beat();
    expect(await outcome(scene)).toBe("claimed");
  });

  test("when another launcher has only declared it", async () => {
    await using scene = await openScene();
    const say = await wire(scene);
    const parent = "launcher.launcher.abc123.dome-process-launcher";
    await say.beat(parent);
    await say.event("declared", { parent });
    expect(await outcome(scene)).toBe("claimed");
  });
});

test("what a killed launcher of this host has left is waited for until it is gone", async () => {
  await using scene = await openScene();
  const say = await wire(scene);
  const before = await scene.here("launcher.ours", { leaseMs: 60_000 });
  before.order("claim", [ID]);
  await before.waitFor("claimed");
  const child = Bun.spawn(["sleep", "60"], { env: { ...process.env, TCS_RUN: "1-before" } });
  await say.status({ parent: "launcher.ours", hostname: hostname(), pid: child.pid });
  await say.beat();
  await before.kill();
  const after = await scene.here("launcher.ours");
  after.order("claim", [ID]);
  await Bun.sleep(1_000);
  expect(after.all("claimed").concat(after.all("refused"))).toEqual([]);
  child.kill();
  await child.exited;
  await after.waitFor("claimed", ID, 1, 5_000);
});

test("what a killed launcher of this host has left of one service keeps only that one waiting, though its session is over", async () => {
  await using scene = await openScene();
  const say = await wire(scene);
  const before = await scene.here("launcher.ours", { leaseMs: 60_000 });
  before.order("claim", [ID, "dome.other"]);
  await before.waitFor("claimed", "dome.other");
  await before.waitFor("claimed", ID);
  await using child = Bun.spawn(["sleep", "60"], { env: { ...process.env, TCS_RUN: "1-before" } });
  await say.status({ parent: "launcher.ours", hostname: hostname(), pid: child.pid });
  await say.beat();
  await before.kill();
  const after = await scene.here("launcher.ours", { leaseMs: 60_000 });
  after.order("claim", [ID, "dome.other"]);
  await after.waitFor("claimed", "dome.other", 1, 5_000);
  await Bun.sleep(1_000);
  expect(after.all("claimed").map(({ id }) => id)).toEqual(["dome.other"]);
  child.kill();
  await child.exited;
  await after.waitFor("claimed", ID, 1, 5_000);
});

test("a stranger who has come by the pid of what a killed launcher has left is not waited for", async () => {
  await using scene = await openScene();
  const say = await wire(scene);
  const before = await scene.here("launcher.ours", { leaseMs: 60_000 });
  before.order("claim", [ID]);
  await before.waitFor("claimed");
  await using stranger = Bun.spawn(["sleep", "60"], { env: { PATH: process.env.PATH } });
  await say.status({ parent: "launcher.ours", hostname: hostname(), pid: stranger.pid });
  await say.beat();
  await before.kill();
  const after = await scene.here("launcher.ours");
  after.order("claim", [ID]);
  await after.waitFor("claimed", ID, 1, 10_000);
});
