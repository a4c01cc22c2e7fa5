// Foreign programs that publish their own status: the launcher hears it, and is silent itself.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Messenger } from "../../src/messaging/index.ts";
import { heartbeatData, Status } from "../../src/monitoring/index.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { listenToWire, type WireLog } from "../support/wire.ts";
import { type RunningProgram, runProgram } from "./exec-support.ts";

const SPEAKER = join(import.meta.dir, "../support/programs/speaker.py");
const ID = "guider.zb08";

let broker: TestBroker;
let folder: TempFolder;
let ear: Messenger;
let wire: WireLog;

beforeAll(async () => {
  folder = tempFolder();
  broker = await startNats();
  ear = messengerTo(broker);
  await ear.open();
  wire = await listenToWire(broker.url);
});

afterAll(async () => {
  await wire[Symbol.asyncDispose]();
  await ear.close();
  await broker[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function messengerTo({ url }: TestBroker): Messenger {
  return new Messenger({
    settings: { servers: [url], required: true, subjectPrefix: "svc", origin: "test" },
    name: "ear",
  });
}

/** It speaks when it is listened to: what a program says sooner than its launcher's broker hears of it, is lost. */
async function speak(...does: string[]): Promise<RunningProgram> {
  const go = join(folder.path, crypto.randomUUID());
  const program = speakTo(broker, ear, `until=${go}`, ...does);
  await ear.connection?.flush();
  await Bun.write(go, "");
  return program;
}

function speakTo({ port }: TestBroker, messenger: Messenger, ...does: string[]): RunningProgram {
  const env = { NATS_HOST: "127.0.0.1", NATS_PORT: String(port) };
  return runProgram(["python3", SPEAKER, ...does], { ear: messenger, env });
}

const heard = (program: RunningProgram) =>
  program.of("status").map(({ report }) => `${report.status} ${report.message}`);

test("what it says of itself is its status, and from then on its launcher says nothing for it", async () => {
  await using program = await speak("status=startup:Initializing", "status=ok:open", "wait");
  await waitFor("its words", () => heard(program).includes("ok open"));
  expect(heard(program)).toEqual(["ok Program running", "startup Initializing", "ok open"]);
  expect(program.log).toEqual([`INFO ${ID} publishes its own status`]);
  const beats = program.of("beat").length;
  program.stop();
  expect(await program.end).toEqual({ code: 0 });
  expect(program.of("beat").length).toBe(beats);
  // No "stopping" of the launcher's.
  expect(program.of("event").map(({ data }) => data.status)).toEqual(["ok"]);
  expect(heard(program).at(-1)).toBe("ok Service stopped");
});

test("its heartbeats are signs of life; without any nothing is known of its life", async () => {
  await using silent = await speak("status=ok:open", "wait");
  await waitFor("its words", () => heard(silent).includes("ok open"));
  expect(silent.host.lastHeardMs?.()).toBeUndefined();
  await using program = await speak("beat=0.05", "wait");
  const first = await waitFor("a heartbeat", () => program.host.lastHeardMs?.());
  await waitFor("the next", () => (program.host.lastHeardMs?.() ?? 0) > first);
  process.kill(program.host.pid, "SIGSTOP");
  const last = await waitFor("no more of them", async () => {
    const before = program.host.lastHeardMs?.();
    await Bun.sleep(200);
    return before === program.host.lastHeardMs?.() && before;
  });
  expect(last).toBeLessThan(performance.now() - 190);
  process.kill(program.host.pid, "SIGCONT");
  await waitFor("its return", () => (program.host.lastHeardMs?.() ?? 0) > last);
});

test("a program that says it has failed and exits with 0 has not ended well", async () => {
  await using program = await speak("status=failed:no power", "exit=0");
  expect(await program.end).toEqual({ code: 1, error: "no power (it exited with code 0)" });
  await using other = await speak("status=failed:no power", "status=ok:better", "exit=0");
  expect(await other.end).toEqual({ code: 0 });
  await using honest = await speak("status=failed:no power", "exit=4");
  expect(await honest.end).toEqual({ code: 4 });
});

test("health is what it last said", async () => {
  await using program = await speak("status=degraded:clouds", "wait");
  await waitFor("its words", () => heard(program).includes("degraded clouds"));
  program.host.send({ kind: "rpc", id: ID, requestId: 1, command: "health", data: {} });
  expect(program.of("rpc-reply")[0]?.data).toMatchObject({ status: "degraded", message: "clouds" });
});

describe("not taken for its own voice:", () => {
  test("what another launcher says of a service of this name", async () => {
    await using program = await speak(
      "as=launcher.launcher.other.elsewhere",
      "status=error:theirs",
      "beat=0.05",
      "wait",
    );
    await waitFor("its words", () => wire.of("status", ID).some(({ data }) => data.message === "theirs"));
    const beats = wire.of("heartbeat", ID).length;
    await waitFor("its beats", () => wire.of("heartbeat", ID).length > beats + 3);
    expect(heard(program)).toEqual(["ok Program running"]);
    expect(program.host.lastHeardMs?.()).toBeUndefined();
  });

  test("the heartbeats of another launcher that has said nothing else yet", async () => {
    await using program = runProgram(["sleep", "1000"], { ear });
    await waitFor("its start", () => program.of("started").length === 1);
    await ear.connection?.flush();
    const other = messengerTo(broker);
    await other.open();
    const origin = { parent: "launcher.launcher.other.elsewhere", pid: program.host.pid, hostname: "elsewhere" };
    const beat = { name: ID, status: Status.OK, time: Date.now(), sequence: 7, uptimeMs: 1, intervalMs: 10_000 };
    other.beat(`svc.heartbeat.${ID}`, heartbeatData({ ...beat, childrenCount: 0 }, origin));
    await wire.waitFor("the heartbeat", ({ data }) => data.parent === origin.parent && data.sequence === 7);
    await ear.ping();
    expect(program.host.lastHeardMs?.()).toBeUndefined();
    await other.close();
  });

  test("what another process of this host says, as a run by hand", async () => {
    await using program = runProgram(["sleep", "1000"], { ear });
    await waitFor("its start", () => program.of("started").length === 1);
    await using _other = await speak("status=ok:by hand", "wait");
    await waitFor("its words", () => heard(_other).includes("ok by hand"));
    await ear.ping();
    expect(heard(program)).toEqual(["ok Program running"]);
  });

  test("what its launcher's own messenger says", async () => {
    await using program = runProgram(["sleep", "1000"], { ear });
    await waitFor("its start", () => program.of("started").length === 1);
    ear.event(`svc.status.${ID}`, { name: ID, status: "error", timestamp: [2026, 1, 1, 0, 0, 0, 0] });
    await wire.waitFor("the message", ({ data }) => data.status === "error" && data.pid === undefined);
    expect(heard(program)).toEqual(["ok Program running"]);
  });
});

test("while the broker is away a program is not silent; its silence counts from the return of the broker", async () => {
  await using own = await startNats();
  await using messenger = messengerTo(own);
  await messenger.open();
  await using program = speakTo(own, messenger, "beat=0.05", "wait");
  await waitFor("a heartbeat", () => program.host.lastHeardMs?.());
  await own.kill();
  await waitFor("the loss", () => messenger.state === "disconnected");
  const now = performance.now();
  expect(program.host.lastHeardMs?.()).toBeGreaterThanOrEqual(now);
  await own.start();
  await waitFor("the return", () => messenger.state === "connected");
  const since = program.host.lastHeardMs?.() ?? 0;
  expect(since).toBeGreaterThan(now);
  // This simple program does not connect again: now it is silent.
  await Bun.sleep(50);
  expect(program.host.lastHeardMs?.()).toBe(since);
});
