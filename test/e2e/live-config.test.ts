// New values for services that run: told, taken or refused, without a restart; and one instance with them, whatever it does.
import { describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { LOOP, runFleet, type TestFleet } from "../support/fleet.ts";
import { askFleet, change, instancesOf, reload } from "../support/reload.ts";
import { waitFor } from "../support/wait.ts";

/** Tells its `n` at the start and when it is told another, and answers for what it has. `hook` is the body of its `onConfigChange`. */
const service = (hook: string | undefined, more = "", base = "BaseBlockingPermanentService", loop = LOOP) =>
  `import { ${base}, BaseServiceConfig, rpc, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({
  n: z.number().default(0),
  limits: z.object({ max: z.number().default(1) }).prefault({}),
  pass: z.string().meta({ secret: true }).default("nothing yet"),
});
@service({ config: Config })
export class Thing extends ${base}<typeof Config> {
  onStart() { this.logger.info("starts with " + this.config.n); }
  ${loop}
  ${hook === undefined ? "" : `async onConfigChange(next, previous) { ${hook} }`}
  @rpc("have") have() { return { n: this.config.n, max: this.config.limits.max }; }
  ${more}
}
`;
const TAKES = 'this.logger.info("told " + previous.n + " -> " + next.n + ", has " + this.config.n);';
const REFUSES = `if (next.n > 9) throw new Error("more than 9 of " + next.pass); ${TAKES}`;

const row = (fields: string) => `services:\n  - {type: thing, ${fields}}\n  - {type: hello_world, variant: other}\n`;

async function start(file: string, fields: string, ...args: string[]): Promise<TestFleet> {
  const fleet = await runFleet({ yaml: row(fields), files: { "thing.ts": file }, args });
  await Promise.all(["thing.main", "hello_world.other"].map((id) => fleet.wire.waitForEvent("ready", id)));
  return fleet;
}

/** What the service has now. */
async function has(fleet: TestFleet): Promise<unknown> {
  const { stdout } = await askFleet(fleet, "rpc", "thing.main", "have");
  return JSON.parse(stdout).n;
}

/** Writes `n: 22` and more in pieces. Each part of it is a configuration, too: of fewer services, or with other values. @returns the longest time between two, milliseconds */
async function writeInPieces(fleet: TestFleet, onPiece: () => void): Promise<number> {
  const path = join(fleet.folder.path, "services.yaml");
  const rows =
    "services:\n  - type: thing\n    n: 22\n    limits:\n      max: 3\n  - type: hello_world\n    variant: other\n";
  const pieces = `nats:\n  port: ${fleet.broker.port}\n${rows}`.split(/(?<=\n|n: 2)/);
  await Bun.write(path, "");
  let [writtenAt, longestMs] = [performance.now(), 0];
  for (const piece of pieces) {
    await Bun.sleep(30);
    const before = writtenAt;
    writtenAt = performance.now();
    appendFileSync(path, piece);
    longestMs = Math.max(longestMs, performance.now() - before);
    onPiece();
  }
  return longestMs;
}

async function startsOf(fleet: TestFleet, id = "thing.main"): Promise<number> {
  await fleet.wire.flush();
  return fleet.wire.of("registry.start", id).length;
}

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test("a service with onConfigChange is told, and has the new values without a restart", async () => {
      await using fleet = await start(service(TAKES), "n: 1, pass: abracadabra", "--launcher", home);
      const answer = await change(fleet, row("n: 2, pass: sesame-open, limits: {max: 7}"));
      expect(answer).toMatchObject({ code: 0, result: "reloaded", done: true, not_running: [], warnings: [] });
      expect(answer.changed).toEqual([{ service_id: "thing.main", keys: ["n", "pass", "limits"], effect: "told" }]);
      expect(answer.told).toEqual([{ service_id: "thing.main", result: "applied", keys: ["n", "limits", "pass"] }]);
      // While it is asked it still has what it had.
      await fleet.tcs.waitForLine(/told 1 -> 2, has 1/);
      await fleet.tcs.waitForLine(
        /thing\.main +configuration changed: n 1 -> 2, limits\.max 1 -> 7, pass \*\*\* -> \*\*\*/,
      );
      expect(await has(fleet)).toBe(2);
      expect(await startsOf(fleet)).toBe(1);
      const declared = fleet.wire.of("registry.declared", "thing.main").at(-1)?.data;
      expect(declared).toMatchObject({ config_change: { result: "applied", keys: ["n", "limits", "pass"] } });
      expect((await askFleet(fleet, "why", "thing.main")).stdout).toMatch(
        /Values: +changed while it runs \(n, limits, pass\)/,
      );
      expect(fleet.tcs.stderr).not.toMatch(/abracadabra|sesame-open/);
    });

    test("one that refuses keeps what it has, and says so until the next good one", async () => {
      await using fleet = await start(service(REFUSES), "n: 1, pass: abracadabra", "--launcher", home);
      const answer = await change(fleet, row("n: 10, pass: sesame-open"));
      expect(answer).toMatchObject({ code: 1, result: "reloaded", done: false });
      expect(answer.told).toEqual([
        { service_id: "thing.main", result: "refused", keys: ["n", "pass"], reason: "more than 9 of ***" },
      ]);
      expect(await has(fleet)).toBe(1);
      // Its health is what it was: it works with what it has.
      await waitFor("its status", () => {
        const { status, message } = fleet.wire.of("status", "thing.main").at(-1)?.data ?? {};
        return (
          status === "ok" && message === "Service running; configuration change refused (n, pass): more than 9 of ***"
        );
      });
      expect((await askFleet(fleet, "list")).stdout).toMatch(/thing\.main .*configuration change refused \(n, pass\)/);
      expect((await askFleet(fleet, "why", "thing.main")).stdout).toMatch(
        /Values: +it has refused a change \(n, pass\).*more than 9/,
      );
      // It is told as long as it is so.
      const again = await askFleet(fleet, "reload");
      expect(again.code).toBe(1);
      expect(again.stderr).toContain("thing.main has refused its new values (n, pass): more than 9 of ***");
      expect(await change(fleet, row("n: 3"))).toMatchObject({ code: 0, done: true });
      expect(await has(fleet)).toBe(3);
      await waitFor(
        "its message",
        () => fleet.wire.of("status", "thing.main").at(-1)?.data.message === "Service running",
      );
      expect(await change(fleet, row("n: 11"))).toMatchObject({ code: 1, told: [{ result: "refused" }] });
      // What it has is what the file says again.
      expect(await change(fleet, row("n: 3"))).toMatchObject({ code: 0, told: [{ result: "unchanged" }] });
      expect(await reload(fleet)).toMatchObject({ code: 0, result: "unchanged", told: [] });
      expect(await startsOf(fleet)).toBe(1);
      expect(fleet.tcs.stderr).not.toMatch(/abracadabra|sesame-open/);
    });

    test("one without it is restarted, or as its row says: live, ignore", async () => {
      await using fleet = await start(service(undefined), "n: 1", "--launcher", home);
      expect((await change(fleet, row("n: 2"))).changed).toMatchObject([{ effect: "restart" }]);
      expect(await startsOf(fleet)).toBe(2);
      const live = await change(fleet, row("n: 3, config_reload: live"));
      expect(live.changed).toEqual([{ service_id: "thing.main", keys: ["n", "config_reload"], effect: "told" }]);
      await fleet.tcs.waitForLine(/configuration changed in place: n 2 -> 3/);
      expect(await has(fleet)).toBe(3);
      const ignored = await change(fleet, row("n: 4, config_reload: ignore"));
      expect(ignored).toMatchObject({ code: 0, done: true, changed: [{ effect: "next start" }], told: [] });
      expect(await has(fleet)).toBe(3);
      const message = "Service running; configuration changed (n): it counts from the next start";
      await waitFor("its status", () => fleet.wire.of("status", "thing.main").at(-1)?.data.message === message);
      expect((await askFleet(fleet, "list")).stdout).toContain(
        "configuration changed (n): it counts from the next start",
      );
      expect((await askFleet(fleet, "status")).stdout).toContain("configuration changed (n)");
      // Taken back: nothing is open.
      await change(fleet, row("n: 3, config_reload: ignore"));
      await waitFor(
        "its status",
        () => fleet.wire.of("status", "thing.main").at(-1)?.data.message === "Service running",
      );
      await change(fleet, row("n: 5, config_reload: ignore"));
      await askFleet(fleet, "restart", "thing.main");
      expect(await has(fleet)).toBe(5);
      expect(await startsOf(fleet)).toBe(3);
      expect(await instancesOf(fleet, "thing.main")).toBe(1);
      expect((await askFleet(fleet, "why", "thing.main")).stdout).not.toContain("Values:");
    });
  });
}

describe("whatever a service is doing, it has the final values, in one instance:", () => {
  const one = (fields: string) => `services:\n  - {type: thing, ${fields}}\n`;
  const begin = (file: string, fields: string, ...args: string[]) =>
    runFleet({ yaml: one(fields), files: { "thing.ts": file }, args });

  test("starting: it is started anew, or told when it runs if its row says live", async () => {
    const slow = service(TAKES).replace("onStart() {", "async onStart() { await this.sleep(1.2);");
    await using fleet = await begin(slow, "n: 1");
    await fleet.wire.waitForEvent("start", "thing.main");
    const anew = await change(fleet, one("n: 2"));
    expect(anew).toMatchObject({ code: 0, done: true, changed: [{ effect: "restart" }], told: [] });
    await fleet.tcs.waitForLine(/starts with 2/);
    expect(fleet.tcs.stderr).not.toContain("told 1 -> 2");
    await change(fleet, one("n: 2, config_reload: live"));
    void askFleet(fleet, "restart", "thing.main");
    await fleet.wire.waitForEvent("start", "thing.main", 3);
    expect(await change(fleet, one("n: 3, config_reload: live"))).toMatchObject({
      code: 0,
      changed: [{ effect: "told" }],
      told: [{ result: "applied", keys: ["n"] }],
    });
    await fleet.tcs.waitForLine(/starts with 2.*told 2 -> 3/s);
    expect(await has(fleet)).toBe(3);
    expect(await startsOf(fleet)).toBe(3);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  });

  test("failed, or waiting for a restart: it is begun anew", async () => {
    const picky = service(TAKES).replace(
      "onStart() {",
      "onStart() { if (this.config.n < 2) throw new Error('too few');",
    );
    for (const more of [
      "",
      ", restart: always, restart_sec: 60",
      ", restart: always, restart_sec: 60, config_reload: live",
    ]) {
      await using fleet = await begin(picky, `n: 1${more}`);
      await fleet.wire.waitForEvent("crashed", "thing.main");
      expect(await change(fleet, one(`n: 2${more}`))).toMatchObject({ code: 0, done: true, told: [] });
      expect(await has(fleet)).toBe(2);
      expect(await instancesOf(fleet, "thing.main")).toBe(1);
    }
  });

  test("stopped by an operator: it has them when somebody starts it", async () => {
    await using fleet = await start(service(TAKES), "n: 1");
    await askFleet(fleet, "stop", "thing.main");
    const answer = await change(fleet, row("n: 2"));
    expect(answer).toMatchObject({ code: 0, done: true, changed: [{ effect: "next start" }], told: [] });
    expect(await instancesOf(fleet, "thing.main")).toBe(0);
    await askFleet(fleet, "start", "thing.main");
    expect(await has(fleet)).toBe(2);
    expect(fleet.tcs.stderr).not.toContain("told");
  });

  test("stopping: it stays stopped, or comes back with them", async () => {
    const slow = service(TAKES, "async onStop() { await Bun.sleep(700); }");
    await using fleet = await start(slow, "n: 1");
    const restart = askFleet(fleet, "restart", "thing.main");
    await fleet.wire.waitForEvent("stopping", "thing.main");
    expect(await change(fleet, row("n: 2"))).toMatchObject({ code: 0, done: true, told: [] });
    expect((await restart).code).toBe(0);
    expect(await has(fleet)).toBe(2);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
    const stop = askFleet(fleet, "stop", "thing.main");
    await fleet.wire.waitForEvent("stopping", "thing.main", 2);
    await change(fleet, row("n: 3"));
    await stop;
    expect(await instancesOf(fleet, "thing.main")).toBe(0);
  });

  test("stopped while it is asked: the answer does not wait for it for ever", async () => {
    await using fleet = await start(service('this.logger.info("is asked"); await new Promise(() => {});'), "n: 1");
    const asked = change(fleet, row("n: 2"));
    await fleet.tcs.waitForLine(/is asked/);
    await askFleet(fleet, "stop", "thing.main");
    expect(await asked).toMatchObject({ told: [{ service_id: "thing.main", result: "ended" }] });
    expect(await instancesOf(fleet, "thing.main")).toBe(0);
  });

  test("run by another launcher: only there", async () => {
    await using fleet = await start(service(TAKES), "n: 1");
    await using other = await runFleet({
      yaml: row("n: 1, standby: true").replace("hello_world", "examples.minimal"),
      files: { "thing.ts": service(TAKES) },
      broker: fleet.broker,
    });
    await other.wire.waitForEvent("ready", "examples.minimal.other");
    const name = String(other.wire.of("registry.declared", "examples.minimal.other")[0]?.data.parent);
    const answer = await change(other, row("n: 2, standby: true").replace("hello_world", "examples.minimal"), name);
    expect(answer).toMatchObject({ code: 0, changed: [{ effect: "next start" }], told: [] });
    expect(await has(fleet)).toBe(1);
    await fleet.stop();
    await other.tcs.waitForLine(/starts with 2/);
    expect(await instancesOf(other, "thing.main")).toBe(1);
  });

  test("asked while its values change again and again: they end with the last", async () => {
    const slow = service(`await Bun.sleep(300); ${TAKES}`);
    await using fleet = await start(slow, "n: 0");
    const answers: Promise<unknown>[] = [];
    for (let n = 1; n <= 5; n++) {
      answers.push(change(fleet, row(`n: ${n}`)));
      await Bun.sleep(150);
    }
    await Promise.all(answers);
    expect(await reload(fleet)).toMatchObject({ code: 0, result: "unchanged" });
    expect(await has(fleet)).toBe(5);
    expect(await startsOf(fleet)).toBe(1);
  });

  test("a periodic one at rest has them at its next run; a run that goes on is told, with those beside it", async () => {
    const shot = service(
      TAKES,
      "",
      "BaseSingleShotService",
      "async execute() { await this.sleep(this.config.limits.max); }",
    );
    const every = (n: number, max: number) =>
      one(`schedule: "every 1h", overlap: allow, n: ${n}, limits: {max: ${max}}`);
    await using fleet = await runFleet({ yaml: every(1, 60), files: { "thing.ts": shot } });
    await fleet.wire.waitForEvent("declared", "thing.main");
    expect((await change(fleet, every(2, 60))).changed).toMatchObject([{ effect: "next run" }]);
    await askFleet(fleet, "start", "thing.main");
    await fleet.tcs.waitForLine(/starts with 2/);
    expect(await change(fleet, every(3, 60))).toMatchObject({
      code: 0,
      changed: [{ effect: "told" }],
      told: [{ service_id: "thing.main", result: "applied" }],
    });
    await fleet.tcs.waitForLine(/told 2 -> 3/);
    // Now it is due all the time, and each run is told.
    const often = (n: number) => every(n, 60).replace("every 1h", "every 0.3s");
    await change(fleet, often(3));
    await fleet.wire.waitForEvent("ready", "thing.main-2");
    const both = await change(fleet, every(4, 60));
    expect(both.told).toContainEqual({ service_id: "thing.main", result: "applied", keys: ["n"] });
    expect(both.told).toContainEqual({ service_id: "thing.main-2", result: "applied", keys: ["n"] });
    expect(await startsOf(fleet)).toBe(1);
  });
});

describe("a change that goes wrong", () => {
  test("a service that does not answer is told after 10 s, and keeps no other from its change", async () => {
    const file = service(`if (next.n === 2) { this.logger.info("is asked"); await new Promise(() => {}); } ${TAKES}`);
    const yaml = (n: number, interval: number) =>
      `services:\n  - {type: thing, n: ${n}}\n  - {type: hello_world, interval: ${interval}}\n`;
    await using fleet = await runFleet({ yaml: yaml(1, 1), files: { "thing.ts": file } });
    await Promise.all(["thing.main", "hello_world.main"].map((id) => fleet.wire.waitForEvent("ready", id)));
    const hanging = change(fleet, yaml(2, 1));
    await fleet.tcs.waitForLine(/is asked/);
    const began = performance.now();
    expect(await change(fleet, yaml(2, 2))).toMatchObject({ unchanged: ["thing.main"] });
    expect(performance.now() - began).toBeLessThan(5000);
    const answer = await hanging;
    expect(answer).toMatchObject({ code: 1, done: false });
    expect(answer.told).toMatchObject([
      { result: "refused", reason: "onConfigChange has not ended within 10 s; it goes on" },
    ]);
    expect(await has(fleet)).toBe(1);
    // And it hears the next one.
    expect(await change(fleet, yaml(3, 2))).toMatchObject({ code: 0, told: [{ result: "applied" }] });
    expect(await has(fleet)).toBe(3);
    expect(await startsOf(fleet)).toBe(1);
  }, 30_000);

  test("one that ends of it is restarted by its policy, with the new values", async () => {
    for (const body of ["process.exit(3);", 'setTimeout(() => { throw new Error("late"); }); await Bun.sleep(5000);']) {
      const file = service(body);
      const yaml = (n: number) => row(`n: ${n}, restart: always, restart_sec: 0.1`);
      await using fleet = await runFleet({ yaml: yaml(1), files: { "thing.ts": file } });
      await fleet.wire.waitForEvent("ready", "thing.main");
      expect((await change(fleet, yaml(2))).told).toMatchObject([{ service_id: "thing.main" }]);
      await fleet.tcs.waitForLine(/starts with 2/);
      await fleet.wire.waitForEvent("ready", "thing.main", 2);
      expect(await has(fleet)).toBe(2);
      expect(await instancesOf(fleet, "thing.main")).toBe(1);
    }
  });

  test("a file that has another schema by now is taken with its values: by a restart", async () => {
    await using fleet = await start(service(TAKES), "n: 1");
    await fleet.folder.write(
      "thing.ts",
      service(TAKES).replace("n: z.number()", "fresh: z.string(),\n  n: z.number()"),
    );
    const answer = await change(fleet, row("n: 2, fresh: air"));
    expect(answer).toMatchObject({ code: 0, done: true, told: [{ service_id: "thing.main", result: "restarted" }] });
    expect(await has(fleet)).toBe(2);
    expect(await startsOf(fleet)).toBe(2);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  });

  test("values that are not valid are told to nobody", async () => {
    await using fleet = await start(service(TAKES), "n: 1");
    expect(await change(fleet, row("n: x"))).toMatchObject({ code: 5, result: "invalid" });
    expect(await change(fleet, row("n: 2").replace("type: hello_world", "type: hello_wrld"))).toMatchObject({
      code: 5,
    });
    expect(await has(fleet)).toBe(1);
    expect(fleet.tcs.stderr).not.toContain("told");
  });

  test("a file that is written in pieces is taken when it is whole, by a reload and by --dev", async () => {
    for (const args of [[], ["--dev"]]) {
      // Between pieces of one writing there are less than 100 ms: a writer that was held up by the machine is another case.
      let longestMs = Number.POSITIVE_INFINITY;
      await using stack = new AsyncDisposableStack();
      let fleet: TestFleet;
      do {
        fleet = stack.use(await start(service(TAKES), "n: 1", ...args));
        longestMs = await writeInPieces(fleet, () => args.length === 0 && fleet.tcs.signal("SIGHUP"));
      } while (longestMs > 90);
      await fleet.tcs.waitForLine(/told 1 -> 22/);
      expect(await has(fleet)).toBe(22);
      for (const id of ["thing.main", "hello_world.other"]) expect(await startsOf(fleet, id)).toBe(1);
      await fleet.wire.flush();
      expect(fleet.wire.of("registry.stopping", "hello_world.other")).toEqual([]);
    }
  });
});

describe("wherever the value comes from", () => {
  test("a variable of .env is told, and stays over a restart, in a group too", async () => {
    const fields = "group: g";
    await using fleet = await start(service(TAKES), fields);
    await Bun.write(join(fleet.folder.path, ".env"), "THING_N=4\n");
    expect(await reload(fleet)).toMatchObject({
      code: 0,
      changed: [{ keys: ["THING_N"], effect: "told" }],
      told: [{ result: "applied", keys: ["n"] }],
    });
    expect(await has(fleet)).toBe(4);
    await askFleet(fleet, "restart", "thing.main");
    expect(await has(fleet)).toBe(4);
    await Bun.write(join(fleet.folder.path, ".env"), "");
    await reload(fleet);
    expect(await has(fleet)).toBe(0);
    await askFleet(fleet, "restart", "thing.main");
    expect(await has(fleet)).toBe(0);
  });

  test("--set stays stronger than the file", async () => {
    await using fleet = await start(service(TAKES), "n: 1", "--set", "thing.main.n=7");
    expect(await change(fleet, row("n: 2"))).toMatchObject({ code: 0, told: [{ result: "unchanged" }] });
    expect(await has(fleet)).toBe(7);
  });

  test("defaults say it for all rows, and a row for itself", async () => {
    const yaml = (n: number) =>
      `defaults: {config_reload: live}\nservices:\n  - {type: thing, n: ${n}}\n  - {type: thing, variant: b, n: ${n}, config_reload: restart}\n`;
    await using fleet = await runFleet({ yaml: yaml(1), files: { "thing.ts": service(undefined) } });
    await Promise.all(["thing.main", "thing.b"].map((id) => fleet.wire.waitForEvent("ready", id)));
    const { changed } = await change(fleet, yaml(2));
    expect(changed.map(({ service_id, effect }) => [service_id, effect])).toEqual([
      ["thing.main", "told"],
      ["thing.b", "restart"],
    ]);
    await fleet.tcs.waitForLine(/thing\.b +starts with 2/);
    expect([await startsOf(fleet), await startsOf(fleet, "thing.b")]).toEqual([1, 2]);
    const { stdout } = await askFleet(fleet, "reload", "--dry-run");
    expect(stdout).toContain("2 unchanged");
  });
});
