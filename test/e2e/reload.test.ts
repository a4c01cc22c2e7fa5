// A configuration that changes under a running fleet: the difference is applied, and nothing else.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { askFleet, change, instancesOf, reload, rewrite } from "../support/reload.ts";
import { waitFor, within } from "../support/wait.ts";

const THING = serviceFile(LOOP);
/** Tells its `n` when it starts and when it stops. */
const COUNTED = `import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({ n: z.number().default(0), key: z.string().default("") });
@service({ config: Config })
export class Thing extends BaseBlockingPermanentService<typeof Config> {
  onStart() { this.logger.info("n is " + this.config.n); }
  ${LOOP}
}
`;

const events = (fleet: TestFleet, id: string) => fleet.wire.story(id).filter((step) => !step.startsWith("status"));

async function whenReady({ wire }: TestFleet, ...ids: string[]): Promise<void> {
  await Promise.all(ids.map((id) => wire.waitForEvent("ready", id)));
}

/** proc(5): the first bit of SigCgt is SIGHUP's. */
function catchesSighup(pid: number): boolean {
  const [, mask = "0"] = readFileSync(`/proc/${pid}/status`, "utf8").match(/^SigCgt:\s*(\w+)/m) ?? [];
  return (BigInt(`0x${mask}`) & 1n) === 1n;
}

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test("what was added is started, what was removed is stopped, what was changed is restarted; the rest runs on", async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - {type: thing, variant: same}\n  - {type: thing, variant: old}\n  - {type: thing, n: 1}\n",
        files: { "thing.ts": COUNTED },
        args: ["--launcher", home],
      });
      await whenReady(fleet, "thing.same", "thing.old", "thing.main");
      const answer = await change(
        fleet,
        "services:\n  - {type: thing, n: 2}\n  - {type: thing, variant: new}\n\n  - {type: thing, variant: same}\n",
      );
      expect(answer).toMatchObject({ code: 0, result: "reloaded", done: true, not_running: [], warnings: [] });
      expect(answer).toMatchObject({ added: ["thing.new"], removed: ["thing.old"], unchanged: ["thing.same"] });
      expect(answer.changed).toEqual([{ service_id: "thing.main", keys: ["n"], effect: "restart" }]);
      // All of that has happened when the answer is there.
      await fleet.wire.flush();
      expect(events(fleet, "thing.same")).toEqual(["declared", "start", "ready"]);
      expect(events(fleet, "thing.new")).toEqual(["declared", "start", "ready"]);
      expect(events(fleet, "thing.old")).toEqual(["declared", "start", "ready", "stopping", "stop"]);
      expect(events(fleet, "thing.main")).toEqual([
        ...["declared", "start", "ready", "stopping", "stop"],
        ...["declared", "start", "ready"],
      ]);
      await fleet.tcs.waitForLine(/n is 1.*n is 2/s);
      expect(fleet.wire.of("registry.stopping", "thing.main")[0]?.data.reason).toMatch(/^reload by \S+@\S+$/);
      const status = JSON.parse((await askFleet(fleet, "status", "--all", "--json")).stdout);
      const removed = status.services.find((info: { service_id: string }) => info.service_id === "thing.old");
      expect(removed).toMatchObject({ removed: true, current: false });
      expect(removed.removed_by).toMatch(/^\S+@\S+$/);
      expect(status.overall).toMatchObject({ healthy: true, services: 3, running: 3, stopped: 0 });
      expect((await askFleet(fleet, "status")).stdout).not.toContain("thing.old");
      expect(await fleet.stop()).toBe(143);
      expect(await instancesOf(fleet, "thing.old")).toBe(0);
      expect(await instancesOf(fleet, "thing.new")).toBe(0);
    });
  });
}

test("a service moves from home to home, and in and out of groups", async () => {
  const row = (more: string) => `services:\n  - {type: thing${more}}\n  - {type: hello_world, group: g}\n`;
  await using fleet = await runFleet({ yaml: row(""), files: { "thing.ts": THING } });
  await whenReady(fleet, "thing.main", "hello_world.main");
  const pids: unknown[] = [];
  for (const more of [", launcher: process", ", launcher: inline", ", group: g", ", launcher: process, group: h", ""]) {
    expect(await change(fleet, row(more))).toMatchObject({ code: 0, unchanged: ["hello_world.main"] });
    pids.push(fleet.wire.of("registry.start", "thing.main").at(-1)?.data.pid);
  }
  const [first, inline, grouped, second, last] = pids;
  expect([inline, grouped, last]).toEqual([fleet.tcs.pid, fleet.tcs.pid, fleet.tcs.pid]);
  expect(new Set([first, second, fleet.tcs.pid]).size).toBe(3);
  expect(await instancesOf(fleet, "thing.main")).toBe(1);
  expect(events(fleet, "hello_world.main")).toEqual(["declared", "start", "ready"]);
});

test("a foreign program is changed like any other service, each part of it by its name", async () => {
  const yaml = (command: string, more = "") =>
    `services:\n  - {type: watch, command: [sleep, "${command}"]${more}}\n  - hello_world\n`;
  await using fleet = await runFleet({ yaml: yaml("1000") });
  await whenReady(fleet, "watch.main", "hello_world.main");
  const answer = await change(fleet, yaml("2000", ", env: {SITE: ocm}"));
  expect(answer).toMatchObject({ code: 0, done: true, unchanged: ["hello_world.main"] });
  expect(answer.changed).toEqual([{ service_id: "watch.main", keys: ["command", "env"], effect: "restart" }]);
  expect(await instancesOf(fleet, "watch.main")).toBe(1);
  expect((await change(fleet, yaml("2000", ", env: {SITE: ocm}, restart: always"))).changed[0]?.effect).toBe("live");
  expect(await change(fleet, yaml("3000").replace("sleep", "no-such-program"))).toMatchObject({
    code: 5,
    issues: [expect.stringMatching(/services\.yaml:4:\d+: watch\.main: .*no-such-program/)],
  });
  expect(await instancesOf(fleet, "watch.main")).toBe(1);
  expect(await change(fleet, "services:\n  - hello_world\n")).toMatchObject({ code: 0, removed: ["watch.main"] });
  expect(await instancesOf(fleet, "watch.main")).toBe(0);
});

describe("a configuration that cannot be used changes nothing", () => {
  const YAML = "services:\n  - {type: thing, n: 1}\n  - hello_world\n";
  const start = async () => {
    const fleet = await runFleet({ yaml: YAML, files: { "thing.ts": COUNTED } });
    await whenReady(fleet, "thing.main", "hello_world.main");
    return fleet;
  };
  const BAD: [string, string, RegExp][] = [
    ["broken YAML", "services: [\n", /services\.yaml:\d+:\d+: given broken YAML/],
    [
      "an unknown type",
      "services:\n  - {type: thing, n: 2}\n  - hello_wrld\n",
      /:5:5: services\[1\]: given "hello_wrld"/,
    ],
    ["a bad setting", "services:\n  - {type: thing, restart_sec: -1}\n", /:4:32: services\[0\]\.restart_sec: given -1/],
    [
      "a field that does not fit",
      "services:\n  - {type: thing, n: x}\n",
      /:4:22: thing\.main\.n: given "x", expected a number/,
    ],
    ["a field that is none", "services:\n  - {type: thing, m: 1}\n", /:4:19: thing\.main\.m: given an unknown field/],
    ["a circle", "services:\n  - {type: thing, after: [thing.main]}\n", /thing\.main -> thing\.main/],
    ["no services", "services: []\n", /given no services/],
    ["a variable that is not set", `services:\n  - {type: thing, n: "\${NOPE}"}\n`, /NOPE/],
  ];

  test("and says where and why: code 5, by request and by signal", async () => {
    await using fleet = await start();
    for (const [what, yaml, place] of BAD) {
      const answer = await change(fleet, yaml);
      expect([what, answer.code, answer.result, answer.done]).toEqual([what, 5, "invalid", false]);
      expect(answer.issues.join("\n")).toMatch(place);
      // The place is one that whoever reads it elsewhere can find.
      expect(answer.issues[0]).toStartWith(join(fleet.folder.path, "services.yaml"));
      expect((await reload(fleet, "--dry-run")).code).toBe(5);
      const told = fleet.tcs.stderr.length;
      fleet.tcs.signal("SIGHUP");
      await waitFor(`the log of ${what}`, () =>
        /reload by SIGHUP: the configuration is not valid/.test(fleet.tcs.stderr.slice(told)),
      );
      await waitFor(`the place of ${what}`, () => place.test(fleet.tcs.stderr.slice(told)));
    }
    const plain = await askFleet(fleet, "reload");
    expect(plain).toMatchObject({ code: 5, stdout: "" });
    expect(plain.stderr).toMatch(
      /^tcs: launcher \S+ on \S+ \(worker\): the configuration is not valid; nothing was changed\n\/.*services\.yaml:4:22: services\[0\]\.n: given /,
    );
    await fleet.wire.flush();
    for (const id of ["thing.main", "hello_world.main"])
      expect(events(fleet, id)).toEqual(["declared", "start", "ready"]);
    // And is forgotten when it is good again.
    expect(await change(fleet, YAML)).toMatchObject({ code: 0, result: "unchanged" });
  });

  test("also when the file is gone", async () => {
    await using fleet = await start();
    await Bun.file(join(fleet.folder.path, "services.yaml")).delete();
    expect(await reload(fleet)).toMatchObject({ code: 5, issues: [expect.stringContaining("no such file")] });
  });

  test("a service's file that cannot be loaded stops none that runs", async () => {
    await using fleet = await start();
    await fleet.folder.write("thing.ts", `throw new Error("no lens");\n${COUNTED}`);
    const answer = await change(fleet, YAML.replace("n: 1", "n: 2"));
    expect(answer).toMatchObject({ code: 5, result: "invalid" });
    expect(answer.issues).toEqual([
      expect.stringMatching(/services\.yaml:4:5: thing\.main: cannot load .*thing\.ts: no lens/),
    ]);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    // A new one is tried all the same, as at the start; what runs needs the file only when it starts next.
    const added = await change(fleet, `${YAML}  - {type: thing, variant: new, restart: no}\n`);
    expect(added).toMatchObject({ code: 1, result: "reloaded", done: false, added: ["thing.new"] });
    expect(added.not_running).toMatchObject([
      { service_id: "thing.new", state: "failed", reason: expect.stringContaining("no lens") },
    ]);
    expect(added.warnings.length).toBe(2);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    // One that does not run anyway keeps nobody from changing the rest.
    const rest = await change(fleet, `${YAML}  - {type: thing, variant: new, n: 3}\n  - examples.minimal\n`);
    expect(rest).toMatchObject({ code: 1, result: "reloaded", added: ["examples.minimal.main"] });
  });

  test("what only a new launcher can have is refused by name", async () => {
    await using fleet = await start();
    await Bun.write(
      join(fleet.folder.path, "services.yaml"),
      `nats:\n  port: ${fleet.broker.port}\n  subject_prefix: x\nservices: [hello_world]\n`,
    );
    const answer = await reload(fleet);
    expect(answer).toMatchObject({ code: 1, result: "refused", done: false });
    expect(answer.reason).toBe("nats.subject_prefix changed, which needs a restart of the launcher");
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  });

  test("a service that another launcher of the same file runs is refused", async () => {
    const yaml = (night: string) =>
      `services:\n  - hello_world\nlaunchers:\n  night: {services: [${night}]}\n  day: {services: [examples.minimal]}\n`;
    await using one = await runFleet({
      yaml: yaml("thing"),
      files: { "thing.ts": THING },
      args: ["--launcher", "night"],
    });
    await whenReady(one, "thing.main");
    await using two = await runFleet({
      yaml: yaml("thing"),
      broker: one.broker,
      args: ["--launcher", "day", "--config", join(one.folder.path, "services.yaml")],
      env: { TCS_STATE_DIR: one.tcs.stateDir },
    });
    await whenReady(two, "examples.minimal.main");
    await rewrite(one, yaml("thing, examples.minimal"));
    const name = String(one.wire.of("registry.declared", "thing.main")[0]?.data.parent);
    const answer = await reload(one, name);
    expect(answer).toMatchObject({ code: 1, result: "refused" });
    expect(answer.reason).toContain(
      `examples.minimal.main of ${one.folder.path}/services.yaml is already run by a launcher on this host (pid ${two.tcs.pid})`,
    );
  });
});

test("--dry-run tells the difference and changes nothing", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  await rewrite(fleet, "services:\n  - {type: hello_world, interval: 3}\n  - examples.minimal\n");
  const { code, stdout } = await askFleet(fleet, "reload", "--dry-run");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^launcher \S+ on \S+ \(worker\): would be: 1 added, 1 changed\n\+ examples\.minimal\.main\n~ hello_world\.main {2}interval {2}\(to be restarted\)\n$/,
  );
  await fleet.wire.flush();
  expect(events(fleet, "hello_world.main")).toEqual(["declared", "start", "ready"]);
  expect(fleet.wire.of("registry.declared", "examples.minimal.main")).toEqual([]);
  expect((await askFleet(fleet, "reload")).stdout).toContain("1 added, 1 changed\n");
});

describe("without a restart", () => {
  test("a service takes another restart policy, and it counts", async () => {
    const row = (more: string) => `services:\n  - {type: thing, launcher: process${more}}\n`;
    await using fleet = await runFleet({ yaml: row(""), files: { "thing.ts": THING } });
    const start = await fleet.wire.waitForEvent("ready", "thing.main");
    expect(start).toBeDefined();
    const answer = await change(fleet, row(", restart: on-abnormal, restart_sec: 0"));
    expect(answer.changed).toEqual([{ service_id: "thing.main", keys: ["restart", "restart_sec"], effect: "live" }]);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    expect(fleet.wire.of("registry.declared", "thing.main").at(-1)?.data.restart_policy).toBe("on-abnormal");
    process.kill(Number(fleet.wire.of("registry.start", "thing.main")[0]?.data.pid), "SIGKILL");
    await fleet.wire.waitForEvent("ready", "thing.main", 2);
  });

  test("a periodic service takes another schedule, and its values with its next run", async () => {
    const row = (every: string, n: number) => `services:\n  - {type: thing, schedule: every ${every}, n: ${n}}\n`;
    const files = {
      "thing.ts": COUNTED.replaceAll("BlockingPermanent", "SingleShot").replace(LOOP, "async execute() {}"),
    };
    await using fleet = await runFleet({ yaml: row("1h", 1), files });
    await fleet.wire.waitForEvent("declared", "thing.main");
    const answer = await change(fleet, row("0.2s", 1));
    expect(answer.changed).toEqual([{ service_id: "thing.main", keys: ["schedule"], effect: "live" }]);
    await fleet.tcs.waitForLine(/n is 1/);
    expect((await change(fleet, row("0.2s", 2))).changed[0]).toMatchObject({ keys: ["n"], effect: "next run" });
    await fleet.tcs.waitForLine(/n is 2/);
    expect((await change(fleet, row("1h", 2))).changed[0]?.effect).toBe("live");
    // Its launcher knows of a run that is just being started.
    await waitFor("the end of the last run", async () =>
      /main +completed/.test((await askFleet(fleet, "list")).stdout),
    );
    await fleet.wire.flush();
    const starts = fleet.wire.of("registry.start", "thing.main").length;
    await Bun.sleep(600);
    await fleet.wire.flush();
    expect(fleet.wire.of("registry.start", "thing.main").length).toBe(starts);
    // Periodic no more: then it runs now.
    expect((await change(fleet, "services:\n  - {type: thing, n: 3}\n")).changed[0]).toMatchObject({
      effect: "restart",
    });
    await fleet.tcs.waitForLine(/n is 3/);
    // And periodic again: then it waits until it is due.
    expect(await change(fleet, row("1h", 4))).toMatchObject({ code: 0, done: true });
    expect(fleet.tcs.stderr).not.toContain("n is 4");
  });

  test("a row that only moved in the file is known by its new line", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    expect((await change(fleet, "# one\n# two\nservices:\n  - hello_world\n")).result).toBe("unchanged");
    expect((await askFleet(fleet, "why", "hello_world.main")).stdout).toMatch(/Config: +\/.*services\.yaml:6/);
  });
});

describe("the operator's stop", () => {
  test("holds though the row changes; the service takes it when it is started", async () => {
    const row = (n: number) => `services:\n  - {type: thing, n: ${n}}\n  - hello_world\n`;
    await using fleet = await runFleet({ yaml: row(1), files: { "thing.ts": COUNTED } });
    await fleet.wire.waitForEvent("ready", "thing.main");
    await askFleet(fleet, "stop", "thing.main", "--reason", "lens");
    expect(await change(fleet, row(2))).toMatchObject({ code: 0, done: true });
    expect(await instancesOf(fleet, "thing.main")).toBe(0);
    expect((await askFleet(fleet, "status")).stdout).toContain('("lens")');
    await askFleet(fleet, "start", "thing.main");
    await fleet.tcs.waitForLine(/n is 2/);
  });

  test("holds though the service is removed, and added again", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - thing\n  - hello_world\n",
      files: { "thing.ts": THING },
    });
    await fleet.wire.waitForEvent("ready", "thing.main");
    await askFleet(fleet, "stop", "thing.main");
    expect(await change(fleet, "services:\n  - hello_world\n")).toMatchObject({ code: 0, removed: ["thing.main"] });
    expect((await askFleet(fleet, "status")).stdout).not.toContain("thing.main");
    expect(await change(fleet, "services:\n  - thing\n  - hello_world\n")).toMatchObject({
      code: 0,
      added: ["thing.main"],
    });
    expect(await instancesOf(fleet, "thing.main")).toBe(0);
    expect((await askFleet(fleet, "status")).stdout).toMatch(/thing\.main +stopped +stopped by/);
  });
});

describe("whatever a service is doing, exactly one instance runs after its row has changed:", () => {
  const row = (n: number, more = "") => `services:\n  - {type: thing, n: ${n}${more}}\n`;

  test("waiting for a restart", async () => {
    const files = {
      "thing.ts": COUNTED.replace("onStart() {", "onStart() { if (this.config.n < 2) throw new Error('too few');"),
    };
    await using fleet = await runFleet({ yaml: row(1, ", restart: always, restart_sec: 60"), files });
    await fleet.wire.waitForEvent("crashed", "thing.main");
    expect(await change(fleet, row(2, ", restart: always, restart_sec: 60"))).toMatchObject({ code: 0, done: true });
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    expect(events(fleet, "thing.main").slice(-3)).toEqual(["declared", "start", "ready"]);
  });

  test("waiting for a restart that would come too late by the new policy", async () => {
    const files = {
      "thing.ts": serviceFile(
        `async onStart() { if (!(await Bun.file("again").exists())) { await Bun.write("again", ""); throw new Error("first"); } }\n${LOOP}`,
      ),
    };
    const yaml = (sec: number) => `services:\n  - {type: thing, restart: always, restart_sec: ${sec}}\n`;
    await using fleet = await runFleet({ yaml: yaml(600), files });
    await fleet.wire.waitForEvent("crashed", "thing.main");
    expect((await change(fleet, yaml(0.1))).changed[0]?.effect).toBe("live");
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  });

  test("failed for good", async () => {
    const files = {
      "thing.ts": COUNTED.replace("onStart() {", "onStart() { if (this.config.n < 2) throw new Error('too few');"),
    };
    await using fleet = await runFleet({ yaml: row(1), files });
    await fleet.wire.waitForEvent("crashed", "thing.main");
    expect(await change(fleet, row(2))).toMatchObject({ code: 0, done: true });
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    expect((await askFleet(fleet, "status", "--check")).code).toBe(0);
  });

  test("completed: it has new work", async () => {
    const shot = COUNTED.replaceAll("BlockingPermanent", "SingleShot").replace(LOOP, "async execute() {}");
    await using fleet = await runFleet({ yaml: row(1), files: { "thing.ts": shot } });
    await fleet.wire.waitForEvent("stop", "thing.main");
    expect(await change(fleet, row(2))).toMatchObject({ code: 0, done: true });
    expect(await change(fleet, row(2, ", restart: always"))).toMatchObject({ code: 0, done: true });
    await fleet.wire.flush();
    expect(fleet.wire.of("registry.start", "thing.main").length).toBe(2);
    expect(fleet.wire.of("registry.stop", "thing.main").map(({ data }) => data.reason)).toEqual([
      "completed",
      "completed",
    ]);
  });

  test("waiting for others, which are no longer waited for", async () => {
    const yaml = (after: string) => `services:\n  - {type: thing${after}}\n  - {type: bad}\n`;
    const files = { "thing.ts": THING, "bad.ts": serviceFile(`onStart() { throw new Error("no power"); }\n${LOOP}`) };
    await using fleet = await runFleet({ yaml: yaml(", after: bad.main"), files });
    await fleet.wire.waitForEvent("crashed", "bad.main");
    expect(await change(fleet, yaml(""))).toMatchObject({ code: 0, done: true });
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    expect(fleet.wire.of("registry.start", "thing.main").length).toBe(1);
  });

  test("starting for ever: the next configuration need not wait for it", async () => {
    const files = {
      "thing.ts": COUNTED.replace(
        "onStart() {",
        "async onStart() { if (this.config.n < 2) await new Promise(() => {});",
      ),
    };
    await using fleet = await runFleet({ yaml: row(0), files, args: ["--terminate-delay", "0.3"] });
    await fleet.wire.waitForEvent("start", "thing.main");
    const hanging = change(fleet, row(1));
    await fleet.wire.waitForEvent("start", "thing.main", 2);
    expect(await change(fleet, row(2))).toMatchObject({ code: 0, done: true });
    expect(await hanging).toMatchObject({ code: 0, done: true });
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    await fleet.tcs.waitForLine(/n is 2/);
  });

  test("stopping, by an operator: it stays stopped", async () => {
    const files = { "thing.ts": COUNTED.replace(LOOP, `${LOOP}\n  async onStop() { await Bun.sleep(700); }`) };
    await using fleet = await runFleet({ yaml: row(1), files });
    await fleet.wire.waitForEvent("ready", "thing.main");
    const stop = askFleet(fleet, "stop", "thing.main");
    await fleet.wire.waitForEvent("stopping", "thing.main");
    expect(await change(fleet, row(2))).toMatchObject({ code: 0, done: true });
    expect((await stop).code).toBe(0);
    expect(await instancesOf(fleet, "thing.main")).toBe(0);
  });

  test("being restarted by operators meanwhile", async () => {
    const files = { "thing.ts": COUNTED.replace(LOOP, `${LOOP}\n  async onStop() { await Bun.sleep(100); }`) };
    await using fleet = await runFleet({ yaml: row(0), files });
    await fleet.wire.waitForEvent("ready", "thing.main");
    for (let n = 1; n <= 4; n++) {
      const restarts = [askFleet(fleet, "restart", "thing.main"), askFleet(fleet, "restart", "thing.main")];
      expect((await change(fleet, row(n))).result).toBe("reloaded");
      await Promise.all(restarts);
    }
    expect((await askFleet(fleet, "list")).stdout).toMatch(/thing\.main +running/);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    await waitFor("the last values", () => fleet.tcs.stderr.match(/n is \d/g)?.at(-1) === "n is 4");
  });

  test("removed while an operator restarts it: it is gone", async () => {
    const files = { "thing.ts": COUNTED.replace(LOOP, `${LOOP}\n  async onStop() { await Bun.sleep(500); }`) };
    await using fleet = await runFleet({ yaml: `${row(1)}  - hello_world\n`, files });
    await fleet.wire.waitForEvent("ready", "thing.main");
    const restart = askFleet(fleet, "restart", "thing.main");
    await fleet.wire.waitForEvent("stopping", "thing.main");
    expect(await change(fleet, "services:\n  - hello_world\n")).toMatchObject({ code: 0, removed: ["thing.main"] });
    expect(await restart).toMatchObject({
      code: 1,
      // In the middle of it, or before it was begun.
      stderr: expect.stringMatching(/it is no longer in the configuration|this launcher has no service "thing\.main"/),
    });
    expect(await instancesOf(fleet, "thing.main")).toBe(0);
    const stop = await askFleet(fleet, "stop", "thing.main");
    expect(stop).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("it is no longer in its launcher's configuration"),
    });
  });
});

describe("order", () => {
  test("services are stopped before those they come after, and started when these are ready", async () => {
    const yaml = (n: number) =>
      `services:\n  - {type: thing, variant: c, n: ${n}, after: [thing.b]}\n  - {type: thing, variant: b, n: ${n}, after: [thing.a]}\n  - {type: thing, variant: a, n: ${n}}\n`;
    const files = { "thing.ts": COUNTED.replace(LOOP, `${LOOP}\n  async onStop() { await Bun.sleep(100); }`) };
    await using fleet = await runFleet({ yaml: yaml(1), files });
    await whenReady(fleet, "thing.a", "thing.b", "thing.c");
    const from = fleet.wire.records.length;
    expect(await change(fleet, yaml(2))).toMatchObject({ code: 0, done: true });
    await fleet.wire.flush();
    const order = fleet.wire.records
      .slice(from)
      .flatMap(({ subject }) => subject.match(/registry\.(stop|start)\.thing\..$/)?.[0] ?? []);
    expect(order).toEqual([
      ...["c", "b", "a"].map((v) => `registry.stop.thing.${v}`),
      ...["a", "b", "c"].map((v) => `registry.start.thing.${v}`),
    ]);
  });

  test("what was removed has ended before what was added starts: it may be the same under another name", async () => {
    const files = {
      "thing.ts": serviceFile(
        `async onStart() { if (await Bun.file("lock").exists()) throw new Error("taken"); await Bun.write("lock", ""); }\n${LOOP}\nasync onStop() { await Bun.sleep(200); await Bun.file("lock").delete(); }`,
      ),
    };
    await using fleet = await runFleet({ yaml: "services:\n  - {type: thing, variant: old}\n", files });
    await fleet.wire.waitForEvent("ready", "thing.old");
    expect(await change(fleet, "services:\n  - {type: thing, variant: new}\n")).toMatchObject({
      code: 0,
      done: true,
      added: ["thing.new"],
    });
  });

  test("an added service is waited for by those that come after it", async () => {
    const files = {
      "thing.ts": COUNTED,
      "slow.ts": serviceFile(`async onStart() { await this.sleep(0.3); }\n${LOOP}`),
    };
    await using fleet = await runFleet({ yaml: "services:\n  - {type: thing}\n", files });
    await fleet.wire.waitForEvent("ready", "thing.main");
    expect(await change(fleet, "services:\n  - {type: thing, n: 1, after: [slow.main]}\n  - slow\n")).toMatchObject({
      code: 0,
      done: true,
    });
    await fleet.wire.flush();
    const order = fleet.wire.records.map(({ subject }) => subject);
    expect(order.lastIndexOf("svc.registry.start.thing.main")).toBeGreaterThan(
      order.indexOf("svc.registry.ready.slow.main"),
    );
  });
});

describe("the environment", () => {
  test("of .env is read anew: what it gives, what it gave no longer, and what the process had from the start", async () => {
    const files = {
      "thing.ts": COUNTED.replace(
        '"n is " + this.config.n',
        '"n is " + this.config.n + ", SITE is " + process.env.SITE + ", MINE is " + process.env.MINE',
      ),
      ".env": "THING_N=1\nSITE=ocm\nMINE=file\n",
    };
    await using fleet = await runFleet({
      yaml: "services:\n  - thing\n  - hello_world\n",
      files,
      env: { MINE: "process" },
      args: ["--launcher", "process"],
    });
    await fleet.tcs.waitForLine(/n is 1, SITE is ocm, MINE is process/);
    await whenReady(fleet, "thing.main", "hello_world.main");
    await fleet.folder.write(".env", "THING_N=2\nMINE=other\n");
    const answer = await reload(fleet);
    expect(answer.changed).toEqual([{ service_id: "thing.main", keys: ["THING_N"], effect: "restart" }]);
    expect(answer.notes).toEqual([".env: SITE changed; services that read it themselves see it when they start next"]);
    await fleet.tcs.waitForLine(/n is 2, SITE is undefined, MINE is process/);
    await fleet.folder.write(".env", "THING_N=many\n");
    expect(await reload(fleet)).toMatchObject({
      code: 5,
      issues: [expect.stringContaining('thing.main.n: given "many"')],
    });
    expect(events(fleet, "hello_world.main")).toEqual(["declared", "start", "ready"]);
  });

  test("secrets that come with the new file are never shown", async () => {
    const files = {
      "thing.ts": COUNTED.replace('"n is " + this.config.n', '"key is " + this.config.key + process.env.API_TOKEN'),
      ".env": "KEY=first-secret\n",
    };
    const yaml = `services:\n  - {type: thing, key: "\${KEY}"}\n`;
    await using fleet = await runFleet({ yaml, files });
    await fleet.tcs.waitForLine(/key is /);
    await whenReady(fleet, "thing.main");
    await fleet.folder.write(".env", "KEY=second-secret\nAPI_TOKEN=hunter2\n");
    expect((await reload(fleet)).code).toBe(0);
    await waitFor("the second line", () => fleet.tcs.stderr.match(/key is /g)?.length === 2);
    expect(fleet.tcs.stderr).not.toContain("-secret");
    expect(fleet.tcs.stderr).not.toContain("hunter2");
  });
});

describe("several at once", () => {
  test("reloads are done one after the other, and the last file is what runs", async () => {
    const yaml = (n: number) => `services:\n  - {type: thing, n: ${n}}\n  - {type: hello_world, variant: v${n}}\n`;
    await using fleet = await runFleet({ yaml: yaml(0), files: { "thing.ts": COUNTED } });
    await whenReady(fleet, "thing.main", "hello_world.v0");
    const answers: Promise<{ code: number }>[] = [];
    for (let n = 1; n <= 5; n++) {
      await rewrite(fleet, yaml(n));
      fleet.tcs.signal("SIGHUP");
      answers.push(reload(fleet), reload(fleet));
    }
    for (const { code } of await Promise.all(answers)) expect(code).toBe(0);
    const list = JSON.parse((await askFleet(fleet, "list", "--json")).stdout);
    expect(list.services).toMatchObject([
      { service_id: "hello_world.v5", state: "running" },
      { service_id: "thing.main", state: "running" },
    ]);
    for (let n = 0; n < 5; n++) expect(await instancesOf(fleet, `hello_world.v${n}`)).toBe(0);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    await waitFor("the last values", () => fleet.tcs.stderr.match(/n is \d/g)?.at(-1) === "n is 5");
  });

  test("during the start: what was read first is started, and then changed", async () => {
    const files = {
      "slow.ts": serviceFile(`async onStart() { await this.sleep(0.5); }\n${LOOP}`),
      "thing.ts": COUNTED,
    };
    await using fleet = await runFleet({ yaml: "services:\n  - slow\n  - {type: thing, n: 1}\n", files });
    await fleet.wire.waitForEvent("start", "slow.main");
    const answer = await change(fleet, "services:\n  - slow\n  - {type: thing, n: 2}\n  - hello_world\n");
    expect(answer).toMatchObject({ code: 0, done: true, added: ["hello_world.main"], unchanged: ["slow.main"] });
    await whenReady(fleet, "slow.main", "thing.main", "hello_world.main");
    expect(events(fleet, "slow.main")).toEqual(["declared", "start", "ready"]);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  });

  test("SIGHUP at any moment of the start-up is heeded, and ends nothing", async () => {
    for (let delayMs = 0; delayMs < 160; delayMs += 20) {
      await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
      // Before its first instruction a program dies of it.
      await waitFor("its ear for SIGHUP", () => catchesSighup(fleet.tcs.pid));
      await Bun.sleep(delayMs);
      await rewrite(fleet, "services:\n  - hello_world\n  - examples.minimal\n");
      fleet.tcs.signal("SIGHUP");
      await whenReady(fleet, "hello_world.main", "examples.minimal.main");
      expect(await fleet.stop()).toBe(143);
    }
  });

  test("during the stop it is refused, and nothing is left behind", async () => {
    const files = { "slow.ts": serviceFile(`${LOOP}\nasync onStop() { await Bun.sleep(600); }`) };
    await using fleet = await runFleet({ yaml: "services:\n  - slow\n", files });
    await fleet.wire.waitForEvent("ready", "slow.main");
    await rewrite(fleet, "services:\n  - slow\n  - hello_world\n");
    fleet.tcs.signal("SIGTERM");
    await fleet.wire.waitForEvent("stopping", "slow.main");
    fleet.tcs.signal("SIGHUP");
    await fleet.tcs.waitForLine(/reload by SIGHUP: the launcher is ending; nothing was changed/);
    expect(await within("the end of tcs", fleet.tcs.exited)).toBe(143);
    await fleet.wire.flush();
    expect(fleet.wire.of("registry.declared", "hello_world.main")).toEqual([]);
    expect(fleet.wire.of("registry.stop", "slow.main").map(({ data }) => data.reason)).toEqual(["terminated"]);
  });

  test("a stop during a reload ends what was stopped for it, and starts nothing", async () => {
    const files = { "slow.ts": serviceFile(`${LOOP}\nasync onStop() { await Bun.sleep(600); }`) };
    await using fleet = await runFleet({ yaml: "services:\n  - {type: slow}\n", files });
    await fleet.wire.waitForEvent("ready", "slow.main");
    await rewrite(fleet, "services:\n  - {type: slow, log_level: debug}\n  - hello_world\n");
    fleet.tcs.signal("SIGHUP");
    await fleet.wire.waitForEvent("stopping", "slow.main");
    const started = await instancesOf(fleet, "hello_world.main");
    expect(await fleet.stop()).toBe(143);
    expect(fleet.wire.of("registry.start", "slow.main").length).toBe(1);
    expect(await instancesOf(fleet, "slow.main")).toBe(0);
    expect(started === 0 || (await instancesOf(fleet, "hello_world.main")) === 0).toBe(true);
  });
});

describe("beside another launcher", () => {
  const standby = (broker: TestFleet["broker"], yaml: string) =>
    runFleet({ yaml, broker, args: ["--launcher", "process"] });

  test("what was removed is free: who waited for it has it, and it is not shown as removed", async () => {
    await using one = await runFleet({
      yaml: "services:\n  - hello_world\n  - hello_world.held\n  - examples.minimal\n",
    });
    await whenReady(one, "hello_world.main", "hello_world.held", "examples.minimal.main");
    await using two = await standby(
      one.broker,
      "services:\n  - {type: hello_world, standby: true}\n  - {type: hello_world, variant: held, standby: true}\n",
    );
    await two.tcs.waitForLine(/on standby/);
    await askFleet(one, "stop", "hello_world.held", "--reason", "lens");
    expect(await change(one, "services:\n  - examples.minimal\n", "worker-launcher")).toMatchObject({
      code: 0,
      removed: ["hello_world.main", "hello_world.held"],
    });
    await one.wire.waitForEvent("ready", "hello_world.main", 2);
    expect(await instancesOf(one, "hello_world.main")).toBe(1);
    expect(events(one, "hello_world.main")).toEqual([
      ...["declared", "start", "ready", "stopping", "stop"],
      ...["declared", "start", "ready"],
    ]);
    // What an operator wanted of it goes with it.
    await one.wire.waitForEvent("declared", "hello_world.held", 2);
    const { stdout } = await askFleet(one, "status");
    expect(stdout).toMatch(/hello_world\.held +stopped +stopped by \S+ .*\("lens"\)/);
    expect(stdout).not.toContain("removed");
    expect(await instancesOf(one, "hello_world.held")).toBe(0);
  });

  test("what was added and is another's is not started, and the answer says who has it", async () => {
    await using one = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await whenReady(one, "hello_world.main");
    await using two = await standby(one.broker, "services:\n  - examples.minimal\n");
    await whenReady(two, "examples.minimal.main");
    const yaml = (more: string) => `services:\n  - examples.minimal\n  - {type: hello_world${more}}\n`;
    const answer = await change(two, yaml(""), "process-launcher");
    expect(answer).toMatchObject({ code: 1, result: "reloaded", added: ["hello_world.main"], done: false });
    expect(answer.not_running).toMatchObject([
      {
        service_id: "hello_world.main",
        state: "elsewhere",
        reason: expect.stringMatching(/^Run by launcher .*pid \d+/),
      },
    ]);
    // Its row may change: it takes it when it comes here.
    const changed = await change(two, yaml(", interval: 3"), "process-launcher");
    expect(changed).toMatchObject({ code: 0, changed: [{ service_id: "hello_world.main", effect: "next start" }] });
    // From now on it is waited for.
    expect(await change(two, yaml(", interval: 3, standby: true"), "process-launcher")).toMatchObject({ code: 0 });
    expect((await askFleet(two, "list")).stdout).toMatch(/hello_world\.main +standby/);
    expect(await one.stop()).toBe(143);
    await two.wire.waitForEvent("ready", "hello_world.main");
    // And taken out of the file before it came, it is nobody's business.
    expect((await change(two, "services:\n  - examples.minimal\n", "process-launcher")).removed).toEqual([
      "hello_world.main",
    ]);
  });

  test("what was on standby and is removed is not waited for any more, and nothing is said of it", async () => {
    await using one = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await whenReady(one, "hello_world.main");
    await using two = await standby(
      one.broker,
      "services:\n  - examples.minimal\n  - {type: hello_world, standby: true}\n",
    );
    await whenReady(two, "examples.minimal.main");
    expect(await change(two, "services:\n  - examples.minimal\n", "process-launcher")).toMatchObject({ code: 0 });
    expect((await askFleet(two, "status")).stdout).toMatch(/hello_world\.main +ok/);
    expect(await one.stop()).toBe(143);
    await Bun.sleep(1_000);
    await two.wire.flush();
    expect(events(two, "hello_world.main")).toEqual(["stopping", "stop"]);
  });
});

test("the lock says what is run now", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  const locked = () => {
    const folder = join(fleet.tcs.stateDir, "launchers");
    const [name = ""] = readdirSync(folder).filter((file) => file.endsWith(".lock"));
    return JSON.parse(readFileSync(join(folder, name), "utf8")).services;
  };
  expect(locked()).toEqual(["hello_world.main"]);
  await change(fleet, "services:\n  - examples.minimal\n");
  expect(locked()).toEqual(["examples.minimal.main"]);
});

test("requests to services that came and went are answered as they should be", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  await change(fleet, "services:\n  - examples.minimal\n");
  expect((await askFleet(fleet, "health", "examples.minimal.main")).code).toBe(0);
  const gone = await askFleet(fleet, "health", "hello_world.main");
  expect(gone).toMatchObject({
    code: 1,
    stderr:
      'tcs: hello_world.main does not answer: it is no longer in its launcher\'s configuration\n     "tcs why hello_world.main" tells what is known of it\n',
  });
  expect((await askFleet(fleet, "stop", "examples.minimal.main")).code).toBe(0);
});

describe("which launcher", () => {
  test("the only one needs no name; of several one must be named, or a pattern, or --all", async () => {
    await using one = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await one.wire.waitForEvent("ready", "hello_world.main");
    expect((await askFleet(one, "reload")).code).toBe(0);
    await using two = await runFleet({
      yaml: "services:\n  - examples.minimal\n",
      broker: one.broker,
      args: ["--launcher", "process"],
    });
    await two.wire.waitForEvent("ready", "examples.minimal.main");
    const unclear = await askFleet(one, "reload");
    expect(unclear).toMatchObject({ code: 2, stdout: "" });
    expect(unclear.stderr).toMatch(
      /^tcs: tcs reload: 2 launchers answer: launcher\.\S+, launcher\.\S+\n {5}name one \("tcs reload \w{6}"\), give a pattern in quotes, or say --all\n$/,
    );
    expect((await reload(one, "process-launcher")).unchanged).toEqual(["examples.minimal.main"]);
    expect(await askFleet(one, "reload", "-launcher")).toMatchObject({ code: 2 });
    for (const words of [["*-launcher"], ["--all"]]) {
      const { stdout } = await askFleet(one, "reload", "--json", ...words);
      expect(JSON.parse(stdout).results.length).toBe(2);
    }
    expect(await askFleet(one, "reload", "nobody")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("there are launcher."),
    });
    expect(await askFleet(one, "reload", "x*")).toMatchObject({ code: 3 });
    expect(await two.stop()).toBe(143);
    expect((await askFleet(one, "reload")).code).toBe(0);
    expect(await one.stop()).toBe(143);
    expect(await askFleet(one, "reload")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("no launcher answers"),
    });
  });

  test("one that runs everything once refuses", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n", args: ["--once"] });
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    expect(await reload(fleet)).toMatchObject({ code: 1, reason: "it runs every service once (--once)" });
  });
});
