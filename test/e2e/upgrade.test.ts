// tcs install under a running fleet: its services go over to the new version one by one, or stay where they are.
import { describe, expect, test } from "bun:test";
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess, isAlive } from "../../src/common/process-info.ts";
import { runTcs, spawnTcs, tcsBinary } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { countable, instancesOf } from "../support/instances.ts";
import { canOwnNetwork, ownNetwork } from "../support/netns.ts";
import { childrenOf, commandOf, processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { binaryOfVersion } from "../support/versions.ts";
import { waitFor, within } from "../support/wait.ts";

const NEW = "aaaaaaa";
const OLD_VERSION = (await runTcs(["--version"])).stdout.trim();
const NEWER = await binaryOfVersion(NEW);
const NEW_VERSION = `0.1.0+${NEW}`;

const TEN = `services:
  - {type: counted, variant: w1, launcher: worker}
  - {type: counted, variant: w2, launcher: worker, after: [counted.p1]}
  - {type: counted, variant: p1, launcher: process}
  - {type: counted, variant: p2, launcher: process}
  - {type: counted, variant: i1, launcher: inline}
  - {type: counted, variant: i2, launcher: inline}
  - {type: counted, variant: g1, launcher: process, group: pair}
  - {type: counted, variant: g2, launcher: process, group: pair}
  - {type: foreign, command: [sleep, "1000"]}
  - {type: shot, schedule: every 100s}
`;
const COUNTED = ["w1", "w2", "p1", "p2", "i1", "i2", "g1", "g2"].map((variant) => `counted.${variant}`);
const RUNNING = [...COUNTED, "foreign.main"];
const FILES = {
  "counted.ts": serviceFile(countable()),
  "shot.ts": serviceFile("async execute() {}", "BaseSingleShotService"),
};

/** A prefix in which the version under test is installed. */
async function installed() {
  const folder = tempFolder("tcs-prefix-");
  const run = (program: string, ...args: string[]) =>
    runTcs(["install", "--prefix", folder.path, ...args], {
      program,
      env: { TCS_STATE_DIR: join(folder.path, "state") },
    });
  const first = await run(tcsBinary());
  expect(first).toMatchObject({ code: 0 });
  return {
    link: join(folder.path, "bin/tcs"),
    home: join(folder.path, "lib/tcs"),
    run,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** A fleet run by the installed version; all its services run. */
async function started(link: string, yaml: string, files: Record<string, string>, ids: readonly string[]) {
  const fleet = await runFleet({ yaml, files, program: link });
  for (const id of ids) await fleet.wire.waitForEvent("ready", id);
  return fleet;
}

/** Versions of the launchers that run services. */
async function versions(fleet: TestFleet): Promise<{ version: string; pid: number; name: string }[]> {
  const { stdout } = await runTcs(["version", "--fleet", "--json", "--port", String(fleet.broker.port)]);
  return JSON.parse(stdout).running;
}

/** How many services were down at once at most, by what is told of them. */
function mostDownAtOnce({ wire }: TestFleet, from: number): number {
  const down = new Set<string>();
  let most = 0;
  for (const { subject, arrivedMs } of wire.records) {
    const [, event, id = ""] = /\.registry\.(\w+)\.(.+)$/.exec(subject) ?? [];
    if (arrivedMs < from || !RUNNING.includes(id)) continue;
    if (event === "stopping") down.add(id);
    if (event === "ready") down.delete(id);
    most = Math.max(most, down.size);
  }
  return most;
}

describe("tcs install, while ten services run in all homes", () => {
  test("moves them one by one to the new version; process, signals and operators' stops stay; and back", async () => {
    using prefix = await installed();
    await using fleet = await started(prefix.link, TEN, FILES, RUNNING);
    const { tcs, wire, broker } = fleet;
    const stop = await runTcs(["stop", "counted.p2", "--reason", "dome work", "--port", String(broker.port)]);
    expect(stop.code).toBe(0);
    expect(await versions(fleet)).toMatchObject([{ version: OLD_VERSION, pid: tcs.pid }]);
    const ids = COUNTED.filter((id) => id !== "counted.p2");

    const from = performance.now();
    const upgrade = await prefix.run(NEWER);
    expect(upgrade).toMatchObject({ code: 0 });
    expect(upgrade.stdout).toContain(`renewed the launcher of ${fleet.folder.path}/services.yaml`);
    // A service that goes over between two looks is not named.
    expect(upgrade.stderr).toMatch(/\d of 10: \S+/);
    const [now, ...more] = await versions(fleet);
    expect(now).toMatchObject({ version: NEW_VERSION });
    expect(more).toEqual([]);
    expect(mostDownAtOnce(fleet, from)).toBe(1);
    for (const id of ids) {
      expect(await instancesOf(fleet, id)).toBe(1);
      expect(wire.of("registry.start", id).length).toBe(2);
      expect(wire.of("registry.crashed", id)).toEqual([]);
    }
    // The process by which a terminal or a supervisor knows the fleet is the same.
    expect(tcs.pid).not.toBe(now?.pid);
    expect(childrenOf(tcs.pid)).toContain(now?.pid ?? 0);
    expect(wire.of("registry.start", "counted.p2").length).toBe(1);
    const why = await runTcs(["why", "counted.p2", "--port", String(broker.port)]);
    expect(why.stdout).toContain("dome work");

    const back = await prefix.run(NEWER, "--rollback");
    expect(back).toMatchObject({ code: 0 });
    const [last] = await versions(fleet);
    expect(last).toMatchObject({ version: OLD_VERSION });
    // One stand-in, one launcher: they do not pile up.
    expect(childrenOf(tcs.pid)).toEqual([last?.pid ?? 0]);
    for (const id of ids) expect(await instancesOf(fleet, id)).toBe(1);
    expect(wire.of("registry.start", "counted.p2").length).toBe(1);

    const launcher = identifyProcess(last?.pid ?? 0);
    tcs.signal("SIGINT");
    expect(await within("the end", tcs.exited)).toBe(130);
    expect(launcher && isAlive(launcher)).toBe(false);
    await waitFor("the last stop", () => ids.every((id) => wire.of("registry.stop", id).length === 3));
  });

  test("a stop by an operator while it goes on is kept", async () => {
    using prefix = await installed();
    const slow = serviceFile(`${LOOP}\nasync onStop() { await Bun.sleep(700); }`);
    const yaml =
      "services:\n  - {type: slow, variant: a}\n  - {type: slow, variant: b}\n  - {type: slow, variant: c}\n";
    const ids = ["slow.a", "slow.b", "slow.c"];
    await using fleet = await started(prefix.link, yaml, { "slow.ts": slow }, ids);
    const upgrade = prefix.run(NEWER);
    await fleet.wire.waitForEvent("stopping", "slow.a");
    const stop = await runTcs(["stop", "slow.c", "--port", String(fleet.broker.port)]);
    expect(stop.code).toBe(0);
    expect(await upgrade).toMatchObject({ code: 0 });
    expect(fleet.wire.of("registry.start", "slow.b").length).toBe(2);
    expect(fleet.wire.of("registry.start", "slow.c").length).toBe(1);
  });
});

describe("a service that does not start in the new version", () => {
  const NOT_IN_NEW = `async onStart() { if (process.execPath.includes("${NEW}")) throw new Error("no such dome"); }\n${LOOP}`;
  const FLEET =
    "services:\n  - {type: good, launcher: process}\n  - {type: bad, launcher: process}\n  - {type: last, launcher: process}\n";
  const files = { "good.ts": serviceFile(LOOP), "bad.ts": serviceFile(NOT_IN_NEW), "last.ts": serviceFile(LOOP) };
  const ids = ["good.main", "bad.main", "last.main"];

  test("stops it there: all run as before, the culprit is named, the code is 1", async () => {
    using prefix = await installed();
    await using fleet = await started(prefix.link, FLEET, files, ids);
    const upgrade = await prefix.run(NEWER);
    expect(upgrade.code).toBe(1);
    expect(upgrade.stderr).toMatch(
      /the launcher of \S+ \(pid \d+\) was not renewed: bad\.main is \w+ in the new version: .*no such dome/,
    );
    expect(upgrade.stderr).toContain("tcs install --rollback");
    await fleet.wire.waitForEvent("ready", "good.main", 3);
    await fleet.wire.waitForEvent("ready", "bad.main", 2);
    expect(await versions(fleet)).toMatchObject([{ version: OLD_VERSION, pid: fleet.tcs.pid }]);
    expect(fleet.wire.of("registry.start", "last.main").length).toBe(1);
    expect(await fleet.stop()).toBe(143);
  });

  test("with --yes the version before is current again", async () => {
    using prefix = await installed();
    await using fleet = await started(prefix.link, FLEET, files, ids);
    expect((await prefix.run(NEWER, "--yes")).code).toBe(1);
    expect((await runTcs(["--version"], { program: prefix.link })).stdout.trim()).toBe(OLD_VERSION);
    expect(await fleet.stop()).toBe(143);
  });
});

describe("a kill in the middle", () => {
  const SLOW = serviceFile(
    `async onStart() { await this.sleep(0.4); }\n${countable().replace("async onStart() {  }", "")}`,
  );
  const yaml = "services:\n  - {type: slow, variant: a}\n  - {type: slow, variant: b}\n  - {type: slow, variant: c}\n";
  const ids = ["slow.a", "slow.b", "slow.c"];

  test("of the new launcher gives everything back to the old one", async () => {
    using prefix = await installed();
    await using fleet = await started(prefix.link, yaml, { "slow.ts": SLOW }, ids);
    const upgrade = prefix.run(NEWER);
    await fleet.wire.waitForEvent("start", "slow.b", 2);
    for (const pid of childrenOf(fleet.tcs.pid).filter((child) => exeOf(child).includes(NEW)))
      process.kill(pid, "SIGKILL");
    expect((await upgrade).code).toBe(1);
    for (const id of ids) expect(await instancesOf(fleet, id)).toBe(1);
    expect(await versions(fleet)).toMatchObject([{ version: OLD_VERSION, pid: fleet.tcs.pid }]);
    // The second time it goes through.
    expect(await prefix.run(NEWER)).toMatchObject({ code: 0 });
    expect(await versions(fleet)).toMatchObject([{ version: NEW_VERSION }]);
    for (const id of ids) expect(await instancesOf(fleet, id)).toBe(1);
  });

  test("of tcs install lets the launcher finish, and another run complete the rest", async () => {
    using prefix = await installed();
    await using fleet = await started(prefix.link, yaml, { "slow.ts": SLOW }, ids);
    const folder = join(prefix.link, "../..");
    const child = Bun.spawn([NEWER, "install", "--prefix", folder], { stdio: ["ignore", "ignore", "ignore"] });
    await fleet.wire.waitForEvent("start", "slow.a", 2);
    child.kill("SIGKILL");
    await fleet.wire.waitForEvent("ready", "slow.c", 2);
    expect(await prefix.run(NEWER)).toMatchObject({ code: 0 });
    expect(await versions(fleet)).toMatchObject([{ version: NEW_VERSION }]);
    for (const id of ids) expect(fleet.wire.of("registry.start", id).length).toBe(2);
  });

  test("of the process that stands for the fleet ends all of it, before and after", async () => {
    using prefix = await installed();
    await using fleet = await started(prefix.link, yaml, { "slow.ts": SLOW }, ids);
    expect(await prefix.run(NEWER)).toMatchObject({ code: 0 });
    const launchers = childrenOf(fleet.tcs.pid).flatMap((pid) => identifyProcess(pid) ?? []);
    expect(launchers.length).toBe(1);
    fleet.tcs.signal("SIGKILL");
    await waitFor("the end of the launcher", () => !launchers.some(isAlive));
    await waitFor("the stops", () => ids.every((id) => fleet.wire.of("registry.stop", id).length === 2));
  });
});

test.skipIf(!canOwnNetwork)("a broker that the fleet has brought along stays, and ends with it", async () => {
  using _network = ownNetwork();
  using prefix = await installed();
  using folder = tempFolder();
  const services = await folder.write("services.yaml", "services:\n  - hello_world.main\n");
  await using tcs = spawnTcs(["run", services], { program: prefix.link });
  await tcs.waitForLine(/\(started here\)/);
  await tcs.waitForLine(/1 of 1 service running/);
  const brokers = () => processesWith(tcs.stateDir).filter(({ pid }) => commandOf(pid).includes("nats-server"));
  const before = brokers();
  expect(before.length).toBeGreaterThan(0);
  expect(await prefix.run(NEWER)).toMatchObject({ code: 0 });
  expect(brokers()).toEqual(before);
  tcs.signal("SIGTERM");
  expect(await within("the end", tcs.exited)).toBe(143);
  await waitFor("the broker's end", () => brokers().length === 0);
});

function exeOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    // Gone meanwhile.
    return "";
  }
}
