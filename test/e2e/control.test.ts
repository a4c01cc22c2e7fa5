// Orders to a running fleet: done when they say so, whatever the service is doing, in every home.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "nats";
import { OWN_HOMES } from "../../src/config/types.ts";
import { askRpc, Subjects } from "../../src/messaging/index.ts";
import { runTcs, spawnTcs, type TcsResult } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { waitFor, within } from "../support/wait.ts";

/** Runs a command against the fleet's broker. */
const tcs = (fleet: TestFleet, ...args: string[]): Promise<TcsResult> =>
  runTcs([...args, "--port", String(fleet.broker.port)], { cwd: "/" });

/** As `tcs`, with the answers as JSON. */
async function json(fleet: TestFleet, ...args: string[]) {
  const { stdout, code, stderr } = await tcs(fleet, ...args, "--json");
  if (stdout === "") throw new Error(stderr);
  const answer = JSON.parse(stdout);
  return { code, answer, first: answer.results?.[0] };
}

/** How many instances run: starts without an end. */
function instances({ wire }: TestFleet, id: string): number {
  const ends = wire.of("registry.stop", id).length + wire.of("registry.crashed", id).length;
  return wire.of("registry.start", id).length - ends;
}

const launcherOf = ({ wire }: TestFleet, id: string) => String(wire.of("registry.declared", id)[0]?.data.parent);

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test("stop, start and restart do what they say, once, and say who did it", async () => {
      await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n", args: ["--launcher", home] });
      const id = "hello_world.main";
      await fleet.wire.waitForEvent("ready", id);
      const stop = await json(fleet, "stop", id, "--reason", "lens");
      expect(stop.code).toBe(0);
      expect(stop.first).toMatchObject({ result: "stopped", ok: true, was: "running", now: "stopped", exit_code: 0 });
      expect(stop.first).toMatchObject({ target: "stopped", set_reason: "lens", launcher: launcherOf(fleet, id) });
      expect(stop.first.set_by).toMatch(/^.+@.+$/);
      expect(fleet.wire.of("registry.stop", id)[0]?.data).toMatchObject({ reason: "terminated", target: "stopped" });
      const again = await tcs(fleet, "stop", id);
      expect(again).toMatchObject({ code: 0, stderr: "" });
      expect(again.stdout).toMatch(/^hello_world\.main is stopped already, by .+@.+ \("lens"\)/);
      expect((await json(fleet, "start", id)).first).toMatchObject({
        result: "started",
        was: "stopped",
        now: "running",
      });
      const running = await tcs(fleet, "start", id);
      expect(running.code).toBe(0);
      expect(running.stdout).toMatch(/^hello_world\.main is already running \(pid \d+\)/);
      expect((await json(fleet, "restart", id)).first).toMatchObject({ result: "restarted", now: "running" });
      await fleet.wire.flush();
      expect(fleet.wire.of("registry.start", id).length).toBe(3);
      expect(instances(fleet, id)).toBe(1);
    });

    test("a restart of a stopped service starts it", async () => {
      await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n", args: ["--launcher", home] });
      await fleet.wire.waitForEvent("ready", "hello_world.main");
      await tcs(fleet, "stop", "hello_world.main");
      const { first } = await json(fleet, "restart", "hello_world.main");
      expect(first).toMatchObject({ result: "started", was: "stopped", now: "running", target: "running" });
    });

    test("a stop within the backoff of a crash-looping service ends it, and a start tries at once", async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - {type: thing, restart: always, restart_sec: 60}\n",
        files: { "thing.ts": serviceFile(`onStart() { throw new Error("no power"); }\nasync runService() {}`) },
        args: ["--launcher", home],
      });
      await fleet.wire.waitForEvent("crashed", "thing.main");
      const failed = await tcs(fleet, "start", "thing.main");
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain("thing.main not started: no power; to be started again by its restart policy");
      expect(fleet.wire.of("registry.crashed", "thing.main").length).toBe(2);
      const stop = await json(fleet, "stop", "thing.main");
      expect(stop.first).toMatchObject({ result: "stopped", was: "restarting", now: "stopped", ok: true });
      await fleet.wire.flush();
      expect(instances(fleet, "thing.main")).toBe(-1);
      const status = await json(fleet, "status", "--check");
      expect(status.code).toBe(0);
    });

    test("a stop during start-up ends it, and the start that was under way is told", async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - thing\n",
        files: { "thing.ts": serviceFile(`async onStart() { await this.sleep(60); }\n${LOOP}`) },
        args: ["--launcher", home],
      });
      await fleet.wire.waitForStatus("thing.main", "startup");
      const start = json(fleet, "start", "thing.main");
      const late = await json(fleet, "start", "thing.main", "--timeout", "0.5");
      expect(late).toMatchObject({ code: 1, first: { result: "starting", now: "starting", ok: false } });
      const stop = await json(fleet, "stop", "thing.main");
      expect(stop.first).toMatchObject({ result: "stopped", was: "starting", now: "stopped" });
      expect((await start).first).toMatchObject({ result: "superseded", now: "stopped", ok: false });
      expect(instances(fleet, "thing.main")).toBe(0);
    });

    test("of many orders at once the last wins, each is answered, and one instance is left", async () => {
      await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n", args: ["--launcher", home] });
      const id = "hello_world.main";
      await fleet.wire.waitForEvent("ready", id);
      const connection = await connect({ servers: fleet.broker.url });
      const verbs = Array.from({ length: 199 }, (_, i) => ["stop", "start", "restart"][(i * 7) % 3] ?? "");
      const answers = await Promise.all(
        [...verbs, "start"].map((verb) =>
          askRpc(
            connection,
            new Subjects().rpc(launcherOf(fleet, id), `${verb}.${id}`),
            { by: "test" },
            { limitMs: 25_000 },
          ),
        ),
      );
      await connection.close();
      expect(answers.length).toBe(200);
      expect(answers.at(-1)).toMatchObject({ done: true, now: "running" });
      for (const { result, done } of answers) {
        expect(result).toMatch(/^(stopped|already_stopped|started|restarted|already_running|superseded)$/);
        expect(done).toBe(result !== "superseded");
      }
      await fleet.wire.flush();
      expect(instances(fleet, id)).toBe(1);
      expect((await tcs(fleet, "health", id)).stdout).toContain("hello_world.main  ok");
    });

    test("200 restarts at once end with one instance that runs", async () => {
      await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n", args: ["--launcher", home] });
      const id = "hello_world.main";
      await fleet.wire.waitForEvent("ready", id);
      const connection = await connect({ servers: fleet.broker.url });
      const subject = new Subjects().rpc(launcherOf(fleet, id), `restart.${id}`);
      const all = Array.from({ length: 200 }, () => askRpc(connection, subject, {}, { limitMs: 25_000 }));
      for (const answer of await Promise.all(all)) {
        expect(answer).toMatchObject({ result: "restarted", now: "running" });
      }
      await connection.close();
      await fleet.wire.flush();
      expect(instances(fleet, id)).toBe(1);
      expect(fleet.wire.of("registry.start", id).length).toBeLessThan(10);
    });

    test("a service that never stops is ended by force, and that is told", async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - thing\n",
        files: { "thing.ts": serviceFile(`${LOOP}\nasync onStop() { await new Promise(() => {}); }`) },
        args: ["--launcher", home, "--terminate-delay", "0.5"],
      });
      await fleet.wire.waitForEvent("ready", "thing.main");
      const stop = await json(fleet, "stop", "thing.main");
      expect(stop.first).toMatchObject({ result: "stopped", ok: true, force_killed: true, exit_code: -9 });
      expect(stop.first.reason).toBe("it did not stop within 0.5 s");
    });
  });
}

describe("an operator's stop", () => {
  const yaml = "services:\n  - hello_world\n  - {type: hello_world, variant: other}\n";

  for (const end of ["SIGTERM", "SIGKILL"] as const) {
    test(`outlives the launcher (${end}), is shown with who and when, and ends with a start`, async () => {
      await using fleet = await runFleet({ yaml });
      await fleet.wire.waitForEvent("ready", "hello_world.main");
      await fleet.wire.waitForEvent("ready", "hello_world.other");
      await tcs(fleet, "stop", "hello_world.main", "--reason", "lens");
      await fleet.stop(end);
      const starts = fleet.wire.of("registry.start", "hello_world.main").length;
      // In another home: the same fleet all the same.
      await using next = spawnTcs(["run", "--launcher", "process"], {
        cwd: fleet.folder.path,
        env: { TCS_STATE_DIR: join(fleet.folder.path, ".state") },
      });
      await next.waitForLine(/services? running after/);
      const declared = await fleet.wire.waitForEvent("declared", "hello_world.main", 2);
      expect(declared.data).toMatchObject({ target: "stopped", set_reason: "lens" });
      const status = await tcs(fleet, "status");
      expect(status.stdout).toMatch(/hello_world\.main +stopped +stopped by \S+@\S+ .* ago \("lens"\)/);
      expect((await tcs(fleet, "status", "--check")).code).toBe(0);
      expect((await tcs(fleet, "list")).stdout).toMatch(/hello_world\.main +stopped +shutdown +launcher .*stopped by/);
      expect((await tcs(fleet, "why", "hello_world.main")).stdout).toMatch(/Target: +stopped by .*\("lens"\)/);
      expect(fleet.wire.of("registry.start", "hello_world.main").length).toBe(starts);
      expect((await json(fleet, "start", "hello_world.main")).first).toMatchObject({
        result: "started",
        was: "stopped",
      });
      next.signal("SIGTERM");
      await within("the end of tcs", next.exited);
      await using third = spawnTcs(["run"], {
        cwd: fleet.folder.path,
        env: { TCS_STATE_DIR: join(fleet.folder.path, ".state") },
      });
      await third.waitForLine(/2 of 2 services running/);
      expect((await json(fleet, "status", "hello_world.main")).answer.services[0].target).toBeUndefined();
    });
  }

  test("of a failed service makes it no problem any more", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - thing\n  - hello_world\n",
      files: { "thing.ts": serviceFile(`async runService() { throw new Error("lost star"); }`) },
    });
    await fleet.wire.waitForEvent("crashed", "thing.main");
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    expect((await tcs(fleet, "status", "--check")).code).toBe(6);
    expect((await json(fleet, "stop", "thing.main")).first).toMatchObject({ result: "stopped", was: "failed" });
    expect((await tcs(fleet, "status", "--check")).code).toBe(0);
  });

  test("of a periodic service holds also when it is due; a start runs it at once", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: thing, schedule: {every: 0.3s}}\n",
      files: { "thing.ts": serviceFile("async execute() {}", "BaseSingleShotService") },
    });
    await fleet.wire.waitForEvent("stop", "thing.main");
    await tcs(fleet, "stop", "thing.main");
    await fleet.wire.flush();
    const starts = fleet.wire.of("registry.start", "thing.main").length;
    await Bun.sleep(900);
    expect(fleet.wire.of("registry.start", "thing.main").length).toBe(starts);
    expect((await json(fleet, "start", "thing.main")).first.result).toMatch(/^(started|completed)$/);
    await fleet.wire.waitForEvent("start", "thing.main", starts + 3);
  });
});

describe("who is meant", () => {
  test("patterns, several ids and --all; what is unknown stops everything before it begins", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: hello_world, variant: a}\n  - {type: hello_world, variant: b}\n  - examples.minimal\n",
    });
    for (const id of ["hello_world.a", "hello_world.b", "examples.minimal.main"])
      await fleet.wire.waitForEvent("ready", id);
    const unknown = await tcs(fleet, "stop", "hello_world.a", "hello_wolrd.b");
    expect(unknown).toMatchObject({ code: 3, stdout: "" });
    expect(unknown.stderr).toBe(
      'tcs: no service "hello_wolrd.b"; nothing was done\n     did you mean "hello_world.b"?\n',
    );
    expect(await tcs(fleet, "stop", "x.*")).toMatchObject({ code: 3 });
    expect(await tcs(fleet, "stop")).toMatchObject({ code: 2 });
    expect(fleet.wire.of("registry.stopping", "hello_world.a")).toEqual([]);
    const ids = (answer: { results: { service_id: string }[] }) => answer.results.map(({ service_id }) => service_id);
    expect(ids((await json(fleet, "stop", "hello_world.*")).answer)).toEqual(["hello_world.a", "hello_world.b"]);
    expect(ids((await json(fleet, "start", "--all")).answer)).toEqual([
      "examples.minimal.main",
      "hello_world.a",
      "hello_world.b",
    ]);
    const list = (await json(fleet, "list", "*.a")).answer;
    expect(list.services).toMatchObject([
      { service_id: "hello_world.a", state: "running", target: "running", certain: true },
    ]);
    expect(await tcs(fleet, "list", "hello_world.x")).toMatchObject({ code: 3 });
  });

  test("a type or variant of which there is one is enough, for every command", async () => {
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: hello_world, variant: a}\n  - examples.minimal.b\n  - examples.basic.b\n",
    });
    for (const id of ["hello_world.a", "examples.minimal.b", "examples.basic.b"])
      await fleet.wire.waitForEvent("ready", id);
    for (const [word, id] of [
      ["hello_world", "hello_world.a"],
      ["a", "hello_world.a"],
      ["examples.minimal", "examples.minimal.b"],
    ] as const) {
      for (const verb of ["stop", "start", "restart"])
        expect([verb, word, (await json(fleet, verb, word)).first.service_id]).toEqual([verb, word, id]);
      expect((await json(fleet, "health", word)).answer).toMatchObject({ service_id: id });
      expect((await json(fleet, "stats", word)).answer).toMatchObject({ service_id: id });
      expect((await json(fleet, "why", word)).answer).toMatchObject({ service_id: id });
      expect(JSON.parse((await tcs(fleet, "rpc", word, "health")).stdout)).toMatchObject({ service_id: id });
      const { stdout } = await tcs(fleet, "logs", word, "--json", "--lines", "1");
      expect(JSON.parse(stdout)).toMatchObject({ service_id: id });
    }
    const starts = () => fleet.wire.records.filter(({ subject }) => subject.startsWith("svc.registry.start.")).length;
    const before = starts();
    for (const words of [["start"], ["stop"], ["restart"], ["why"], ["health"], ["stats"], ["rpc"]]) {
      const { code, stderr } = await tcs(fleet, ...words, "b", ...(words[0] === "rpc" ? ["x"] : []));
      expect([words[0], code]).toEqual([words[0], 3]);
      expect(stderr).toMatch(/"b" may be examples\.basic\.b, examples\.minimal\.b/);
      expect(stderr).toContain("say which, by its id");
    }
    expect(starts()).toBe(before);
  });

  test("of two launchers with the same service, the one that runs it; the other can be told to, by its name", async () => {
    await using one = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await one.wire.waitForEvent("ready", "hello_world.main");
    await using two = await runFleet({
      yaml: "services:\n  - hello_world\n  - examples.minimal\n",
      broker: one.broker,
      args: ["--launcher", "process"],
    });
    await two.wire.waitForEvent("declared", "examples.minimal.main");
    const stop = await json(one, "stop", "hello_world.main");
    expect(stop.answer.results).toMatchObject([{ now: "stopped", launcher: launcherOf(one, "hello_world.main") }]);
    const start = await json(one, "start", "hello_world.main");
    expect(start.first).toMatchObject({ result: "started", launcher: launcherOf(one, "hello_world.main") });
    const other = await tcs(one, "start", "hello_world.main", "--launcher", "process-launcher");
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("hello_world.main is run by launcher");
    expect(await tcs(one, "start", "hello_world.main", "--launcher", "nobody")).toMatchObject({ code: 3 });
  });

  test("a service run by hand answers for itself, and no launcher controls it", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await using hand = spawnTcs(["service", "examples.minimal", "--port", String(fleet.broker.port)]);
    await fleet.wire.waitForStatus("examples.minimal.main", "ok");
    expect((await tcs(fleet, "health", "examples.minimal.main")).stdout).toContain("examples.minimal.main  ok");
    const stop = await tcs(fleet, "stop", "examples.minimal.main");
    expect(stop.code).toBe(1);
    expect(stop.stderr).toContain(`it is run by hand on`);
    expect(stop.stderr).toContain(`(pid ${hand.pid})`);
  });
});

describe("when nobody answers", () => {
  test("a dead launcher is told with the age of its last sign of life", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    fleet.tcs.signal("SIGKILL");
    await within("the end of tcs", fleet.tcs.exited);
    const stop = await tcs(fleet, "stop", "hello_world.main");
    expect(stop.code).toBe(1);
    expect(stop.stderr).toMatch(
      /hello_world\.main not stopped: its launcher on \S+ does not answer \(last heartbeat \d+ s ago/,
    );
    const health = await tcs(fleet, "health", "hello_world.main");
    expect(health.code).toBe(1);
    expect(health.stderr).toMatch(
      /does not answer: its launcher on \S+ does not answer \(last heartbeat \d+ s ago.*last said ok/,
    );
    expect((await tcs(fleet, "why", "hello_world.main")).stdout).toMatch(/Launcher: .*does not answer/);
    const list = await tcs(fleet, "list");
    expect(list.stdout).toMatch(/hello_world\.main +running\?/);
    expect(list.stderr).toContain("its services as last heard");
  });

  test("a frozen launcher holds nobody up for longer than asked", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    fleet.tcs.signal("SIGSTOP");
    try {
      const stop = await tcs(fleet, "stop", "hello_world.main", "--timeout", "0.5");
      expect(stop.code).toBe(1);
      expect(stop.stderr).toMatch(
        /not stopped: its launcher on \S+ does not answer \(.*\): no answer within 0.5 s; it may still be done/,
      );
    } finally {
      fleet.tcs.signal("SIGCONT");
    }
    await fleet.wire.waitForEvent("stop", "hello_world.main");
  });

  test("a broker that is away is told as by every command, and orders work again when it is back", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    await fleet.wire.waitForStatus(launcherOf(fleet, "hello_world.main"), "ok");
    await fleet.broker.kill();
    for (const words of [["list"], ["stop", "--all"], ["health", "x.main"], ["why", "x.main"]]) {
      const { code, stderr } = await tcs(fleet, ...words);
      expect(code).toBe(4);
      expect(stderr).toContain("connection refused");
    }
    await fleet.broker.start();
    await fleet.tcs.waitForLine(/connected to the broker/);
    expect((await json(fleet, "restart", "hello_world.main")).first).toMatchObject({ result: "restarted" });
  });

  test("an unknown id is told with the nearest, by every command", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    for (const words of [["start"], ["stop"], ["restart"], ["why"], ["health"], ["stats"], ["rpc"]]) {
      const { code, stderr } = await tcs(fleet, ...words, "hello_world.mian", ...(words[0] === "rpc" ? ["x"] : []));
      expect([words[0], code]).toEqual([words[0], 3]);
      expect(stderr).toContain('did you mean "hello_world.main"?');
    }
  });
});

describe("requests to a service", () => {
  const files = {
    "thing.ts": `import { writeFileSync } from "node:fs";
import { BaseBlockingPermanentService, rpc, service, Status } from "ocabox-tcs";
import { z } from "zod";
@service
export class Thing extends BaseBlockingPermanentService {
  onStart() {
    this.monitor.addHealthcheckCb(function cooler() { return Status.WARNING; });
    this.monitor.addMetricCb(() => ({ frames: 3 }));
  }
  @rpc("expose", { args: z.object({ seconds: z.number().positive() }) })
  async expose({ seconds }: { seconds: number }) { await this.sleep(seconds); return { frame: 7 }; }
  @rpc("quit") quit() { process.exit(3); }
  @rpc("hang") hang() { writeFileSync("hangs", ""); for (;;) {} }
  ${LOOP}
}
`,
  };

  for (const home of OWN_HOMES) {
    test(`in ${home} are answered by its own event loop, also one that is Python's`, async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - {type: thing, restart: always, restart_sec: 0}\n",
        files,
        args: ["--launcher", home],
      });
      await fleet.wire.waitForEvent("ready", "thing.main");
      const health = await tcs(fleet, "health", "thing.main");
      expect(health.code).toBe(0);
      expect(health.stdout).toMatch(/^◐ thing\.main {2}warning .*\n {2}◐ cooler {2}warning\n$/);
      expect(JSON.parse((await tcs(fleet, "rpc", "thing.main", "expose", '{"seconds": 0.01}')).stdout)).toEqual({
        frame: 7,
      });
      const refused = await tcs(fleet, "rpc", "thing.main", "expose", '{"seconds": 0}');
      expect(refused).toMatchObject({ code: 1, stderr: "tcs: expose: seconds: given 0, expected a positive number\n" });
      expect(await tcs(fleet, "rpc", "thing.main", "expose", "{")).toMatchObject({ code: 2 });
      expect(await tcs(fleet, "rpc", "thing.main", "expose", "[]")).toMatchObject({ code: 2 });
      const quit = await tcs(fleet, "rpc", "thing.main", "quit");
      expect(quit.code).toBe(1);
      await fleet.wire.waitForEvent("ready", "thing.main", 2);
      const stats = JSON.parse((await tcs(fleet, "stats", "thing.main", "--json")).stdout);
      expect(stats).toMatchObject({
        service_id: "thing.main",
        stats: { frames: 3, restarts: 1, starts: 2, crashes: 1 },
      });
      expect((await tcs(fleet, "stats", "thing.main")).stdout).toMatch(/^thing\.main, up \d+ s\n {4}frames +3\n/);
      const connection = await connect({ servers: fleet.broker.url });
      const golden = await Bun.file(join(import.meta.dir, "../wire/rpc.json")).json();
      const request = JSON.stringify(golden[0].payload);
      const reply = (await connection.request("svc.rpc.thing.main.v1.health", request, { timeout: 5_000 })).json();
      expect(reply).toMatchObject({
        data: { service_id: "thing.main", checks: { cooler: "warning" } },
        meta: { sender: "thing.main" },
      });
      await connection.close();
    });
  }

  for (const home of ["worker", "process"] as const) {
    test(`in ${home}, one whose loop hangs is told so within seconds, and can be restarted`, async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - thing\n",
        files,
        args: ["--launcher", home, "--terminate-delay", "0.5"],
      });
      await fleet.wire.waitForEvent("ready", "thing.main");
      const hung = tcs(fleet, "rpc", "thing.main", "hang");
      await waitFor("the service to hang", () => Bun.file(join(fleet.folder.path, "hangs")).exists());
      const health = await tcs(fleet, "health", "thing.main");
      expect(health.code).toBe(1);
      expect(health.stderr).toContain("its event loop has not looked at the request within 2 s: it hangs");
      const restart = await tcs(fleet, "restart", "thing.main");
      expect(restart).toMatchObject({ code: 0, stderr: "" });
      expect(restart.stdout).toMatch(/^thing\.main restarted by force: it did not stop within 0.5 s/);
      expect((await hung).stderr).toContain("thing.main does not answer: it ended");
      expect((await tcs(fleet, "health", "thing.main")).code).toBe(0);
    });
  }

  test("to one that is stopped are answered by its launcher", async () => {
    await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
    await fleet.wire.waitForEvent("ready", "hello_world.main");
    await tcs(fleet, "stop", "hello_world.main", "--reason", "lens");
    const { code, stderr } = await tcs(fleet, "health", "hello_world.main");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tcs: hello_world\.main is not running: stopped by \S+@\S+ \("lens"\)\n$/);
  });
});

test("why tells the last end in words, the history, the configuration and the log", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: thing, launcher: process, restart: on-abnormal, restart_sec: 0, restart_max: 1}\n",
    files: {
      "thing.ts": serviceFile(
        `async runService() { this.logger.warning("clouds"); process.kill(process.pid, "SIGKILL"); await this.sleep(60); }`,
      ),
    },
  });
  await fleet.wire.waitForEvent("failed", "thing.main");
  const { stdout, code } = await tcs(fleet, "why", "thing.main");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^× thing\.main {2}failed/);
  expect(stdout).toMatch(/State: +failed/);
  expect(stdout).toMatch(/Last end: +crashed, killed by SIGKILL \(killed by force: by somebody, or by the kernel/);
  expect(stdout).toMatch(/Restarts: +restart: on-abnormal, at most 1 in 60 s; 2 starts, 2 crashes, 1 restart\n/);
  expect(stdout).toMatch(/Config: +\/.*services\.yaml:4/);
  expect(stdout).toMatch(/History: +[\d:]{8} declared/);
  expect(stdout).toContain("clouds");
  const { answer } = await json(fleet, "why", "thing.main");
  expect(answer.launchers[0].answer).toMatchObject({ state: "failed", crashes: 2, last_end: { exit_code: -9 } });
});

for (const home of OWN_HOMES) {
  test(`in ${home}, why tells where in the author's file an error comes from, and as many lines of the log as wanted`, async () => {
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: thing, launcher: ${home}}\n`,
      files: {
        "thing.ts": serviceFile(
          `async runService() {
  for (let n = 0; n < 100; n++) this.logger.info("line", n);
  throw new Error("lost star");
}`,
        ),
      },
    });
    await fleet.wire.waitForEvent("crashed", "thing.main");
    const { stdout } = await tcs(fleet, "why", "thing");
    expect(stdout).toMatch(/Last error: +lost star \(thing\.ts:8:13\)/);
    const linesIn = (text: string) => text.match(/line \d+/g)?.length ?? 0;
    // The last line tells of the error.
    expect(linesIn(stdout)).toBe(9);
    expect(linesIn((await tcs(fleet, "why", "thing", "--lines", "30")).stdout)).toBe(29);
    expect(linesIn((await tcs(fleet, "why", "thing", "-n", "0")).stdout)).toBe(0);
    const { answer } = await json(fleet, "why", "thing");
    expect(answer.launchers[0].answer).toMatchObject({ last_end: { error: "lost star", place: "thing.ts:8:13" } });
    const wrong = await tcs(fleet, "why", "thing", "--lines", "many");
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain('--lines: given "many", expected a number from 0 to 50');
  });
}

test("a launcher answers to its own name: list, describe, health, stats, and refuses the rest in words", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  const name = launcherOf(fleet, "hello_world.main");
  const ask = async (command: string) => JSON.parse((await tcs(fleet, "rpc", name, command)).stdout || "{}");
  expect(await ask("list")).toMatchObject({
    launcher_id: name.replace("launcher.", ""),
    services: [
      { service_id: "hello_world.main", status: "ok", pid: fleet.tcs.pid, state: "running", target: "running" },
    ],
  });
  expect(await ask("describe")).toMatchObject({
    name,
    pid: fleet.tcs.pid,
    services: 1,
    running: 1,
    terminate_delay_seconds: 10,
  });
  expect(await ask("health")).toMatchObject({ service_id: name, status: "ok", checks: { "hello_world.main": "ok" } });
  expect((await ask("stats")).stats).toMatchObject({ services: 1, running: 1, starts: 1, restarts: 0 });
  expect((await tcs(fleet, "rpc", name, "explode")).stderr).toContain(
    'a launcher has no command "explode"; it has list,',
  );
  expect((await tcs(fleet, "rpc", name, "stop.hello_world.mian")).stderr).toContain('did you mean "hello_world.main"?');
});
