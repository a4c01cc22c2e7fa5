// `tcs status` as a whole: the compiled binary against a real broker.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import { FakeFleet, LAUNCHER } from "../client/fleet.ts";
import { addStreams, envelope, openConnection, publishFleet } from "../client/publish.ts";
import { runTcs, tcsBinary } from "../support/binary.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";

const at = (broker: { port: number }) => ["--host", "127.0.0.1", "--port", String(broker.port)];
const stop = { status: "shutdown", reason: "terminated" };

describe("a fleet on a broker", () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startNats();
    const fleet = new FakeFleet()
      .launcher()
      .healthy("hello_world.main")
      .healthy("hello_world.fast")
      .healthy("dome.main", 3_600, 500)
      .status("dome.main", "error", 401, { message: "cannot\u001b[2J open\nport", parent: LAUNCHER })
      .event("dome.main", "crashed", 400, { status: "failed", exit_code: 1, will_restart: false })
      .healthy("done.main", 3_600, 600)
      .event("done.main", "stop", 590, stop);
    await publishFleet(broker.url, fleet);
  });
  afterAll(async () => await broker[Symbol.asyncDispose]());

  test("is shown with its Overall line first, plain when piped", async () => {
    const { code, stdout, stderr } = await runTcs(["status", ...at(broker)]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("× Overall failed   1 of 3: dome.main failed: cannot open port (exit 1, not restarted)");
    expect(lines[1]).toBe(`  2 of 3 services running, 1 launcher, broker nats://127.0.0.1:${broker.port}`);
    expect(lines.filter((line) => line.includes("─ "))).toEqual([
      expect.stringMatching(/^× ├─ dome\.main +failed +♥ \d+ s +cannot open port \(exit 1, not restarted\)$/),
      expect.stringMatching(/^● ├─ hello_world\.fast +ok +♥ \d+ s +1 h +Service running$/),
      expect.stringMatching(/^● └─ hello_world\.main +ok +♥ \d+ s +1 h +Service running$/),
    ]);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("1 more not shown");
  });

  test("fits the width that COLUMNS gives, in colour when that is forced", async () => {
    const { stdout } = await runTcs(["status", ...at(broker)], { env: { COLUMNS: "40", FORCE_COLOR: "1" } });
    expect(stdout).toContain("\u001b[31m×\u001b[39m");
    for (const line of stdout.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(40);
  });

  test("NO_COLOR and a plain locale are honoured", async () => {
    const env = { FORCE_COLOR: "1", NO_COLOR: "1", LC_ALL: "C" };
    expect((await runTcs(["status", ...at(broker)], { env })).stdout).toMatch(/^[ -~\n]*$/);
  });

  test("--all shows the stopped, --detailed their times, --verbose how it was read", async () => {
    const { stdout } = await runTcs(["status", "--all", "--detailed", "--verbose", ...at(broker)]);
    expect(stdout).toMatch(/○ done\.main {2}stopped/);
    expect(stdout).toMatch(/Stopped: {3}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(9 m \d+ s ago\), terminated/);
    expect(stdout).toMatch(/Collected \d+ messages in [\d.]+ ms: 0 bad, 0 odd timestamps, 0 unknown statuses/);
    expect(stdout).toMatch(/svc\.registry\.>: \d+ messages/);
  });

  test("--json is for programs", async () => {
    const { stdout, code } = await runTcs(["status", "--json", ...at(broker)]);
    expect(code).toBe(0);
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({
      version: 1,
      overall: { status: "failed", healthy: false, services: 3, running: 2, stopped: 1 },
      broker: { servers: [broker.url], origin: "command line", subject_prefix: "svc" },
    });
    expect(json.services.map((service: { service_id: string }) => service.service_id)).toEqual([
      "dome.main",
      "hello_world.fast",
      "hello_world.main",
      LAUNCHER,
    ]);
  });

  test("a word filters, in any case, and finds what is stopped", async () => {
    const { stdout } = await runTcs(["status", "DONE", ...at(broker)]);
    expect(stdout).toContain("done.main");
    expect(stdout).not.toContain("hello_world");
  });

  test("a word that matches nothing: exit code 3 and the nearest id", async () => {
    const { code, stderr, stdout } = await runTcs(["status", "helo_world.main", ...at(broker)]);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toContain('no service id contains "helo_world.main"');
    expect(stderr).toContain('did you mean "hello_world.main"?');
  });

  test("--check ends with 6 for the broken, 0 for the healthy and the stopped", async () => {
    const check = async (...words: string[]) => (await runTcs(["status", "--check", ...words, ...at(broker)])).code;
    expect(await Promise.all([check(), check("dome"), check("hello"), check("done")])).toEqual([6, 6, 0, 0]);
  });

  test("the broker's address comes from services.yaml, from .env, or from the environment", async () => {
    using folder = tempFolder();
    const options = { cwd: folder.path };
    await folder.write("services.yaml", `nats:\n  host: 127.0.0.1\n  port: ${broker.port}\n`);
    expect((await runTcs(["status"], options)).stdout).toContain("hello_world.main");
    using second = tempFolder();
    await second.write(".env", `NATS_HOST=127.0.0.1\nNATS_PORT=${broker.port}\n`);
    expect((await runTcs(["status"], { cwd: second.path })).stdout).toContain("hello_world.main");
    const env = { NATS_HOST: "127.0.0.1", NATS_PORT: String(broker.port) };
    expect((await runTcs(["status"], { env })).stdout).toContain("hello_world.main");
    await folder.write("other.yaml", "services: []\n");
    expect((await runTcs(["status", "--config", "other.yaml"], { ...options, env })).code).toBe(0);
  });

  test("another prefix is another fleet", async () => {
    const { code, stdout } = await runTcs(["status", "--prefix", "ocm.svc", ...at(broker)]);
    expect(code).toBe(0);
    expect(stdout).toContain('no streams for the prefix "ocm.svc"');
    expect(stdout).toContain("tcs run --config services.yaml");
  });

  test("a reader that goes away (head) is no error", async () => {
    const command = `"${tcsBinary()}" status --detailed ${at(broker).join(" ")} 2>&1 | head -1`;
    const child = Bun.spawn(["bash", "-c", `set -o pipefail; ${command}`], { stdout: "pipe", stderr: "pipe" });
    const [out, err] = [await child.stdout.text(), await child.stderr.text()];
    expect(out.split("\n")).toHaveLength(2);
    expect(out).toStartWith("× Overall failed");
    expect(err).toBe("");
  });
});

describe("messages captured from the Python framework", () => {
  test("are shown: a killed service is not ok", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await addStreams(open.connection);
    const jetstream = open.connection.jetstream();
    for (const name of [
      "registry.declared.process",
      "status.launcher.ok.process",
      "heartbeat.launcher.process",
      "registry.start.process",
      "status.service.ok.process",
      "heartbeat.service.process",
      "status.details.warning",
      "registry.crashed.process.sigkill",
    ]) {
      const { subject, payload } = await Bun.file(join(import.meta.dir, "../wire", `${name}.json`)).json();
      await jetstream.publish(subject, JSON.stringify(payload));
    }
    const { stdout, code } = await runTcs(["status", "--all", "--json", ...at(broker)]);
    expect(code).toBe(0);
    const services: { service_id: string }[] = JSON.parse(stdout).services;
    expect(services.find((service) => service.service_id === "hello_world.main")).toMatchObject({
      status: "error",
      health: "failed",
      crash_exit_code: -9,
      restart_state: "restarting",
      parent: "launcher.launcher.CGARii.vm-process-launcher",
    });
  });
});

describe("when there is little to see", () => {
  test("nobody listens: exit code 4 at once, naming the address and its source", async () => {
    const port = await freePort();
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const began = performance.now();
      expect((await runTcs(["status", ...at({ port })])).code).toBe(4);
      times.push(performance.now() - began);
    }
    // The least of them: the machine may be busy.
    expect(Math.min(...times)).toBeLessThan(1_000);
    const { code, stderr, stdout } = await runTcs(["status", ...at({ port })]);
    expect(code).toBe(4);
    expect(stdout).toBe("");
    expect(stderr.split("\n")[0]).toBe(
      `tcs: no NATS broker at nats://127.0.0.1:${port} (address from: command line): connection refused`,
    );
  });

  test("something listens and says nothing: the same within about a second", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const began = performance.now();
    const { code, stderr } = await runTcs(["status", ...at({ port })]);
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(code).toBe(4);
    expect(stderr).toContain("no answer within 0.9 s");
    silent.close();
  });

  test("a NATS server that is silent about its streams, as one whose disk was full: says so, and what to do", async () => {
    const mute = createServer((socket) => {
      socket.write(
        'INFO {"server_id":"x","version":"2.9.10","max_payload":1048576,"headers":true,"jetstream":true}\r\n',
      );
      socket.on("data", (data) => data.includes("PING\r\n") && socket.write("PONG\r\n"));
    });
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const address = mute.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const { code, stderr } = await runTcs(["status", ...at({ port })]);
    expect(code).toBe(1);
    expect(stderr).toContain("JetStream did not answer within 5.0 s\n");
    expect(stderr).toContain("a full disk on its host does that");
    mute.close();
  });

  test("something else than NATS answers: says so", async () => {
    using web = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    const { code, stderr } = await runTcs(["status", ...at({ port: web.port ?? 0 })]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/it is not NATS|no answer within/);
  });

  test("wrong credentials: says so", async () => {
    await using broker = await startNats({ config: 'authorization { user: "u", password: "secret" }' });
    const { code, stderr, stdout } = await runTcs(["status", ...at(broker)], {
      env: { NATS_USER: "u", NATS_PASSWORD: "wrong" },
    });
    expect(code).toBe(4);
    expect(stderr).toContain("it refuses these credentials");
    expect(stderr + stdout).not.toContain("wrong");
  });

  test("streams, but nothing ever reported: says so and what to do; --check is not content", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await addStreams(open.connection);
    const { code, stdout } = await runTcs(["status", ...at(broker)]);
    expect(code).toBe(0);
    expect(stdout).toStartWith('? Overall unknown   connected, but nothing has ever reported under the prefix "svc"\n');
    expect((await runTcs(["status", "--check", ...at(broker)])).code).toBe(6);
    const json = JSON.parse((await runTcs(["status", "--json", ...at(broker)])).stdout);
    expect(json).toMatchObject({ overall: { status: "unknown", healthy: false }, services: [] });
  });

  test("no streams at all: says exactly that", async () => {
    await using broker = await startNats();
    const { code, stdout } = await runTcs(["status", ...at(broker)]);
    expect(code).toBe(0);
    expect(stdout).toContain('connected, but the broker has no streams for the prefix "svc"');
  });

  test("a broker without JetStream: says exactly that", async () => {
    await using broker = await startNats({ jetstream: false });
    const { code, stderr } = await runTcs(["status", ...at(broker)]);
    expect(code).toBe(1);
    expect(stderr).toContain("the broker runs without JetStream");
    expect(stderr).toContain("nats-server -js");
  });

  test("a stream is missing: the rest is shown, the gap is told, --check is not content", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await addStreams(open.connection, "svc", ["status"]);
    await open.connection.jetstream().publish("svc.status.a.a", envelope({ name: "a.a", status: "error" }));
    const { code, stdout, stderr } = await runTcs(["status", "a.a", "--check", ...at(broker)]);
    expect(code).toBe(6);
    expect(stdout).toContain("a.a");
    expect(stderr).toContain("tcs: registry not read");
    expect(stderr).toContain("tcs: heartbeat not read");
  });
});

test("--legend needs no broker", async () => {
  const { code, stdout } = await runTcs(["status", "--legend"]);
  expect(code).toBe(0);
  expect(stdout).toContain("healthy: ok, idle or busy, with a heartbeat");
});

test("an unknown option, a bad port and a missing file are refused", async () => {
  expect((await runTcs(["status", "--detaild"])).stderr).toContain("did you mean --detailed?");
  expect((await runTcs(["status", "--port", "http"])).code).toBe(2);
  expect((await runTcs(["status", "--config", "missing.yaml"])).code).toBe(5);
});
