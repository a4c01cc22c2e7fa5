// Foreign programs under `tcs run`: supervised as any service, by the compiled binary.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { isAlive } from "../../src/common/process-info.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { commandOf, processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";

const SPEAKER = join(import.meta.dir, "../support/programs/speaker.py");
const SLEEP = "command: [sleep, '1000']";

const tcs = ({ broker }: TestFleet, ...args: string[]) => runTcs([...args, "--host", broker.url], { cwd: "/" });
const speaker = (...does: string[]) => `command: [python3, ${SPEAKER}, ${does.join(", ")}]`;
/** What happened to it, without status messages. */
const events = ({ wire }: TestFleet, id: string) => wire.story(id).filter((step) => !step.startsWith("status"));
const pidOf = ({ wire }: TestFleet, id: string) => Number(wire.of("registry.start", id).at(-1)?.data.pid);

const TELL = `import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit(0)))
print("argv", *sys.argv[1:], flush=True)
time.sleep(1000)
`;

test("a Python service gets the arguments it knows, and is started, seen, explained, restarted and stopped", async () => {
  await using fleet = await runFleet({
    yaml: `x-python: &python
  command: [python3, "{type}.py", "{config_file}", "{variant}", --runner-id, "{runner_id}", --parent-name, "{parent_name}"]
  restart: on-failure
  restart_sec: 0.1
services:
  - {<<: *python, type: dome_follower, variant: zb08, tolerance: 3}
  - {<<: *python, type: guider, variant: zb08, runner_id: night.guider}
`,
    files: { "dome_follower.py": TELL, "guider.py": TELL },
  });
  const { wire } = fleet;
  const id = "dome_follower.zb08";
  const config = `${fleet.folder.path}/services.yaml`;
  await fleet.tcs.waitForLine(/2 of 2 services running/);
  const { parent, runner_id: runner } = (await wire.waitForEvent("ready", id)).data;
  await fleet.tcs.waitForLine(
    new RegExp(`INFO +${id} +argv ${config} zb08 --runner-id ${runner} --parent-name ${parent}`),
  );
  await fleet.tcs.waitForLine(new RegExp(`guider.zb08 +argv ${config} zb08 --runner-id night.guider`));
  expect(events(fleet, id)).toEqual(["declared", "start", "ready"]);
  expect(wire.of("heartbeat", id)[0]?.data).toMatchObject({ service_id: id, status: "ok" });
  const list = JSON.parse((await tcs(fleet, "list", "--json")).stdout);
  expect(list.services[0]).toMatchObject({ service_id: id, state: "running", pid: pidOf(fleet, id) });
  const why = (await tcs(fleet, "why", id)).stdout;
  expect(why).toContain("Command:    python3 {type}.py {config_file} {variant} --runner-id {runner_id}");
  expect(why).toMatch(/Runs in: +exec/);

  const killed = pidOf(fleet, id);
  process.kill(killed, "SIGKILL");
  const crashed = await wire.waitForEvent("crashed", id);
  expect(crashed.data).toMatchObject({ exit_code: -9, will_restart: true, message: "killed by SIGKILL" });
  await wire.waitForEvent("ready", id, 2);
  expect(pidOf(fleet, id)).not.toBe(killed);
  await waitFor("its second ok", () => wire.of("status", id).at(-1)?.data.status === "ok");
  expect(wire.of("status", id).at(-1)?.data).toMatchObject({ pid: pidOf(fleet, id), parent });

  await waitFor("its second line", () => fleet.tcs.stderr.match(/dome_follower\.zb08 +argv/g)?.length === 2);

  const stopped = await tcs(fleet, "stop", id);
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  expect(wire.of("registry.stop", id)[0]?.data).toMatchObject({ reason: "terminated", exit_code: 0 });
  const lastLine = async () => (await tcs(fleet, "logs", id, "--lines", "1")).stdout;
  await waitFor("its last line", async () => /INFO +dome_follower\.zb08 +bye$/m.test(await lastLine()));
  expect((await tcs(fleet, "start", id)).code).toBe(0);
  expect(await fleet.stop()).toBe(143);
  expect(wire.of("status", id).at(-1)?.data).toMatchObject({ status: "shutdown", message: "Service stopped" });
  await waitFor("the end of all", () => processesWith(`TCS_STATE_DIR=${fleet.tcs.stateDir}`).length === 0);
});

test("a program that will not stop is killed after the terminate delay, with what it has started", async () => {
  await using fleet = await runFleet({
    yaml: "terminate_delay: 0.3\nservices:\n  - {type: stubborn, command: [sh, -c, \"trap '' TERM; sleep 1000 & wait; wait; sleep 1000\"]}\n",
  });
  await fleet.wire.waitForStatus("stubborn.main", "ok");
  const answer = await tcs(fleet, "stop", "stubborn.main");
  expect(answer.stdout).toContain("by force");
  expect(fleet.wire.of("registry.stop", "stubborn.main")[0]?.data).toMatchObject({
    reason: "force_killed",
    exit_code: -9,
  });
  const asleep = () =>
    processesWith(`TCS_STATE_DIR=${fleet.tcs.stateDir}`).filter(({ pid }) => commandOf(pid).endsWith(" 1000"));
  await waitFor("the end of its children", () => asleep().length === 0);
});

test("SIGKILL of the launcher ends its programs, those that ignore SIGTERM, fork and leave their group too", async () => {
  using folder = tempFolder();
  const mark = `TCS_TEST_MARK=${folder.path}`;
  await folder.write(
    "services.yaml",
    `services:
  - {type: forks, command: [sh, -c, "sleep 1000 & setsid sleep 1001 & trap '' TERM; wait; sleep 1000"]}
  - {type: plain, ${SLEEP}}
`,
  );
  await using launcher = spawnTcs(["run"], { cwd: folder.path, env: { TCS_TEST_MARK: folder.path } });
  await launcher.waitForLine(/2 of 2 services running/);
  const started = await waitFor("all of it", () => {
    const found = processesWith(mark);
    return found.filter(({ pid }) => /^\S*sleep 100[01]$/.test(commandOf(pid))).length === 3 && found;
  });
  launcher.signal("SIGKILL");
  await within("the end of tcs", launcher.exited);
  try {
    await waitFor("the end of everything it started", () => processesWith(mark).length === 0, 10_000);
    expect(started.filter(isAlive)).toEqual([]);
  } finally {
    for (const { pid } of processesWith(mark)) process.kill(pid, "SIGKILL");
  }
});

describe("a program that is not there", () => {
  const YAML =
    "services:\n  - {type: lost, command: [./nosuch], restart: on-failure, restart_sec: 0, restart_max: 2}\n";

  test("crashes with 127 and its name, as often as its restart policy allows", async () => {
    await using fleet = await runFleet({ yaml: YAML });
    const failed = await fleet.wire.waitForEvent("failed", "lost.main");
    expect(failed.data).toMatchObject({ reason: "restart_limit_reached", restart_count: 2 });
    const missing = `no such file: ${fleet.folder.path}/nosuch`;
    const crashes = fleet.wire.of("registry.crashed", "lost.main").map(({ data }) => [data.exit_code, data.message]);
    expect(crashes).toEqual([127, 127, 127].map((code) => [code, missing]));
    await waitFor("its status", () => fleet.wire.of("status", "lost.main").at(-1)?.data.status === "failed");
    expect(fleet.wire.of("status", "lost.main").at(-1)?.data.message).toContain(missing);
  });

  test("is a warning of tcs run --check", async () => {
    using folder = tempFolder();
    await folder.write("services.yaml", `${YAML}  - {type: there, ${SLEEP}}\n`);
    const checked = await runTcs(["run", "--check"], { cwd: folder.path });
    expect(checked.code).toBe(1);
    expect(checked.stdout).toBe("services.yaml: 2 services, 1 cannot be run as things are here\n");
    expect(checked.stderr).toContain(`WARNING  tcs  lost.main: no such file: ${folder.path}/nosuch`);
  });
});

test("programs come in their order, run on schedule, and once", async () => {
  using folder = tempFolder();
  // A program counts as ready when it has been started; a service says itself when it is.
  await folder.write(
    "first.ts",
    serviceFile(
      `async onStart() { await Bun.sleep(200); console.log("first"); }\nasync execute() {}`,
      "BaseSingleShotService",
    ),
  );
  await folder.write(
    "services.yaml",
    `nats: {port: 1, required: false}
services:
  - {type: second, command: [sh, -c, "echo second; date +%s.%N"], after: [first.main]}
  - {type: first}
  - {type: third, command: [sh, -c, "echo third"], schedule: every 1h}
`,
  );
  const once = await runTcs(["run", "--once"], { cwd: folder.path });
  expect(once.code).toBe(0);
  expect(once.stderr.match(/ (first|second|third)$/gm)?.length).toBe(3);
  expect(once.stderr.indexOf("main  first")).toBeLessThan(once.stderr.indexOf("main  second"));
  await folder.write("services.yaml", 'nats: {port: 1}\nservices:\n  - {type: bad, command: [sh, -c, "exit 3"]}\n');
  expect((await runTcs(["run", "--once"], { cwd: folder.path })).code).toBe(1);
});

describe("a program with a voice of its own", () => {
  test("is shown as it says, by tcs and its launcher, and is spoken for when it has crashed", async () => {
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: dome, ${speaker("status=degraded:clouds", "beat=0.1", "sleep=1.5", "exit=7")}}\n`,
    });
    const { wire } = fleet;
    const said = await wire.waitFor("its words", ({ data }) => data.message === "clouds");
    expect(said.meta.sender).toMatch(/^Speaker_/);
    const status = JSON.parse((await tcs(fleet, "status", "--json")).stdout);
    const shown = status.services.find(({ service_id }: { service_id: string }) => service_id === "dome.main");
    expect(shown).toMatchObject({ status: "degraded", message: "clouds", heartbeat_state: "alive" });
    const launcher = String(wire.of("registry.declared", "dome.main")[0]?.data.parent);
    await wire.waitFor("its launcher's word", ({ subject, data }) => {
      return subject === `svc.status.${launcher}` && String(data.message).includes("dome.main degraded");
    });
    await wire.waitForEvent("crashed", "dome.main");
    await waitFor("its last status", () => wire.of("status", "dome.main").at(-1)?.data.status === "failed");
    expect(wire.of("status", "dome.main").map(({ data }) => [data.status, data.message])).toEqual([
      ["ok", "Program running"],
      ["degraded", "clouds"],
      ["failed", "Crashed: exited with code 7"],
    ]);
  });

  test("is ended by the watchdog when its heartbeats stop, and not before it has ever had one", async () => {
    await using fleet = await runFleet({
      yaml: `defaults: {watchdog_sec: 1, restart: on-failure, restart_sec: 0}
services:
  - {type: dome, ${speaker("beat=0.1", "wait")}}
  - {type: mute, ${SLEEP}}
`,
    });
    const { wire } = fleet;
    await waitFor("its own beats", () =>
      wire.of("heartbeat", "dome.main").some(({ meta }) => String(meta.sender).startsWith("Speaker_")),
    );
    process.kill(pidOf(fleet, "dome.main"), "SIGSTOP");
    const crashed = await wire.waitForEvent("crashed", "dome.main");
    expect(crashed.data).toMatchObject({
      exit_code: -9,
      message: "watchdog: no sign of life for 1 s",
      will_restart: true,
    });
    await wire.waitForEvent("ready", "dome.main", 2);
    expect(events(fleet, "mute.main")).toEqual(["declared", "start", "ready"]);
  });

  test("answers its own commands; its launcher answers health and stats, and nobody the rest", async () => {
    await using fleet = await runFleet({
      yaml: `services:\n  - {type: dome, ${speaker("serve=expose", "status=ok:open", "wait")}}\n`,
    });
    await fleet.wire.waitFor("its words", ({ data }) => data.message === "open");
    expect(JSON.parse((await tcs(fleet, "rpc", "dome.main", "expose")).stdout)).toEqual({ answer: "expose" });
    expect((await tcs(fleet, "health", "dome.main")).stdout).toContain("ok  open");
    expect((await tcs(fleet, "stats", "dome.main")).stdout).toMatch(/restarts +0/);
    // Whoever listens to all of a fleet, as this test does, hides that nobody answers.
    const unknown = await tcs(fleet, "rpc", "dome.main", "nosuch", "--timeout", "1");
    const advice = '     "tcs why dome.main" tells what is known of it\n';
    expect(unknown).toMatchObject({ code: 1, stderr: `tcs: dome.main: no answer within 1 s; last said ok\n${advice}` });
    await tcs(fleet, "stop", "dome.main");
    const stopped = await tcs(fleet, "rpc", "dome.main", "health");
    expect(stopped.stderr).toContain("dome.main is not running: stopped by");
  });
});

describe("with several launchers", () => {
  const YAML = (port: number) =>
    `nats: {port: ${port}}\nservices:\n  - {type: dome, ${speaker("beat=0.1", "status=ok:open", "wait")}}\n`;
  const live = (mark: string) =>
    processesWith(`TCS_TEST_MARK=${mark}`).filter(({ pid }) => commandOf(pid).includes("speaker.py"));

  test("a program that speaks for itself runs once when its launcher was killed and is started again", async () => {
    await using broker = await startNats();
    using folder = tempFolder();
    await folder.write("services.yaml", YAML(broker.port));
    const env = { TCS_TEST_MARK: folder.path, TCS_STATE_DIR: join(folder.path, ".state") };
    await using first = spawnTcs(["run"], { cwd: folder.path, env });
    await first.waitForLine(/dome\.main publishes its own status/);
    const [before] = live(folder.path);
    first.signal("SIGKILL");
    await within("the end of tcs", first.exited);
    await using second = spawnTcs(["run"], { cwd: folder.path, env });
    await second.waitForLine(/dome\.main publishes its own status/);
    const after = live(folder.path);
    expect(after.length).toBe(1);
    expect(after[0]?.pid).not.toBe(Number(before?.pid));
  });

  test("a program moves to another launcher, and speaks there", async () => {
    await using broker = await startNats();
    using north = tempFolder();
    using south = tempFolder();
    for (const folder of [north, south]) await folder.write("services.yaml", YAML(broker.port));
    const run = ({ path }: { path: string }, ...args: string[]) =>
      spawnTcs(["run", ...args], { cwd: path, env: { TCS_TEST_MARK: path, TCS_STATE_DIR: join(path, ".state") } });
    await using first = run(north);
    await first.waitForLine(/dome\.main publishes its own status/);
    await using second = run(south, "--takeover");
    await second.waitForLine(/dome\.main publishes its own status/);
    expect([live(north.path).length, live(south.path).length]).toEqual([0, 1]);
    await waitFor("its status", async () => {
      const shown = await runTcs(["status", "--json", "--host", broker.url], { cwd: "/" });
      const { services } = JSON.parse(shown.stdout);
      const dome = services.find(({ service_id }: { service_id: string }) => service_id === "dome.main");
      return dome.status === "ok" && dome.message === "open" && dome.pid === live(south.path)[0]?.pid;
    });
  });
});

test("a command that a program does not have is told at once", async () => {
  await using broker = await startNats();
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - {type: plain, ${SLEEP}}\n`);
  await using launcher = spawnTcs(["run"], { cwd: folder.path });
  await launcher.waitForLine(/1 of 1 service running/);
  const ask = () => runTcs(["rpc", "plain.main", "expose"], { cwd: folder.path });
  expect(await ask()).toMatchObject({ code: 1, stderr: 'tcs: plain.main has no command "expose"\n' });
  await runTcs(["stop", "plain.main"], { cwd: folder.path });
  expect((await ask()).stderr).toContain("tcs: plain.main is not running: stopped by");
});

test("secrets in the environment of a program are in no log and no answer", async () => {
  const say = 'echo "env $API_TOKEN $DEVICE"; echo "arg $0"; exec sleep 1000';
  await using fleet = await runFleet({
    yaml: `services:
  - type: thing
    command: [sh, -c, '${say}', "\${SITE_PASSWORD}"]
    env: {API_TOKEN: sesame-1, DEVICE: "\${MY_SECRET}"}
`,
    env: { SITE_PASSWORD: "sesame-2", MY_SECRET: "sesame-3" },
  });
  await fleet.tcs.waitForLine(/thing\.main +arg \*\*\*/);
  await fleet.tcs.waitForLine(/thing\.main +env \*\*\* \*\*\*/);
  const why = await tcs(fleet, "why", "thing.main");
  expect(why.stderr).toBe("");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
  expect(why.stdout).toContain("${SITE_PASSWORD}");
  await fleet.stop();
  expect(JSON.stringify(fleet.wire.records) + why.stdout + fleet.tcs.stderr).not.toContain("sesame");
});

test("by hand there is no foreign program to run", async () => {
  using folder = tempFolder();
  await folder.write("services.yaml", `services:\n  - {type: plain, ${SLEEP}}\n`);
  const refused = await runTcs(["service", "plain", "services.yaml"], { cwd: folder.path });
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain(
    "services.yaml:2:28: services[0].command: given a foreign program, expected a service of tcs",
  );
});
