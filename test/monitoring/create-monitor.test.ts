// createMonitor, as a program uses it: against a real broker, by a given connection, and without any.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "nats";
import { Scheduler } from "../../src/common/scheduler.ts";
import { askRpc } from "../../src/messaging/rpc.ts";
import { createMonitor, MonitoredObject, MonitorOptionError, Status } from "../../src/monitoring/index.ts";
import { endMonitorsOf, offerVoice } from "../../src/monitoring/voice.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";
import { KeepingSink } from "./support.ts";

const LIBRARY = join(import.meta.dir, "../../src/monitoring/index.ts");

/** A program in a process of its own, with an environment that names no broker but what `env` says. */
async function startProgram(text: string, env: Record<string, string>) {
  const folder = tempFolder();
  const head = `import { createMonitor, MonitoredObject, Status } from ${JSON.stringify(LIBRARY)};\n`;
  const path = await folder.write("program.ts", head + text);
  const child = Bun.spawn([process.execPath, path], {
    env: { PATH: process.env.PATH, HOME: folder.path, TCS_STATE_DIR: folder.path, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return {
    child,
    async ended() {
      const [stdout, stderr, code] = await within(
        "the program's end",
        Promise.all([child.stdout.text(), child.stderr.text(), child.exited]),
      );
      return { stdout, stderr, code };
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      folder[Symbol.dispose]();
    },
  };
}

describe("a program in a process of its own", () => {
  test("three lines are enough: status, heartbeat, and a last word", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    await using program = await startProgram(
      `await using monitor = await createMonitor("weather");
       monitor.setStatus(Status.OK, "measuring");`,
      { NATS_URL: broker.url },
    );
    expect(await program.ended()).toEqual({ stdout: "", stderr: "", code: 0 });
    await wire.waitForStatus("weather", "shutdown");
    expect(wire.of("status", "weather").map(({ data }) => [data.status, data.message])).toEqual([
      ["ok", "measuring"],
      ["shutdown", "Stopped"],
    ]);
    expect(wire.of("status", "weather")[0]?.data.pid).toBe(program.child.pid);
  });

  test("the streams are made, so that who comes later sees it; one that says nothing of itself is ok", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    await using program = await startProgram(`await createMonitor("quiet");`, {
      NATS_HOST: "127.0.0.1",
      NATS_PORT: String(broker.port),
    });
    await wire.waitForStatus("quiet", "ok");
    const connection = await connect({ servers: broker.url });
    const manager = await connection.jetstreamManager();
    const last = await waitFor("its status in the stream", () =>
      manager.streams.getMessage("svc_status", { last_by_subj: "svc.status.quiet" }),
    );
    expect(JSON.parse(new TextDecoder().decode(last.data)).data).toMatchObject({ status: "ok", message: "Running" });
    expect(program.child.exitCode).toBe(null);
    await connection.close();
  });

  test("without a broker it works all the same, and says nothing; what it said is sent when one appears", async () => {
    const port = await freePort();
    await using program = await startProgram(
      `await using monitor = await createMonitor("early");
       monitor.setStatus(Status.STARTUP);
       monitor.setStatus(Status.OK, "nobody hears");
       console.log(monitor.isConnected);
       while (!monitor.isConnected) await new Promise((r) => setTimeout(r, 20));
       monitor.setStatus(Status.DEGRADED, "somebody does");`,
      { NATS_URL: `nats://127.0.0.1:${port}` },
    );
    const reader = program.child.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("false\n");
    reader.releaseLock();
    await using broker = await startNats({ port });
    expect(await program.child.exited).toBe(0);
    const connection = await connect({ servers: broker.url });
    const { state } = await (await connection.jetstreamManager()).streams.info("svc_status");
    expect(state.messages).toBe(4);
    expect(await program.child.stderr.text()).toBe("");
    await connection.close();
  });

  test("with nobody to report to, it ends as soon as it is done", async () => {
    const began = performance.now();
    await using program = await startProgram(
      `await using monitor = await createMonitor("lonely", { heartbeatInterval: 0.1 });
       await new Promise((r) => setTimeout(r, 300));`,
      { NATS_URL: `nats://127.0.0.1:${await freePort()}` },
    );
    const { code } = await program.ended();
    expect(code).toBe(0);
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  test("an address that is none is told, and the program runs", async () => {
    await using program = await startProgram(`await using monitor = await createMonitor("m"); console.log("runs");`, {
      NATS_PORT: "many",
    });
    const { stdout, stderr, code } = await program.ended();
    expect({ stdout, code }).toEqual({ stdout: "runs\n", code: 0 });
    expect(stderr).toContain("NATS_PORT");
  });

  test("many monitors are one connection, one timer's work, and the last to close closes it", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    await using program = await startProgram(
      `const all = await Promise.all(Array.from({ length: 200 }, (_, i) => createMonitor("m" + i, { heartbeatInterval: 0.5 })));
       for (const one of all) one.setStatus(Status.OK);
       await new Promise((r) => setTimeout(r, 1200));
       await Promise.all(all.map((one) => one.close("done")));`,
      { NATS_URL: broker.url },
    );
    expect((await program.ended()).code).toBe(0);
    await wire.waitForStatus("m199", "shutdown");
    expect(wire.of("heartbeat", "m0").length).toBeGreaterThanOrEqual(2);
    const senders = new Set(wire.records.map(({ meta }) => meta.sender));
    expect(senders.size).toBe(1);
  });

  test("closeOnSignal: the last word is said, and the signal does what it does", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    await using program = await startProgram(
      `const monitor = await createMonitor("long", { closeOnSignal: true });
       monitor.setStatus(Status.OK, "up");`,
      { NATS_URL: broker.url },
    );
    await wire.waitForStatus("long", "ok");
    program.child.kill("SIGTERM");
    await program.child.exited;
    expect(program.child.signalCode).toBe("SIGTERM");
    await wire.waitForStatus("long", "shutdown");
  });

  test("closeOnSignal leaves a program alone that handles its signals itself", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    await using program = await startProgram(
      `const monitor = await createMonitor("own", { closeOnSignal: true });
       process.on("SIGTERM", async () => { await monitor.close("by its own hand"); process.exit(7); });
       monitor.setStatus(Status.OK, "up");`,
      { NATS_URL: broker.url },
    );
    await wire.waitForStatus("own", "ok");
    program.child.kill("SIGTERM");
    expect((await program.ended()).code).toBe(7);
    expect((await wire.waitForStatus("own", "shutdown")).data.message).toBe("by its own hand");
  });
});

describe("a given connection", () => {
  test("is used, and left open; what stands under another prefix goes there", async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url, "site.svc");
    const connection = await connect({ servers: broker.url });
    const monitor = await createMonitor("guest", { connection, subjectPrefix: "site.svc", parentName: "host.main" });
    monitor.setStatus(Status.BUSY, "at work");
    expect((await wire.waitForStatus("guest", "busy")).data).toMatchObject({ parent: "host.main" });
    expect(
      (await wire.waitFor("a heartbeat", ({ subject }) => subject === "site.svc.heartbeat.guest")).data.status,
    ).toBe("busy");
    await monitor.close();
    expect((await wire.waitForStatus("guest", "shutdown")).data.message).toBe("Stopped");
    expect(connection.isClosed()).toBe(false);
    // The client's own count; it tells no other way. One is its own, for answers to requests.
    expect(Reflect.get(connection, "protocol").subscriptions.size()).toBe(1);
    await connection.close();
  });

  test("that breaks and comes back loses nothing", async () => {
    await using broker = await startNats();
    const connection = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    await using monitor = await createMonitor("patient", { connection, log: () => undefined });
    monitor.setStatus(Status.OK, "one");
    await waitFor("the connection", () => monitor.isConnected);
    await broker.kill();
    await waitFor("the outage to be seen", () => !monitor.isConnected);
    monitor.setStatus(Status.ERROR, "two");
    monitor.setStatus(Status.OK, "three");
    await broker.start();
    const manager = await waitFor("JetStream", () => connection.jetstreamManager());
    const last = await waitFor("the last status", async () => {
      const { data } = await manager.streams.getMessage("svc_status", { last_by_subj: "svc.status.patient" });
      const text = new TextDecoder().decode(data);
      return text.includes("three") ? text : undefined;
    });
    expect(last).toContain("three");
    await monitor.close();
    await connection.close();
  });

  test("that is closed already, or no connection at all, harms nobody", async () => {
    await using broker = await startNats();
    const connection = await connect({ servers: broker.url });
    await connection.close();
    const monitor = await createMonitor("late", { connection, log: () => undefined });
    monitor.setStatus(Status.OK);
    expect(monitor.isConnected).toBe(false);
    await monitor.close();
    // What unchecked code might pass.
    expect(createMonitor("m", { connection: {} as never })).rejects.toThrow(MonitorOptionError);
  });
});

describe("asked over NATS", () => {
  test("it answers health and stats for itself, and nothing else", async () => {
    await using broker = await startNats();
    const connection = await connect({ servers: broker.url });
    await using monitor = await createMonitor("asked", { connection });
    const part = new MonitoredObject("lens");
    part.setStatus(Status.OK);
    monitor.addSubmonitor(part);
    monitor.addHealthcheckCb(function power() {
      return { status: Status.DEGRADED, message: "on battery" };
    });
    monitor.addMetricCb(async () => ({ shots: 3 }), { tier: "stats" });
    const ask = (command: string) => askRpc(connection, `svc.rpc.asked.v1.${command}`, {}, { limitMs: 5_000 });
    expect(await waitFor("an answer", () => ask("health"))).toMatchObject({
      service_id: "asked",
      status: "degraded",
      message: "on battery",
      checks: { power: "degraded", lens: "ok" },
    });
    expect(await ask("stats")).toMatchObject({
      service_id: "asked",
      uptime_seconds: expect.any(Number),
      stats: { shots: 3, counters: { rpc_requests: 2, rpc_errors: 0 } },
    });
    expect(ask("expose")).rejects.toThrow('asked has no command "expose" (it has health, stats)');
    await monitor.close();
    await connection.close();
  });
});

describe("in a service", () => {
  test("it speaks as the service does, under the service, and ends with it", async () => {
    const sink = new KeepingSink();
    const end = offerVoice({
      sink,
      scheduler: new Scheduler(),
      log: () => undefined,
      subjectPrefix: "ocm.svc",
      owner: () => "dome.main",
    });
    const monitor = await createMonitor("dome.motor");
    monitor.setStatus(Status.OK);
    expect(sink.events[0]).toMatchObject({ subject: "ocm.svc.status.dome.motor", data: { parent: "dome.main" } });
    await waitFor("the first heartbeat", () => sink.beats.length === 1);
    endMonitorsOf("dome.main");
    await waitFor("its end", () => sink.events.length === 2);
    expect(sink.events[1]?.data).toMatchObject({ status: "shutdown" });
    monitor.setStatus(Status.ERROR, "too late");
    expect(sink.events).toHaveLength(2);
    end();
  });

  test("the last status is failed where it was that before", async () => {
    const sink = new KeepingSink();
    const end = offerVoice({ sink, scheduler: new Scheduler(), log: () => undefined, subjectPrefix: "svc" });
    {
      await using monitor = await createMonitor({ name: "sad" });
      monitor.setStatus(Status.FAILED, "no camera");
    }
    expect(sink.events.map(({ data }) => data.status)).toEqual(["failed"]);
    end();
  });

  test("without a name it has one of its own", async () => {
    const sink = new KeepingSink();
    const end = offerVoice({ sink, scheduler: new Scheduler(), log: () => undefined, subjectPrefix: "svc" });
    await using one = await createMonitor();
    await using two = await createMonitor({});
    expect(one.name).toMatch(/^[A-Za-z0-9_-]+_[0-9a-f]{8}$/);
    expect(two.name).not.toBe(one.name);
    end();
  });
});

test.each([
  [{ name: "a.*" }, 'monitor name "a.*": it contains "*" or ">", which are NATS wildcards; expected tokens'],
  [{ name: "two words" }, "it contains white space"],
  [{ name: "a..b" }, "it has an empty part between dots"],
  [{ name: "" }, "it is empty"],
  [{ name: 5 }, "monitor name 5: it is no text"],
  [{ name: "m", subjectPrefix: "svc.>" }, 'subjectPrefix "svc.>": it contains'],
  [{ name: "m", parentName: "a b" }, 'parentName "a b": it contains white space'],
  [{ name: "m", heartbeatInterval: 0 }, "heartbeatInterval was 0: expected seconds, from 0.1 to 2147483"],
  [{ name: "m", healthcheckInterval: Number.NaN }, "healthcheckInterval was NaN: expected seconds"],
  [{ name: "m", heartbeatInterval: "10" }, 'heartbeatInterval was "10": expected seconds'],
])("%j is refused in plain words", async (options, said) => {
  // What unchecked code might pass.
  const made = createMonitor(options as never);
  expect(made).rejects.toThrow(MonitorOptionError);
  expect(made).rejects.toThrow(said);
});
