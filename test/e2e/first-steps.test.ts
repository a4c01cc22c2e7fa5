// What somebody meets who tries the framework for the first time: small mistakes, no broker, a failure, a stop.
import { describe, expect, test } from "bun:test";
import { runTcs, spawnTcs, type TcsOptions } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { canOwnNetwork, ownNetwork } from "../support/netns.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";

const CAMERA = `import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({ interval: z.number().positive().default(5), password: z.string().min(9).meta({ secret: true }).default("long enough") });
setInterval(() => {}, 1000);
@service({ config: Config })
export class Camera extends BaseBlockingPermanentService<typeof Config> {
  async runService() { this.logger.info("STARTED"); while (this.isRunning) await this.sleep(1); }
}`;

describe("a value that a service run by hand refuses ends it with code 5, before it is started", () => {
  const cases: [string, string[], TcsOptions["env"], string][] = [
    ["--set", ["--set", "interval=-1"], {}, "--set: camera.main.interval: given -1, expected a positive number\n"],
    [
      "the environment",
      [],
      { CAMERA_INTERVAL: "often" },
      'CAMERA_INTERVAL: camera.main.interval: given "often", expected a positive number\n',
    ],
    ["a file", ["fleet.yaml"], {}, "fleet.yaml:3:15: camera.main.interval: given 0, expected a positive number\n"],
  ];
  test.each(cases)("given by %s", async (_what, args, env, says) => {
    using folder = tempFolder();
    await folder.write("camera.ts", CAMERA);
    await folder.write("fleet.yaml", "services:\n  - type: camera\n    interval: 0\n");
    const result = await runTcs(["service", "camera.ts", ...args, "--port", String(await freePort())], {
      cwd: folder.path,
      ...(env ? { env } : {}),
    });
    expect(result).toEqual({ code: 5, stdout: "", stderr: says });
  });

  test("and a secret is not told", async () => {
    using folder = tempFolder();
    await folder.write("camera.ts", CAMERA);
    const result = await runTcs(["service", "camera.ts", "--set", "password=hunter2"], { cwd: folder.path });
    expect(result.stderr).toContain("camera.main.password: given a hidden value");
    expect(result.stderr).not.toContain("hunter2");
  });
});

test("a service's file that is not there is told in one line", async () => {
  expect(await runTcs(["service", "nope.ts"])).toEqual({ code: 5, stdout: "", stderr: "nope.ts: no such file\n" });
});

test("a class that cannot be run is told in one sentence, with its row", async () => {
  using folder = tempFolder();
  await folder.write("wrong.yaml", "services: [{type: thing}]\n");
  await folder.write("thing.ts", serviceFile(`async startService() {}\n${LOOP}`));
  const result = await runTcs(["run", "--check", "wrong.yaml"], { cwd: folder.path });
  expect(result.stderr).toMatch(/^wrong\.yaml:1:12: thing\.main: Thing overrides startService, but it is .*\n$/);
  expect(result.code).toBe(5);
});

describe("tcs run", () => {
  test("takes its file as a word too, or both ways if they agree", async () => {
    using folder = tempFolder();
    await folder.write("night.yaml", "services:\n  - hello_world\n");
    for (const args of [["night.yaml"], ["./night.yaml", "--config", "night.yaml"]]) {
      const result = await runTcs(["run", "--check", ...args], { cwd: folder.path });
      expect(result.stdout).toMatch(/^night\.yaml: 1 service, all well$/m);
    }
  });

  test("refuses two different files", async () => {
    const result = await runTcs(["run", "night.yaml", "-c", "day.yaml"]);
    expect(result.stderr).toStartWith(
      "tcs: tcs run: given two configuration files, night.yaml and --config day.yaml\n",
    );
    expect(result.code).toBe(2);
  });
});

test.skipIf(!canOwnNetwork)(
  "without a broker that anybody asked for, one line says so, and none at the end",
  async () => {
    using _network = ownNetwork();
    using folder = tempFolder();
    await folder.write("thing.ts", serviceFile(LOOP));
    await using tcs = spawnTcs(["service", "thing.ts"], { cwd: folder.path });
    await tcs.waitForLine(/no NATS broker at .*; the service runs, its reports are kept until it comes/);
    tcs.signal("SIGINT");
    expect(await within("the end of tcs", tcs.exited)).toBe(130);
    expect(tcs.stderr.match(/WARNING/g)).toHaveLength(1);
  },
);

test("a broker that was asked for and never came is told at the end again", async () => {
  using folder = tempFolder();
  await folder.write("thing.ts", serviceFile(LOOP));
  await using tcs = spawnTcs(["service", "thing.ts", "--port", String(await freePort())], { cwd: folder.path });
  await tcs.waitForLine(/the service runs, its reports are kept/);
  tcs.signal("SIGINT");
  await within("the end of tcs", tcs.exited);
  expect(tcs.stderr).toMatch(/closed with \d+ reports not sent/);
});

test("a part at fault is named by its service, by its launcher and in the first line", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - thing\n",
    files: {
      "thing.ts": serviceFile(
        `async runService() {
          const shutter = new MonitoredObject("shutter");
          this.monitor.addSubmonitor(shutter);
          shutter.setStatus(Status.DEGRADED, "opens slowly");
          await this.monitor.trackTask(async () => undefined);
          while (this.isRunning) await this.sleep(1000);
        }`,
        undefined,
        'import { MonitoredObject } from "ocabox-tcs";',
      ),
    },
  });
  const launcher = await fleet.wire.waitFor(
    "the launcher's word",
    ({ subject, data }) => subject.startsWith("svc.status.launcher.") && data.status === "degraded",
  );
  expect(launcher.data.message).toBe("1 of 1 service running; thing.main degraded");
  const { stdout } = await runTcs(["status", "--port", String(fleet.broker.port)]);
  expect(stdout).toContain("Overall degraded   1 of 1: thing.main degraded: shutter degraded: opens slowly\n");
});

describe("a fleet in which a service had failed", () => {
  const yaml = "services:\n  - thing\n  - hello_world\n";
  const files = { "thing.ts": serviceFile('async runService() { throw new Error("lost star"); }') };

  test("is no problem any more when it was stopped on purpose", async () => {
    await using fleet = await runFleet({ yaml, files });
    const status = (...args: string[]) => runTcs(["status", "--port", String(fleet.broker.port), ...args]);
    await fleet.wire.waitFor("the crash", ({ subject }) => subject === "svc.registry.crashed.thing.main");
    await fleet.wire.waitForStatus("hello_world.main", "ok");
    expect((await status("--check")).code).toBe(6);
    await fleet.stop("SIGINT");
    const after = await status("--check");
    expect(after.stdout).toStartWith("○ Overall stopped   nothing is running, broker ");
    expect(after.code).toBe(0);
    expect((await status("--all")).stdout).toMatch(/○ .* thing\.main +failed +.*lost star/);
  });

  test("is one when its launcher was killed", async () => {
    await using fleet = await runFleet({ yaml, files });
    await fleet.wire.waitFor("the crash", ({ subject }) => subject === "svc.registry.crashed.thing.main");
    await fleet.wire.waitForStatus("hello_world.main", "ok");
    await fleet.stop("SIGKILL");
    const { code, stdout } = await runTcs(["status", "--check", "--port", String(fleet.broker.port)]);
    expect(stdout).toStartWith("× Overall failed");
    expect(code).toBe(6);
  });
});

for (const [how, statement] of [
  ["loops for ever", "while (true) {}"],
  ["waits for ever", "await new Promise(() => {});"],
]) {
  test(`a file that ${how} when it is loaded is named, and holds the others up for seconds only`, async () => {
    const from = performance.now();
    await using fleet = await runFleet({
      yaml: "services:\n  - {type: bad, variant: a}\n  - {type: bad, variant: b}\n  - good\n  - hello_world\n",
      args: ["--terminate-delay", "1"],
      files: { "bad.ts": `${statement}\n${serviceFile(LOOP)}`, "good.ts": serviceFile(LOOP) },
    });
    await Promise.all(["good.main", "hello_world.main"].map((id) => fleet.wire.waitForStatus(id, "ok")));
    // 2 s of silence, 4 s on a busy computer, and what it takes to start.
    expect(performance.now() - from).toBeLessThan(7_000);
    expect(fleet.tcs.stderr).toMatch(/WARNING {2}tcs {2}bad\.a: bad\.ts .* 2 s .*its configuration is not checked/);
    expect(fleet.tcs.stderr).not.toMatch(/WARNING {2}tcs {2}(good|hello)/);
    expect(await fleet.stop()).toBe(143);
  });
}
