// One launcher at a time has a service, wherever launchers run; it changes hands when told to, or when its launcher dies.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { connect } from "nats";
import { Link } from "../soak/link.ts";
import { spawnTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { canMakeHosts, onHost } from "../support/hosts.ts";
import { startNats } from "../support/nats.ts";
import { openProxy } from "../support/proxy.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const TWO = "services:\n  - hello_world.one\n  - hello_world.two\n";

/** A command beside a fleet. */
async function tcs(fleet: TestFleet, ...args: string[]) {
  await using command = spawnTcs([...args, "--port", String(fleet.broker.port)], { env: { USER: "ann" } });
  const code = await within(`tcs ${args[0]}`, command.exited);
  return { code, stdout: command.stdout, stderr: command.stderr };
}

async function listed(fleet: TestFleet): Promise<Record<string, string>[]> {
  return JSON.parse((await tcs(fleet, "list", "--json")).stdout).services;
}

/** Launchers that have started a service, in order, by what they say of it. */
function startersOf(fleet: TestFleet, id: string): unknown[] {
  return fleet.wire.of("registry.start", id).map(({ data }) => data.parent);
}

describe("a second launcher of the same services", () => {
  test("is refused, and told who has them", async () => {
    await using one = await runFleet({ yaml: TWO });
    await one.wire.waitForEvent("ready", "hello_world.two");
    await using two = await runFleet({ yaml: TWO, broker: one.broker });
    expect(await within("the end", two.tcs.exited)).toBe(1);
    const why = new RegExp(
      `tcs: all 2 services are run by launcher \\S+ on \\S+ \\(worker\\), pid ${one.tcs.pid}, ${one.folder.path}/services.yaml\n.*--takeover.*--standby`,
    );
    expect(two.tcs.stderr).toMatch(why);
    expect(startersOf(one, "hello_world.one").length).toBe(1);
    // Not a word about services that are another's.
    expect(one.wire.of("registry.declared", "hello_world.one").length).toBe(1);
  });

  test("runs what is free, and says what is not", async () => {
    await using one = await runFleet({ yaml: "services:\n  - hello_world.one\n" });
    await one.wire.waitForEvent("ready", "hello_world.one");
    await using two = await runFleet({ yaml: TWO, broker: one.broker });
    await two.wire.waitForEvent("ready", "hello_world.two");
    await two.tcs.waitForLine(/ERROR {4}tcs {2}hello_world\.one: not started here\. Run by launcher/);
    await two.tcs.waitForLine(/1 of 1 service running, 1 run elsewhere/);
    expect(startersOf(one, "hello_world.one").length).toBe(1);
    const status = await tcs(one, "status");
    expect(status.stdout).toContain("1 of 1 service running, 1 elsewhere");
    expect(status.code).toBe(0);
  });

  test("starts what was run by hand, when that ends", async () => {
    await using broker = await startNats();
    await using hand = spawnTcs(["service", "hello_world", "--port", String(broker.port)]);
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n", broker });
    await fleet.tcs.waitForLine(/hello_world\.main: not started yet\. Run by a program without a launcher/);
    expect(startersOf(fleet, "hello_world.main")).toEqual([]);
    hand.signal("SIGTERM");
    await fleet.wire.waitForEvent("ready", "hello_world.main");
  });
});

test("--takeover moves services, and what operators wanted of them; what had them waits for the next order", async () => {
  await using one = await runFleet({ yaml: TWO });
  await one.wire.waitForEvent("ready", "hello_world.two");
  await tcs(one, "stop", "hello_world.two", "--reason", "dome open");
  await using two = await runFleet({ yaml: TWO, broker: one.broker, args: ["--takeover", "--launcher", "process"] });
  await two.wire.waitForEvent("ready", "hello_world.one");
  await two.wire.waitForEvent("declared", "hello_world.two");
  // The first one's last word comes before the second one's first.
  const story = one.wire.story("hello_world.one").filter((step) => !step.startsWith("status"));
  expect(story).toEqual(
    ["declared", "start", "ready", "stopping", "stop", "declared", "start", "ready"].slice(0, story.length),
  );
  expect(String(one.wire.of("registry.stopping", "hello_world.one")[0]?.data.reason)).toMatch(
    /^taken over by launcher/,
  );
  const rows = await waitFor("both to tell", async () => {
    const found = await listed(one);
    return found.length === 4 && found;
  });
  const states = (end: string) =>
    rows
      .filter(({ launcher }) => launcher?.endsWith(end))
      .map(({ service_id, state, set_reason }) => [service_id, state, set_reason]);
  expect(states("-worker-launcher")).toEqual([
    ["hello_world.one", "elsewhere", undefined],
    ["hello_world.two", "elsewhere", undefined],
  ]);
  expect(states("-process-launcher")).toEqual([
    ["hello_world.one", "running", undefined],
    ["hello_world.two", "stopped", "dome open"],
  ]);
  expect((await tcs(one, "start", "hello_world.two")).stdout).toContain("started");
  await two.wire.waitForEvent("ready", "hello_world.two");
  // The second one ends: the first may have them again when it is told to, and knows that nobody holds them.
  await two.stop();
  const again = await tcs(one, "start", "hello_world.*");
  expect(again.stderr).toBe("");
  expect((await listed(one)).filter(({ state }) => state === "running").length).toBe(2);
});

test.skipIf(!canMakeHosts)(
  "when a host dies, one of two standbys has each service within the lease, and an operator's stop holds there too",
  async () => {
    const yaml = `lease_sec: 6\n${TWO}  - hello_world.three\n  - {type: hello_world, variant: four}\n`;
    const ids = ["one", "two", "four"].map((variant) => `hello_world.${variant}`);
    await using one = await runFleet({ yaml, under: onHost("north") });
    const { broker } = one;
    await one.wire.waitForEvent("ready", "hello_world.four");
    await tcs(one, "stop", "hello_world.three", "--reason", "no crane");
    await using two = await runFleet({ yaml, broker, under: onHost("south"), args: ["--standby"] });
    await using three = await runFleet({ yaml, broker, under: onHost("west"), args: ["--standby"] });
    await two.tcs.waitForLine(/on standby/);
    await three.tcs.waitForLine(/on standby/);
    one.tcs.signal("SIGKILL");
    const killedAt = performance.now();
    for (const id of ids) await two.wire.waitForEvent("ready", id);
    expect((performance.now() - killedAt) / 1000).toBeGreaterThan(3);
    const declared = await two.wire.waitForEvent("declared", "hello_world.three");
    expect(declared.data).toMatchObject({
      target: "stopped",
      set_by: expect.stringContaining("@"),
      set_reason: "no crane",
    });
    for (const id of ids) expect(startersOf(two, id).length).toBe(1);
    expect(startersOf(two, "hello_world.three")).toEqual([]);
    // The one that has them ends in good order: the other has them at once.
    const hasThem = startersOf(two, "hello_world.one")[0];
    const [owner, other] = String(hasThem).includes("south") ? [two, three] : [three, two];
    const had = ids.filter((id) => startersOf(two, id)[0] === hasThem);
    await owner.stop();
    for (const id of had)
      await other.wire.waitFor(
        `${id} again`,
        ({ subject, data }) => subject === `svc.registry.ready.${id}` && data.parent !== hasThem,
      );
    for (const id of ids) expect(new Set(startersOf(two, id)).size).toBe(startersOf(two, id).length);
  },
  60_000,
);

test.skipIf(!canMakeHosts)(
  "a launcher whose container is killed and started again within its lease has its services when that is over",
  async () => {
    const under = onHost("north");
    await using fleet = await runFleet({ yaml: `lease_sec: 6\n${TWO}`, under });
    await fleet.wire.waitForEvent("ready", "hello_world.one");
    await fleet.wire.waitForEvent("ready", "hello_world.two");
    fleet.tcs.signal("SIGKILL");
    await within("its end", fleet.tcs.exited);
    const { stateDir } = fleet.tcs;
    await using again = spawnTcs(["run"], { cwd: fleet.folder.path, env: { TCS_STATE_DIR: stateDir }, under });
    await fleet.wire.waitForEvent("ready", "hello_world.one", 2);
    await fleet.wire.waitForEvent("ready", "hello_world.two", 2);
    expect(again.stderr + again.stdout).not.toContain("not started here");
  },
);

/** Writes down that another instance of the same service lives when it begins. */
const ALONE = `
for other in $TCS_SERVICE_ID.pid.*; do
  kill -0 "\${other##*.}" 2>/dev/null && echo twice >>twice
done
touch $TCS_SERVICE_ID.pid.$$
exec sleep 1000
`;

test("foreign programs that a killed launcher has left end before they are started again", async () => {
  const yaml =
    "services:\n  - {type: one, command: [sh, alone.sh]}\n  - {type: two, command: [sh, alone.sh]}\n  - hello_world\n";
  await using fleet = await runFleet({ yaml, files: { "alone.sh": ALONE } });
  await fleet.wire.waitForEvent("ready", "two.main");
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  fleet.tcs.signal("SIGKILL");
  await within("its end", fleet.tcs.exited);
  const { stateDir } = fleet.tcs;
  await using again = spawnTcs(["run"], { cwd: fleet.folder.path, env: { TCS_STATE_DIR: stateDir } });
  await fleet.wire.waitForEvent("ready", "two.main", 2);
  await fleet.wire.waitForEvent("ready", "one.main", 2);
  expect(again.pid).toBeGreaterThan(0);
  expect(existsSync(join(fleet.folder.path, "twice"))).toBe(false);
});

test.skipIf(!canMakeHosts)(
  "an owner that is cut off runs on, restarts nothing when its lease is over, and yields when it is back",
  async () => {
    await using broker = await startNats();
    await using proxy = await openProxy(broker.port);
    const files = {
      "steady.ts": serviceFile(LOOP),
      "fragile.ts": serviceFile(`async runService() {
        while (!(await Bun.file("break").exists())) await this.sleep(0.1);
        throw new Error("broken");
      }`),
    };
    const rows = "services:\n  - steady\n  - {type: fragile, restart: always, restart_sec: 0}\n";
    await using wire = await listenToWire(broker.url);
    using folder = tempFolder();
    await folder.write("services.yaml", `lease_sec: 6\nnats: {port: ${new URL(proxy.url).port}}\n${rows}`);
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    await using owner = spawnTcs(["run"], { cwd: folder.path, under: onHost("north") });
    await wire.waitForEvent("ready", "fragile.main");
    const standby = { yaml: `lease_sec: 6\n${rows}`, files, broker, args: ["--standby"], under: onHost("south") };
    await using two = await runFleet(standby);
    await two.tcs.waitForLine(/on standby/);
    proxy.black();
    await wire.waitForEvent("ready", "fragile.main", 2);
    await wire.waitForEvent("ready", "steady.main", 2);
    const north = String(wire.of("registry.start", "steady.main")[0]?.data.parent);
    await folder.write("break", "");
    await owner.waitForLine(/fragile\.main ended: broken/);
    proxy.heal();
    await owner.waitForLine(/steady\.main is run by launcher \S+ on south/);
    await owner.waitForLine(/fragile\.main is run by launcher \S+ on south/);
    await waitFor("the yielding", async () => {
      const own = (await listed(two)).filter(({ launcher }) => launcher === north);
      return own.length === 2 && own.every(({ state }) => state === "elsewhere");
    });
    // What it had sent while nothing passed arrives late, and is corrected: the last word is the owner's.
    const shown = await waitFor("the truth about both", async () => {
      const { services } = JSON.parse((await tcs(two, "status", "--json")).stdout);
      const found = services.filter(({ kind }: { kind: string }) => kind === "service");
      return found.every(({ status, parent }: Record<string, string>) => status === "ok" && parent !== north) && found;
    });
    expect(shown.length).toBe(2);
    expect(shown.map(({ running, hostname }: Record<string, unknown>) => [running, hostname])).toEqual([
      [true, "south"],
      [true, "south"],
    ]);
    // One start by each, and no more (the second one may have told of its own again).
    const starts = wire
      .of("registry.start", "fragile.main")
      .map(({ data }) => JSON.stringify([data.parent, data.timestamp]));
    expect(new Set(starts).size).toBe(2);
  },
  60_000,
);

test("two launchers that start at once share out a hundred services: each is started by one of them", async () => {
  const ids = Array.from({ length: 100 }, (_, i) => `hello_world.n${i}`);
  const yaml = `services:\n${ids.map((id) => `  - ${id}\n`).join("")}`;
  for (let round = 0; round < 3; round++) {
    await using broker = await startNats();
    using folder = tempFolder();
    await folder.write("one/services.yaml", `nats: {port: ${broker.port}}\n${yaml}`);
    await folder.write("two/services.yaml", `nats: {port: ${broker.port}}\n${yaml}`);
    await using watcher = await runFleet({ yaml: "services:\n  - examples.minimal\n", broker });
    const run = (name: string) => spawnTcs(["run", "--launcher", "inline"], { cwd: `${folder.path}/${name}` });
    await using one = run("one");
    await using two = run("two");
    for (const id of ids) await watcher.wire.waitForEvent("ready", id);
    await Promise.any([one, two].map((launcher) => launcher.waitForLine(/running.* after/)));
    await watcher.wire.flush();
    expect(ids.map((id) => startersOf(watcher, id).length)).toEqual(ids.map(() => 1));
    expect(ids.map((id) => watcher.wire.of("registry.declared", id).length)).toEqual(ids.map(() => 1));
  }
}, 60_000);

test("what others said of a service while its launcher was not connected is corrected when it is", async () => {
  await using broker = await startNats();
  await using link = new Link(broker.port);
  const port = await link.open();
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n", broker, args: ["--port", String(port)] });
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  link.become("cut");
  await fleet.tcs.waitForLine(/connection to the broker lost/);
  const said = fleet.wire.of("status", "hello_world.main").at(-1);
  const payload = JSON.stringify({
    data: { ...said?.data, parent: "launcher.launcher.late", pid: 4711 },
    meta: said?.meta,
  });
  const connection = await connect({ servers: broker.url });
  await connection.jetstream().publish("svc.status.hello_world.main", payload);
  await connection.close();
  link.become("clear");
  await fleet.tcs.waitForLine(/launcher\.launcher\.late has spoken of hello_world\.main, which runs here/);
  await waitFor("the truth", () => fleet.wire.of("status", "hello_world.main").at(-1)?.data.pid === fleet.tcs.pid);
});
