// overlap: allow: a run that is due while others go on has an instance of its own.
import { describe, expect, test } from "bun:test";
import { OWN_HOMES } from "../../src/config/types.ts";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";
import { runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { askFleet, change, instancesOf } from "../support/reload.ts";
import { waitFor } from "../support/wait.ts";

/** A run of so many seconds that tells its variant. */
const run = (seconds: number | string) =>
  serviceFile(
    `async execute() { this.logger.info("run of " + this.config.variant); await this.sleep(${seconds}); this.logger.info("end of " + this.config.variant); }`,
    "BaseSingleShotService",
  );
const row = (more = "") => `  - {type: thing, schedule: every 0.3s, overlap: allow${more}}\n`;
const YAML = `services:\n${row()}  - hello_world\n`;

const listed = async (fleet: TestFleet): Promise<Record<string, string>> => {
  const { services } = JSON.parse((await askFleet(fleet, "list", "--json")).stdout);
  return Object.fromEntries(services.map((one: Record<string, string>) => [one.service_id, one.state]));
};

/** The runs that have begun, in order: when, and in which instance. */
const begunIn = ({ wire }: TestFleet): { id: string; at: number }[] =>
  wire.records.flatMap(({ subject, data }) => {
    if (!subject.startsWith("svc.log.info.launcher.")) return [];
    const id = /^(thing\.main) is due$|: this one is (thing\.\S+)$/.exec(String(data.message))?.slice(1).find(Boolean);
    return id === undefined ? [] : [{ id, at: fromWireTimestamp(data.timestamp) ?? Number.NaN }];
  });

const startsOf = ({ wire }: TestFleet): number =>
  wire.records.filter(({ subject }) => subject.startsWith("svc.registry.start.thing.")).length;

/** How many runs went on at once at most, by the launcher's own times. */
function mostAtOnce(fleet: TestFleet): number {
  const ends = fleet.wire.records.flatMap(({ subject, data }) =>
    subject.startsWith("svc.registry.stop.thing.") ? [{ at: fromWireTimestamp(data.timestamp) ?? Number.NaN }] : [],
  );
  const steps = [...begunIn(fleet).map(({ at }) => ({ at, by: 1 })), ...ends.map(({ at }) => ({ at, by: -1 }))];
  let [most, count] = [0, 0];
  for (const { by } of steps.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    count += by;
    most = Math.max(most, count);
  }
  return most;
}

for (const home of OWN_HOMES) {
  test(`in ${home}, runs go on side by side, each declared, with its own id, log and end; instances are used again`, async () => {
    await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": run(0.8) }, args: ["--launcher", home] });
    await fleet.tcs.waitForLine(/thing\.main is due, and its last run goes on: this one is thing\.main-2\n/);
    await fleet.tcs.waitForLine(/thing\.main-2 {2}run of main-2/);
    for (const id of ["thing.main", "thing.main-2", "thing.main-3"]) {
      await fleet.wire.waitForEvent("stop", id, 3);
      const story = fleet.wire.story(id).filter((step) => !step.startsWith("status"));
      // Declared once, and run again and again: never two at a time.
      expect(story.slice(0, 7)).toEqual(["declared", "start", "ready", "stop", "start", "ready", "stop"]);
      expect(await instancesOf(fleet, id)).toBeLessThanOrEqual(1);
    }
    // None is made while one rests. (One may end while a new one is made.)
    const ids = new Set(
      fleet.wire.records.flatMap(({ subject }) => subject.match(/declared\.(thing\..+)$/)?.[1] ?? []),
    );
    expect(ids.size).toBeLessThanOrEqual(mostAtOnce(fleet) + 1);
    expect(await fleet.stop()).toBe(143);
    for (const id of ids) expect([id, await instancesOf(fleet, id)]).toEqual([id, 0]);
  });
}

test("there are ten at most; then runs are skipped, and that is told", async () => {
  await using fleet = await runFleet({
    yaml: `services:\n  - {type: thing, schedule: every 0.1s, overlap: allow}\n`,
    files: { "thing.ts": run(1000) },
  });
  await fleet.tcs.waitForLine(
    /WARNING {2}tcs {2}thing\.main is due, but cannot run beside its last run \(10 runs of it go on\): this one is skipped/,
  );
  await fleet.wire.waitForEvent("ready", "thing.main-10");
  const states = await listed(fleet);
  expect(Object.keys(states).length).toBe(10);
  expect(states["thing.main-10"]).toBe("running");
  const { stdout } = await askFleet(fleet, "status");
  expect(stdout).toContain("10 of 10 services running");
  expect(await fleet.stop()).toBe(143);
  expect(await instancesOf(fleet, "thing.main-10")).toBe(0);
});

test("what rests for the next overlap is no line in the status, and none is missing", async () => {
  // The first is slow, all others are done at once.
  const files = { "thing.ts": run("(await Bun.file('again').exists()) ? 0 : (await Bun.write('again', ''), 1)") };
  await using fleet = await runFleet({ yaml: YAML, files });
  await fleet.wire.waitForEvent("stop", "thing.main");
  await fleet.wire.waitForEvent("stop", "thing.main-2");
  // Nothing is due from now on: on a busy machine runs would go on overlapping.
  await change(fleet, YAML.replace("0.3s", "1h"));
  await waitFor("the launcher to say so", async () => {
    const { stdout } = await askFleet(fleet, "status");
    return stdout.includes("1 of 1 service running, 1 on schedule") && !stdout.includes("main-");
  });
  expect((await askFleet(fleet, "status", "--check")).code).toBe(0);
  expect((await askFleet(fleet, "status", "--all")).stdout).toMatch(/thing\.main-2 +stopped +completed/);
  expect((await askFleet(fleet, "logs", "thing.main-2")).stdout).toContain("end of main-2");
});

describe("an operator", () => {
  test("who stops the service stops its schedule; who stops one run stops that one, until he starts it", async () => {
    await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": run(1000) } });
    await fleet.wire.waitForEvent("ready", "thing.main-3");
    expect((await askFleet(fleet, "stop", "thing.main")).code).toBe(0);
    await fleet.wire.flush();
    const begun = begunIn(fleet).length;
    // Those that were begun by then come up.
    await waitFor("the starts", () => startsOf(fleet) === begun);
    await Bun.sleep(900);
    await fleet.wire.flush();
    expect([begunIn(fleet).length, startsOf(fleet)]).toEqual([begun, begun]);
    expect(await instancesOf(fleet, "thing.main-2")).toBe(1);
    expect((await askFleet(fleet, "stop", "thing.main-2", "--reason", "wrong night")).code).toBe(0);
    expect(await instancesOf(fleet, "thing.main-2")).toBe(0);
    const said = fleet.tcs.stderr.length;
    expect((await askFleet(fleet, "start", "thing.main")).code).toBe(0);
    // A new one, or none: on a busy machine there may be ten by now.
    await waitFor("the next that is due", () => /thing\.main is due, .*this one is/.test(fleet.tcs.stderr.slice(said)));
    expect(await listed(fleet)).toMatchObject({ "thing.main-2": "stopped", "thing.main": "running" });
    expect((await askFleet(fleet, "status")).stdout).toMatch(/thing\.main-2 +stopped .*"wrong night"/);
    expect((await askFleet(fleet, "start", "thing.main-2")).code).toBe(0);
    expect((await askFleet(fleet, "stop", "thing.*")).code).toBe(0);
    for (const id of Object.keys(await listed(fleet))) {
      if (id.startsWith("thing.")) expect([id, await instancesOf(fleet, id)]).toEqual([id, 0]);
    }
  });

  test("sees a run that failed, and may run it again", async () => {
    const files = {
      "thing.ts": serviceFile(
        `async execute() { if (this.config.variant === "main-2" && !(await Bun.file("mended").exists())) throw new Error("no film"); await this.sleep(1000); }`,
        "BaseSingleShotService",
      ),
    };
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: thing, schedule: every 1h, overlap: allow}\n  - hello_world\n`,
      files,
    });
    await fleet.wire.waitForEvent("declared", "thing.main");
    await askFleet(fleet, "start", "thing.main");
    await change(fleet, `services:\n${row()}  - hello_world\n`);
    await fleet.wire.waitForEvent("crashed", "thing.main-2");
    await waitFor("its row", async () =>
      /thing\.main-2 +(failed|error) .*no film/.test((await askFleet(fleet, "status")).stdout),
    );
    await fleet.folder.write("mended", "");
    expect((await askFleet(fleet, "start", "thing.main-2")).code).toBe(0);
    expect((await askFleet(fleet, "why", "thing.main-2")).stdout).toMatch(/Config: +\/.*services\.yaml:4/);
  });
});

describe("a reload", () => {
  test("that takes the service away takes those beside it too", async () => {
    await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": run(1000) } });
    await fleet.wire.waitForEvent("ready", "thing.main-3");
    const answer = await change(fleet, "services:\n  - hello_world\n");
    expect(answer).toMatchObject({ code: 0, removed: ["thing.main"] });
    expect(await listed(fleet)).toEqual({ "hello_world.main": "running" });
    for (const id of ["thing.main", "thing.main-2", "thing.main-3"]) {
      expect([id, await instancesOf(fleet, id)]).toEqual([id, 0]);
      expect(fleet.wire.of("registry.stop", id).at(-1)?.data.removed_by).toMatch(/@/);
    }
    expect((await askFleet(fleet, "status")).stdout).not.toContain("thing.main");
    await Bun.sleep(700);
    await fleet.wire.flush();
    expect(Object.keys(await listed(fleet))).toEqual(["hello_world.main"]);
  });

  test("that takes overlap: allow away lets them end, and be gone", async () => {
    await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": run(1.5) } });
    await fleet.wire.waitForEvent("ready", "thing.main-2");
    expect(await change(fleet, YAML.replace("allow", "skip"))).toMatchObject({
      code: 0,
      changed: [{ effect: "live" }],
    });
    await fleet.tcs.waitForLine(/this one is skipped/);
    const stop = await fleet.wire.waitForEvent("stop", "thing.main-2");
    expect(stop.data.reason).toBe("completed");
    await waitFor("their leaving", async () => Object.keys(await listed(fleet)).length === 2);
    expect(await listed(fleet)).toMatchObject({ "hello_world.main": "running" });
  });

  test("gives new values to their next runs, and disturbs none that goes on", async () => {
    await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": run(0.5) } });
    await fleet.wire.waitForEvent("stop", "thing.main-2");
    const answer = await change(fleet, `services:\n${row(", log_level: warning")}  - hello_world\n`);
    expect(answer.changed).toMatchObject([{ service_id: "thing.main", effect: "next run" }]);
    await fleet.wire.flush();
    const starts = fleet.wire.of("registry.start", "thing.main-2").length;
    await fleet.wire.waitForEvent("stop", "thing.main-2", starts + 2);
    const said = fleet.tcs.stderr.length;
    await fleet.wire.waitForEvent("stop", "thing.main-2", starts + 4);
    expect(fleet.tcs.stderr.slice(said)).not.toContain("run of main-2");
    expect(fleet.wire.of("registry.crashed", "thing.main-2")).toEqual([]);
  });
});

test("a service that another launcher takes over takes its runs with it", async () => {
  await using one = await runFleet({ yaml: YAML, files: { "thing.ts": run(1000) } });
  await one.wire.waitForEvent("ready", "thing.main-2");
  await using two = await runFleet({
    yaml: `services:\n${row()}`,
    files: { "thing.ts": run(1000) },
    broker: one.broker,
    args: ["--takeover", "--launcher", "process"],
  });
  const ids = ["thing.main", "thing.main-2", "thing.main-3"];
  // An instance of its own is asked of the first launcher too, which is about to let it go: the one may come before the other.
  for (const id of ids) {
    await two.wire.waitFor(`the start of ${id} there`, ({ subject, data }) => {
      return subject === `svc.registry.ready.${id}` && String(data.parent).includes("process-launcher");
    });
    expect([id, await instancesOf(two, id)]).toEqual([id, 1]);
  }
  expect((await askFleet(one, "status")).stdout).toContain("1 of 1 service running, 1 elsewhere");
});
