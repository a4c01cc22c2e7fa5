import { describe, expect, test } from "bun:test";
import { waitFor } from "../../support/wait.ts";
import { LEASE_MS, openScene, serviceIds, untilItKnows } from "./support.ts";

/** Of a takeover: the wait for the lease, the interval of looking, and the slowness of a busy machine. */
const SLACK_MS = 2_000;

test("an owner elsewhere that is killed is followed by one of three standbys, within the lease time", async () => {
  await using scene = await openScene();
  const ids = serviceIds(10);
  const owner = await scene.elsewhere("launcher.owner");
  owner.order("claim", ids);
  for (const id of ids) await owner.waitFor("claimed", id);
  const standbys = await Promise.all(["launcher.x", "launcher.y", "launcher.z"].map((name) => scene.elsewhere(name)));
  for (const standby of standbys) standby.order("claim", ids, { wait: true });
  for (const standby of standbys) await untilItKnows(standby, "dome.n0");
  // They have seen it live.
  await Bun.sleep(LEASE_MS);
  expect(standbys.flatMap((one) => one.all("claimed"))).toEqual([]);
  await owner.kill();
  const killedAt = Date.now();
  const claims = () => standbys.flatMap((one) => one.all("claimed"));
  await waitFor("new owners", () => claims().length >= ids.length);
  expect(Date.now() - killedAt).toBeLessThan(LEASE_MS + SLACK_MS);
  expect(Math.min(...claims().map(({ at }) => at)) - killedAt).toBeGreaterThan(LEASE_MS / 2);
  // Nobody else thinks so a whole lease later.
  await Bun.sleep(LEASE_MS);
  expect(
    claims()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(ids.toSorted());
  expect(claims().every(({ lease }) => lease?.epoch === 2)).toBe(true);
});

test("an owner on the same host that is killed is followed at once", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner", { leaseMs: 60_000 });
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const standbys = await Promise.all(["launcher.x", "launcher.y"].map((name) => scene.here(name)));
  for (const standby of standbys) standby.order("claim", ["dome.main"], { wait: true });
  for (const standby of standbys) await untilItKnows(standby, "dome.main");
  await owner.kill();
  const killedAt = Date.now();
  await waitFor("a new owner", () => standbys.some((one) => one.all("claimed").length > 0));
  expect(Date.now() - killedAt).toBeLessThan(3_000);
  await Bun.sleep(500);
  expect(standbys.flatMap((one) => one.all("claimed")).length).toBe(1);
});

test("what a killed owner has left on its host keeps its services from other hosts, and not from the next launcher there", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner", { leaseMs: 60_000 });
  owner.order("claim", ["dome.main", "camera.main"]);
  await owner.waitFor("claimed", "dome.main");
  await owner.waitFor("claimed", "camera.main");
  const standby = await scene.elsewhere("launcher.standby");
  standby.order("claim", ["camera.main"], { wait: true });
  await untilItKnows(standby, "camera.main");
  const marks = { TCS_RUN: `${owner.pid}-test`, TCS_SERVICE_ID: "camera.main" };
  const left = Bun.spawn(["sleep", "600"], { env: { ...process.env, ...marks } });
  try {
    await owner.kill();
    const heir = await scene.here("launcher.heir");
    heir.order("claim", ["dome.main"], { wait: true });
    await heir.waitFor("claimed", "dome.main");
    // Several times that in which a standby looks by itself; "tcs doctor" of another test finds what is left for 4 s.
    await Bun.sleep(1_000);
    expect(standby.all("claimed")).toEqual([]);
    left.kill();
    await left.exited;
    heir.order("claim", ["camera.main"], { wait: true });
    await heir.waitFor("claimed", "camera.main");
    expect(standby.all("claimed")).toEqual([]);
  } finally {
    left.kill();
  }
});

test("what a launcher that was killed had started while the broker was away is waited for, though the broker never heard of it", async () => {
  await using scene = await openScene();
  await scene.broker.kill();
  const owner = await scene.here("launcher.owner");
  const ids = ["dome.main", "camera.main", "mount.main"];
  owner.order("claim", ids);
  for (const id of ids) await owner.waitFor("claimed", id);
  const run = { ...process.env, TCS_RUN: `${owner.pid}-test` };
  const program = Bun.spawn(["sleep", "600"], { env: { ...run, TCS_SERVICE_ID: "camera.main" } });
  // A process of a service, by its command line as launchers write it.
  const host = Bun.spawn(["sh", "-c", "read word", "__host", "mount.main"], { env: run, stdin: "pipe" });
  try {
    await owner.kill();
    await scene.broker.start();
    const heir = await scene.here("launcher.heir");
    heir.order("claim", ids, { wait: true });
    expect((await heir.waitFor("claimed", "dome.main")).lease).toMatchObject({ scope: "broker" });
    // More than the time after which it looks again.
    await Bun.sleep(500);
    expect(heir.all("claimed").map(({ id }) => id)).toEqual(["dome.main"]);
    program.kill();
    await heir.waitFor("claimed", "camera.main");
    expect(heir.all("claimed", "mount.main")).toEqual([]);
    host.kill();
    await heir.waitFor("claimed", "mount.main");
  } finally {
    program.kill();
    host.kill();
  }
});

test("a claim that does not wait is told of a living owner at once, and waits only to make sure that a dead one is dead", async () => {
  await using scene = await openScene();
  const owner = await scene.elsewhere("launcher.owner");
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const other = await scene.elsewhere("launcher.other");
  other.order("claim", ["dome.main"]);
  expect((await other.waitFor("refused")).result).toMatchObject({
    reason: "owned",
    owner: { kind: "lease", launcher: "launcher.owner", pid: owner.pid, config: "/etc/launcher.owner.yaml" },
    message: expect.stringContaining(`launcher.owner on`),
  });
  await owner.kill();
  // Long dead by the broker's clock, but this launcher has never seen it.
  await Bun.sleep(LEASE_MS * 1.2);
  const late = await scene.elsewhere("launcher.late");
  late.order("claim", ["dome.main"]);
  await late.waitFor("claimed");
  expect(late.all("refused")).toEqual([]);
});

test("an owner that was stopped past its lease has acted for the last time before the next one starts", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner", { acts: true });
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("acted");
  const standby = await scene.here("launcher.standby", { acts: true });
  standby.order("claim", ["dome.main"], { wait: true });
  await untilItKnows(standby, "dome.main");
  await Bun.sleep(LEASE_MS);
  owner.signal("SIGSTOP");
  const claimed = await standby.waitFor("claimed");
  await standby.waitFor("acted");
  owner.signal("SIGCONT");
  const lost = await owner.waitFor("lost");
  expect(lost.owner).toMatchObject({ launcher: "launcher.standby" });
  // It does not try again, and the other goes on.
  await standby.waitFor("acted", "dome.main", standby.all("acted").length + 100);
  expect(Math.max(...owner.all("acted").map(({ at }) => at))).toBeLessThan(claimed.at);
  expect(standby.all("lost")).toEqual([]);
});

test("an owner that was stopped past its lease with nobody waiting goes on with what it has", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner", { acts: true });
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("acted");
  owner.signal("SIGSTOP");
  await Bun.sleep(LEASE_MS * 2);
  const acted = owner.all("acted").length;
  owner.signal("SIGCONT");
  await owner.waitFor("acted", "dome.main", acted + 5);
  expect(owner.all("lost")).toEqual([]);
});

test("a launcher that ends gives its services to those who wait, without waiting for the lease", async () => {
  await using scene = await openScene();
  const ids = serviceIds(20);
  const owner = await scene.elsewhere("launcher.owner", { leaseMs: 60_000 });
  owner.order("claim", ids);
  for (const id of ids) await owner.waitFor("claimed", id);
  const standby = await scene.elsewhere("launcher.standby", { leaseMs: 60_000 });
  standby.order("claim", ids, { wait: true });
  await untilItKnows(standby, "dome.n0");
  owner.order("end");
  await owner.waitFor("ended");
  for (const id of ids) await standby.waitFor("claimed", id, 1, 5_000);
  expect(standby.all("claimed").length).toBe(ids.length);
});

test("a standby that is called off claims nothing any more", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner");
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const standby = await scene.here("launcher.standby");
  standby.order("claim", ["dome.main"], { wait: true });
  await untilItKnows(standby, "dome.main");
  standby.order("abort", ["dome.main"]);
  expect((await standby.waitFor("gave up")).text).toContain("aborted");
  owner.order("release", ["dome.main"]);
  await owner.waitFor("released");
  standby.order("owner", ["dome.main"]);
  expect((await standby.waitFor("owner")).owner).toBeUndefined();
});

describe("after a reboot of its machine", () => {
  const MACHINE = "5f0c3a1e8b7d4c6f9a2b1c0d3e4f5a6b";
  /** Of a long lease: longer than any test would wait for. */
  const LONG_MS = 10_000;

  test("a launcher is not refused by the lease of its own earlier boot", async () => {
    await using scene = await openScene();
    const before = await scene.elsewhere("launcher.owner", { machine: MACHINE, place: "boot-1/1" });
    before.order("claim", ["dome.main"]);
    await before.waitFor("claimed");
    await before.kill();
    const after = await scene.elsewhere("launcher.owner", { machine: MACHINE, place: "boot-2/1" });
    after.order("claim", ["dome.main"]);
    expect((await after.waitFor("claimed")).lease?.epoch).toBe(2);
    expect(after.all("refused")).toEqual([]);
  });

  test("a lease of it is over when it was not renewed for half its time", async () => {
    await using scene = await openScene();
    const before = await scene.elsewhere("launcher.owner", { machine: MACHINE, place: "boot-1/1", leaseMs: 8_000 });
    before.order("claim", ["dome.main"]);
    await before.waitFor("claimed");
    await before.kill();
    const killedAt = Date.now();
    const after = await scene.elsewhere("launcher.owner", { machine: MACHINE, place: "boot-2/1", leaseMs: 8_000 });
    after.order("claim", ["dome.main"]);
    const { at } = await after.waitFor("claimed");
    // Of another machine it would take 8 s from the first look.
    expect(at - killedAt).toBeLessThan(8_000);
  });

  test.each([
    ["of another launcher", { launcher: "launcher.other", machine: MACHINE, place: "boot-2/1" }],
    ["of another machine", { launcher: "launcher.owner", machine: MACHINE.replace("5", "6"), place: "boot-2/1" }],
    ["of a machine that tells no id", { launcher: "launcher.owner", machine: "", place: "boot-2/1" }],
    ["of the same boot", { launcher: "launcher.owner", machine: MACHINE, place: "boot-1/2" }],
  ])("the lease %s proves nothing", async (_, { launcher, ...settings }) => {
    await using scene = await openScene();
    const before = await scene.elsewhere("launcher.owner", {
      ...settings,
      machine: settings.machine && MACHINE,
      place: "boot-1/1",
      leaseMs: LONG_MS,
    });
    before.order("claim", ["dome.main"]);
    await before.waitFor("claimed");
    await before.kill();
    const after = await scene.elsewhere(launcher, { ...settings, leaseMs: LONG_MS });
    after.order("claim", ["dome.main"]);
    if (launcher === "launcher.owner") {
      // It may be its own: that is waited for, and not ended before its time.
      await Bun.sleep(LONG_MS / 2 + 500);
      expect(after.all("claimed").concat(after.all("refused"))).toEqual([]);
    } else expect((await after.waitFor("refused")).result).toMatchObject({ reason: "owned" });
  });

  test("one that lives is not ended by a copy of its machine", async () => {
    await using scene = await openScene();
    const owner = await scene.elsewhere("launcher.owner", { machine: MACHINE, place: "boot-1/1" });
    owner.order("claim", ["dome.main"]);
    await owner.waitFor("claimed");
    const copy = await scene.elsewhere("launcher.owner", { machine: MACHINE, place: "boot-2/1" });
    copy.order("claim", ["dome.main"]);
    expect((await copy.waitFor("refused")).result).toMatchObject({ reason: "owned" });
    copy.order("claim", ["dome.main"], { wait: true });
    await Bun.sleep(2 * LEASE_MS);
    expect(copy.all("claimed")).toEqual([]);
    expect(owner.all("lost")).toEqual([]);
  });
});

test("a launcher that is started again under other pids waits for the lease of its earlier life, and for no longer", async () => {
  await using scene = await openScene();
  // As a container: the same name, host and file, and nothing that proves the end of what ran in it before.
  const before = await scene.elsewhere("launcher.owner");
  before.order("claim", ["dome.main"]);
  await before.waitFor("claimed");
  await before.kill();
  const after = await scene.here("launcher.owner", { place: "another place" });
  after.order("claim", ["dome.main"]);
  await after.waitFor("claimed", "dome.main", 1, LEASE_MS * 2 + SLACK_MS);
  expect(after.all("refused")).toEqual([]);
  // One that lives is told apart: it renews its lease.
  const twin = await scene.here("launcher.owner", { place: "a third place" });
  twin.order("claim", ["dome.main"]);
  await twin.waitFor("refused");
  expect(after.all("lost")).toEqual([]);
});
