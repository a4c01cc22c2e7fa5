// The home of foreign programs, with real programs: what is told of them, and how they end.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { isGroupAlive } from "../../src/common/process-info.ts";
import { RUN_MARK } from "../../src/common/run-mark.ts";
import { processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { PARENT, runProgram } from "./exec-support.ts";

const SLEEP: [string, ...string[]] = ["sleep", "1000"];
const shell = (script: string): [string, ...string[]] => ["sh", "-c", script];

test("a program is up with its own pid, started at once, and its launcher speaks for it", async () => {
  await using program = runProgram(SLEEP);
  await waitFor("a second heartbeat", () => program.of("beat").length >= 2);
  const { pid } = program.host;
  expect(pid).not.toBe(process.pid);
  expect(program.of("up")).toEqual([{ kind: "up", pid }]);
  expect(program.of("started").length).toBe(1);
  expect(program.of("status").map(({ report }) => report.status)).toEqual(["ok"]);
  expect(program.of("event").map(({ subject }) => subject)).toEqual(["svc.status.guider.zb08"]);
  expect(program.of("event")[0]?.data).toMatchObject({ status: "ok", message: "Program running", pid, parent: PARENT });
  expect(program.of("beat")[1]).toMatchObject({
    subject: "svc.heartbeat.guider.zb08",
    data: { sequence: 1, status: "ok" },
  });
});

test("it gets its placeholders, the launcher's environment, its own, and who it is", async () => {
  using folder = tempFolder();
  const names =
    "TCS_SERVICE_ID TCS_VARIANT TCS_RUNNER_ID TCS_PARENT_NAME TCS_SUBJECT_PREFIX TCS_CONFIG_FILE TCS_NATS_URL NATS_URL NATS_HOST NATS_PORT DEVICE HOME";
  const script = `import os, sys; print(sys.argv[1:]); print(os.getcwd()); print([os.environ[n] for n in "${names}".split()])`;
  const args = ["{config_file}", "{variant}", "--runner-id", "{runner_id}", "--parent-name={parent_name}"];
  const more = ["{type}/{service_id}", "{nats_url}", "{subject_prefix}", "{{variant}}", '{"a":1}', ""];
  await using program = runProgram(["python3", "-c", script, ...args, ...more], {
    cwd: folder.path,
    env: { DEVICE: "/dev/ttyS0", NATS_HOST: "elsewhere", TCS_SERVICE_ID: "a lie" },
  });
  expect((await program.end).code).toBe(0);
  const [argv = "", cwd, environment = ""] = program.log.map((line) => line.replace("INFO ", ""));
  const runner = "launcher.abc.vm-worker-launcher.guider";
  const url = "nats://127.0.0.1:4333";
  const config = `${folder.path}/services.yaml`;
  expect(JSON.parse(argv.replaceAll("'", '"').replace('"{"a":1}"', '"json"'))).toEqual([
    config,
    "zb08",
    "--runner-id",
    runner,
    `--parent-name=${PARENT}`,
    "guider/guider.zb08",
    url,
    "svc",
    "{variant}",
    "json",
    "",
  ]);
  expect(cwd).toBe(folder.path);
  expect(JSON.parse(environment.replaceAll("'", '"'))).toEqual([
    "guider.zb08",
    "zb08",
    runner,
    PARENT,
    "svc",
    config,
    url,
    url,
    "elsewhere",
    "4333",
    "/dev/ttyS0",
    process.env.HOME,
  ]);
});

describe("its lines are log records:", () => {
  test("stdout is info, stderr a warning, and a level that a line names counts", async () => {
    await using program = runProgram(
      shell(
        "echo plain; echo oops >&2; echo '[ERROR] svc: no power' >&2; echo '[INFO ] svc: fine' >&2; echo DEBUG: noise",
      ),
    );
    await program.end;
    expect(program.log.toSorted()).toEqual([
      "ERROR [ERROR] svc: no power",
      "INFO [INFO ] svc: fine",
      "INFO plain",
      "WARNING oops",
    ]);
  });

  test("what is below the row's log_level is left out", async () => {
    await using program = runProgram(shell("echo DEBUG noise; echo plain; echo oops >&2"), {
      spec: { logLevel: "warning" },
    });
    await program.end;
    expect(program.log).toEqual(["WARNING oops"]);
    await using talker = runProgram(shell("echo DEBUG noise"), { spec: { logLevel: "debug" } });
    await talker.end;
    expect(talker.log).toEqual(["DEBUG DEBUG noise"]);
  });

  test("the last words before a crash are there when its end is told", async () => {
    await using program = runProgram(shell("echo 'last words' >&2; kill -SEGV $$"));
    const end = await program.end;
    expect(end.error).toContain("killed by SIGSEGV");
    expect(program.log).toEqual(["WARNING last words"]);
  });

  test("a program that closes its outputs runs on, and is heard no more", async () => {
    await using program = runProgram(shell("echo before; exec >&- 2>&-; sleep 1000"));
    await program.waitForLog(/before/);
    const beats = program.of("beat").length;
    await waitFor("more heartbeats", () => program.of("beat").length > beats + 2);
    program.stop();
    expect((await program.end).code).toBe(0);
  });

  test("a program that floods its output does not keep the launcher from its other work", async () => {
    await using program = runProgram(shell("exec yes 'a line of talk that is somewhat longer than nothing at all'"));
    await waitFor("a flood", () => program.of("log").length > 20_000);
    // By the work of this thread between two turns: what the machine does meanwhile is not the flood's doing.
    let [latest, worst, turns] = [process.threadCpuUsage(), 0, 0];
    const timer = setInterval(() => {
      const { user, system } = process.threadCpuUsage(latest);
      worst = Math.max(worst, (user + system) / 1000);
      latest = process.threadCpuUsage();
      turns += 1;
    }, 5);
    await waitFor("many turns of the loop", () => turns >= 100);
    clearInterval(timer);
    expect(worst).toBeLessThan(500);
    expect(program.of("beat").length).toBeGreaterThan(2);
  });
});

describe("its end:", () => {
  test.each<[string, number, string | undefined]>([
    ["exit 0", 0, undefined],
    ["exit 3", 3, undefined],
    ["exit 255", 255, undefined],
    ["kill -KILL $$", -9, "killed by SIGKILL"],
    ["kill -TERM $$", -15, "killed by SIGTERM"],
    ["kill -ABRT $$", -6, "killed by SIGABRT"],
  ])("%s is told as it is", async (script, code, error) => {
    await using program = runProgram(shell(script));
    expect(await program.end).toEqual(error === undefined ? { code } : { code, error });
  });

  test("who ends by the SIGTERM that asks for it has ended well, and so has who says 143", async () => {
    await using plain = runProgram(SLEEP);
    await waitFor("its start", () => plain.of("started").length === 1);
    plain.stop();
    plain.stop();
    expect(await plain.end).toEqual({ code: 0 });
    expect(plain.of("status").map(({ report }) => report.status)).toEqual(["ok", "shutdown"]);
    await using wrapped = runProgram(shell("trap 'exit 143' TERM; echo ready; while :; do sleep 0.05; done"));
    await wrapped.waitForLog(/ready/);
    wrapped.stop();
    expect(await wrapped.end).toEqual({ code: 0 });
  });

  test("an exit code that a program gives while it stops is told", async () => {
    await using program = runProgram(shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"));
    await program.waitForLog(/ready/);
    program.stop();
    expect(await program.end).toEqual({ code: 5 });
  });

  test("the whole group is asked to stop, and what outlives its leader has its time to do so", async () => {
    const child = "trap 'sleep 0.3; echo child done; exit' TERM; echo ready; while :; do sleep 0.05; done";
    await using program = runProgram(["sh", "-c", `sh -c "$1"; echo never`, "sh", child]);
    await program.waitForLog(/ready/);
    program.stop();
    expect(await program.end).toEqual({ code: 0 });
    expect(program.log).toContain("INFO child done");
    expect(program.log).not.toContain("INFO never");
  });

  test("what outlives its leader and will not stop is killed", async () => {
    const child = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    await using program = runProgram(["sh", "-c", `sh -c "$1"; echo never`, "sh", child]);
    await program.waitForLog(/ready/);
    program.stop();
    const beats = program.of("beat").length;
    await waitFor("more heartbeats", () => program.of("beat").length > beats + 2);
    program.host.kill();
    expect(await program.end).toEqual({ code: 0 });
    await waitFor("the end of the child", () => !isGroupAlive(program.host.pid));
  });

  test("one that ignores SIGTERM is killed with all it has started", async () => {
    using folder = tempFolder();
    const script =
      "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); subprocess.Popen(['sleep', '1000']); print('ready', flush=True); time.sleep(1000)";
    await using program = runProgram(["python3", "-c", script], { env: { MARK: folder.path } });
    await program.waitForLog(/ready/);
    program.stop();
    // Asked, and there all the same.
    const beats = program.of("beat").length;
    await waitFor("more heartbeats", () => program.of("beat").length > beats + 2);
    program.host.kill();
    expect((await program.end).code).toBe(-9);
    await waitFor("the end of its child", () => processesWith(folder.path).length === 0);
  });

  test("what it leaves behind in its group ends with it", async () => {
    using folder = tempFolder();
    await using program = runProgram(shell("sleep 1000 & echo ready"), { env: { MARK: folder.path } });
    expect((await program.end).code).toBe(0);
    await waitFor("the end of its child", () => processesWith(folder.path).length === 0);
  });
});

describe("in a marked run", () => {
  beforeEach(() => {
    process.env[RUN_MARK] = `${process.pid}-test`;
  });
  afterEach(() => {
    delete process.env[RUN_MARK];
  });

  test("a daemon that has left the group ends with the program that made it, and others of the run do not", async () => {
    using folder = tempFolder();
    const other = { spec: { id: "guider.other" }, env: { MARK: `${folder.path}/other` } };
    await using neighbour = runProgram(SLEEP, other);
    await using program = runProgram(shell("setsid sleep 1000 & sleep 0.1; echo ready"), {
      env: { MARK: folder.path },
    });
    expect((await program.end).code).toBe(0);
    await waitFor("the end of the daemon", () => processesWith(`MARK=${folder.path}\0`).length === 0);
    expect(processesWith(`MARK=${folder.path}/other`).map(({ pid }) => pid)).toEqual([neighbour.host.pid]);
  });
});

describe("a program that cannot be started says why, with the codes of a shell:", () => {
  const start = async (command: [string, ...string[]], folder = "/tmp", cwd?: string) => {
    await using program = runProgram(command, { configFile: `${folder}/services.yaml`, ...(cwd ? { cwd } : {}) });
    const end = await program.end;
    expect(program.messages).toEqual([]);
    return end;
  };

  test("it is not there", async () => {
    expect(await start(["nosuchprogram"])).toEqual({ code: 127, error: 'no program "nosuchprogram" in PATH' });
    expect(await start(["./nosuch"], "/opt")).toEqual({ code: 127, error: "no such file: /opt/nosuch" });
  });

  test("its folder is not there", async () => {
    expect(await start(SLEEP, "/tmp", "/nosuch")).toEqual({ code: 127, error: "no such folder (cwd): /nosuch" });
    expect(await start(SLEEP, "/tmp", "/bin/sh")).toEqual({ code: 127, error: "no such folder (cwd): /bin/sh" });
  });

  test("it is no program", async () => {
    using folder = tempFolder();
    const file = async (name: string, text: string, mode: number) => {
      chmodSync(await folder.write(name, text), mode);
      return await start([`./${name}`], folder.path);
    };
    const path = (name: string) => `${folder.path}/${name}`;
    expect(await file("plain", "#!/bin/sh\n", 0o644)).toEqual({
      code: 126,
      error: `not executable: ${path("plain")} (chmod +x makes it so)`,
    });
    expect(await file("bare", "echo\n", 0o755)).toEqual({
      code: 126,
      error: `neither a program for this computer nor a script with a first line #!…: ${path("bare")}`,
    });
    expect(await file("lost", "#!/nosuch/python\n", 0o755)).toEqual({
      code: 127,
      error: `the interpreter named in the first line of ${path("lost")} does not exist`,
    });
    expect(await start([folder.path])).toEqual({ code: 126, error: `not a file: ${folder.path}` });
    expect((await start(["echo", "x".repeat(200_000)])).error).toContain("argument list too long");
  });
});

test("with a slash it is looked for beside the configuration, else in the PATH it is given", async () => {
  using folder = tempFolder();
  chmodSync(await folder.write("bin/tool", "#!/bin/sh\necho tool $1\n"), 0o755);
  const configFile = `${folder.path}/services.yaml`;
  await using beside = runProgram(["bin/tool", "1"], { configFile, cwd: "/" });
  await beside.end;
  expect(beside.log).toEqual(["INFO tool 1"]);
  await using found = runProgram(["tool", "2"], { env: { PATH: `${folder.path}/bin:${process.env.PATH}` } });
  await found.end;
  expect(found.log).toEqual(["INFO tool 2"]);
});

test("health and stats are answered for it; other commands are its own", async () => {
  await using program = runProgram(SLEEP);
  await waitFor("its start", () => program.of("started").length === 1);
  for (const [requestId, command] of ["health", "stats", "expose"].entries()) {
    program.host.send({ kind: "rpc", id: "guider.zb08", requestId, command, data: {} });
  }
  const [health, stats, expose] = program.of("rpc-reply");
  expect(health?.data).toMatchObject({
    service_id: "guider.zb08",
    status: "ok",
    message: "Program running",
    checks: {},
  });
  expect(stats?.data?.uptime_seconds).toBeGreaterThan(0);
  expect(expose?.error).toContain("its launcher answers health and stats only");
});
