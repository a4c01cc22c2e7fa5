// The doctor at real brokers, well and ill.
import { afterEach, describe, expect, setSystemTime, test } from "bun:test";
import { connect, type NatsConnection, RetentionPolicy, StorageType } from "nats";
import { ensureStreams } from "../../src/broker/index.ts";
import { bucketName } from "../../src/launcher/ownership/owners-bucket.ts";
import { FakeFleet } from "../client/fleet.ts";
import { envelope, openConnection, publishFleet } from "../client/publish.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { openProxy } from "../support/proxy.ts";
import { waitFor } from "../support/wait.ts";
import { examine, said } from "./support.ts";

describe("the connection", () => {
  test("is told with its address, who said so, and the broker's version", async () => {
    await using broker = await startNats();
    const diagnosis = await examine(broker.url);
    expect(diagnosis.reachable).toBe(true);
    expect(said(diagnosis, "connection")).toEqual([
      expect.stringMatching(new RegExp(`^ok: ${broker.url} \\(from: a test\\), nats-server \\d+\\.\\d+\\.\\d+$`)),
    ]);
    expect(said(diagnosis, "round trip")).toEqual([expect.stringMatching(/^ok: \d+\.\d ms \(median of 9, at most/)]);
  });

  test("a broker that is away is an error; what needs one is skipped, the host is checked all the same", async () => {
    const diagnosis = await examine(`nats://127.0.0.1:${await freePort()}`);
    expect(diagnosis).toMatchObject({ reachable: false, level: "error" });
    expect(said(diagnosis, "connection")).toEqual([
      expect.stringMatching(
        /^error: nats:\/\/127\.0\.0\.1:\d+ \(from: a test\): connection refused -> start one with "tcs run"/,
      ),
    ]);
    expect(said(diagnosis, "streams")).toEqual(["skipped: broker"]);
    expect(said(diagnosis, "program")).toEqual([expect.stringMatching(/^ok: tcs /)]);
  });

  test("one that takes the call and says nothing is given up", async () => {
    await using broker = await startNats();
    await using proxy = await openProxy(broker.port);
    proxy.black();
    const diagnosis = await examine(proxy.url);
    expect(said(diagnosis, "connection")).toEqual([expect.stringMatching(/^error: .*: no answer within 2\.0 s/)]);
  });

  test("of several servers each is tried", async () => {
    await using broker = await startNats();
    const gone = `nats://127.0.0.1:${await freePort()}`;
    const diagnosis = await examine([gone, broker.url]);
    expect(diagnosis.reachable).toBe(true);
    expect(said(diagnosis, "connection")).toEqual([
      expect.stringMatching(/^warning: .*connection refused -> others of the list answer/),
      expect.stringMatching(/^ok: /),
    ]);
  });

  test("two brokers that know nothing of each other are an error, two names of one are not", async () => {
    await using broker = await startNats();
    await using other = await startNats();
    const split = await examine([broker.url, other.url]);
    expect(said(split, "connection")[2]).toMatch(
      /^error: .* are 2 brokers that know nothing of each other: each sees a part of the fleet -> name only one/,
    );
    const same = await examine([broker.url, `nats://localhost:${broker.port}`]);
    expect(said(same, "connection").map((line) => line.slice(0, 3))).toEqual(["ok:", "ok:"]);
  });
});

test("without JetStream: one error that says what to do, and no other complaint about it", async () => {
  await using broker = await startNats({ jetstream: false });
  const diagnosis = await examine(broker.url);
  expect(said(diagnosis, "JetStream")).toEqual([
    expect.stringMatching(
      /^error: no JetStream: nothing that services say is kept.* -> start the broker with JetStream/,
    ),
  ]);
  expect(diagnosis.reports.filter(({ findings }) => findings.some(({ level }) => level === "error"))).toHaveLength(1);
  for (const name of ["streams", "owners", "clock", "services", "duplicates", "versions"]) {
    expect(said(diagnosis, name)).toEqual(["skipped: jetstream"]);
  }
});

describe("the streams", () => {
  /** What is said of the streams when they are as `make` leaves them. */
  async function streamsAfter(make: (connection: NatsConnection) => Promise<unknown>, prefix = "svc") {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await make(open.connection);
    return said(await examine(broker.url, { subjectPrefix: prefix }), "streams");
  }
  const remake = (name: string, config: object) => async (connection: NatsConnection) => {
    await ensureStreams(connection);
    const manager = await connection.jetstreamManager();
    await manager.streams.delete(name);
    await manager.streams.add({ name, ...config });
  };

  test("as tcs makes them are well, also under another prefix", async () => {
    expect(await streamsAfter(ensureStreams)).toEqual([
      "ok: svc_registry, svc_status, svc_heartbeat, svc_log store all they should",
    ]);
    expect(await streamsAfter((connection) => ensureStreams(connection, "ocm.svc"), "ocm.svc")).toEqual([
      "ok: ocm_svc_registry, ocm_svc_status, ocm_svc_heartbeat, ocm_svc_log store all they should",
    ]);
  });

  test("that are missing are told one by one", async () => {
    expect(await streamsAfter(async () => undefined)).toEqual(
      ["registry", "status", "heartbeat", "log"].map(
        (kind) =>
          `error: nothing stores svc.${kind}.> -> "tcs run" and "tcs broker" make the stream svc_${kind} when they start`,
      ),
    );
    const one = await streamsAfter(async (connection) => {
      await ensureStreams(connection);
      await (await connection.jetstreamManager()).streams.delete("svc_status");
    });
    expect(one).toEqual([expect.stringMatching(/^error: nothing stores svc\.status\.>/)]);
  });

  test("with wrong subjects, or such that reports are lost, say how to mend them", async () => {
    const memory = { storage: StorageType.Memory };
    const wrong = { subjects: ["other.status.>"], ...memory };
    expect(await streamsAfter(remake("svc_status", wrong))).toEqual([
      "error: nothing stores svc.status.>: the stream svc_status is there, but stores other.status.> -> nats stream edit svc_status --subjects 'svc.status.>'",
    ]);
    const part = { subjects: ["svc.status.dome.>"], max_bytes: 2 ** 24 };
    expect(await streamsAfter(remake("svc_status", part))).toEqual([
      expect.stringMatching(/^error: svc_status stores only a part of svc\.status\.>/),
    ]);
    const queue = { subjects: ["svc.status.>"], retention: RetentionPolicy.Workqueue, ...memory };
    expect(await streamsAfter(remake("svc_status", queue))).toEqual([
      expect.stringMatching(/^error: svc_status has retention "workqueue"/),
      expect.stringMatching(/^warning: svc_status is kept in memory/),
    ]);
  });

  test("of an operator's own names are left in peace; one that swallows requests is not", async () => {
    const operators = async (connection: NatsConnection) => {
      const manager = await connection.jetstreamManager();
      await manager.streams.add({ name: "FLEET", subjects: ["svc.registry.>", "svc.status.>", "svc.heartbeat.>"] });
      await manager.streams.add({ name: "LOG", subjects: ["svc.log.>"] });
    };
    expect(await streamsAfter(operators)).toEqual(["ok: FLEET, FLEET, FLEET, LOG store all they should"]);
    const all = async (connection: NatsConnection) => {
      await (await connection.jetstreamManager()).streams.add({ name: "ALL", subjects: ["svc.>"] });
    };
    expect(await streamsAfter(all)).toEqual([
      expect.stringMatching(/^error: ALL stores svc\.rpc\.>: requests to services are answered by the stream/),
    ]);
  });
});

describe("permissions", () => {
  const config = `accounts { A { jetstream: enabled, users: [
    {user: all, password: x}
    {user: viewer, password: x, permissions: {
      publish: {allow: ["$JS.API.STREAM.NAMES", "$JS.API.STREAM.INFO.*", "$JS.API.CONSUMER.>", "$JS.API.INFO"]}
      subscribe: {allow: ["_INBOX.>"]}}}
    {user: deaf, password: x, permissions: {publish: {allow: [">"]}, subscribe: {deny: ["_INBOX.>"]}}}
    {user: service, password: x, permissions: {publish: {deny: ["svc.registry.>", "svc.log.>"]}}}
  ] } }`;

  test("are told by role, with what is missing, in words for the broker's configuration", async () => {
    await using broker = await startNats({ config });
    const admin = await connect({ servers: broker.url, user: "all", pass: "x" });
    await ensureStreams(admin);
    const of = async (user: string) => said(await examine(broker.url, { user, password: "x" }), "permissions");
    expect(await of("all")).toEqual([`ok: the user "all" may see the fleet, give orders, report, and run launchers`]);
    expect(await of("service")).toEqual([
      `ok: the user "service" has the rights of an operator: may see the fleet, give orders to launchers and services, report for a service`,
      `warning: the user "service" may not run a launcher -> in the broker's configuration allow the user "service": publish svc.registry.>, publish svc.log.>`,
    ]);
    const viewer = await of("viewer");
    expect(viewer.map((line) => line.split(" -> ")[0])).toEqual([
      `ok: the user "viewer" has the rights of a viewer: may see the fleet`,
      `warning: the user "viewer" may not give orders to launchers and services`,
      `warning: the user "viewer" may not report for a service`,
      `warning: the user "viewer" may not run a launcher`,
    ]);
    expect(viewer[2]).toContain("publish svc.status.>, publish svc.heartbeat.>, subscribe svc.rpc.>");
    expect((await of("deaf"))[0]).toMatch(/^error: the user "deaf" may not see the fleet -> .*: subscribe _INBOX\.>$/);
    await admin.close();
  });

  test("that are missing are no trouble of the fleet: who may only look is not told that launchers hang", async () => {
    await using broker = await startNats({ config });
    const admin = await connect({ servers: broker.url, user: "all", pass: "x" });
    await ensureStreams(admin);
    const js = admin.jetstream();
    const { meta } = JSON.parse(envelope({}));
    const launcher = { name: "launcher.a", status: "ok", hostname: "vm", pid: 1, timestamp: meta.ts };
    await js.publish("svc.status.launcher.a", envelope(launcher));
    const beat = { service_id: "launcher.a", status: "ok", sequence: 0, timestamp: meta.ts };
    await js.publish("svc.heartbeat.launcher.a", envelope(beat));
    const diagnosis = await examine(broker.url, { user: "viewer", password: "x" });
    expect(said(diagnosis, "versions")).toEqual([expect.stringMatching(/^ok: this user may not ask the launchers;/)]);
    // To somebody who may ask it, the same launcher is silent.
    const asked = await examine(broker.url, { user: "all", password: "x" });
    expect(said(asked, "versions")[0]).toMatch(/^warning: launcher\.a beats, and does not answer/);
    await admin.close();
  });

  test("are tried without leaving anything in any stream", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await ensureStreams(open.connection);
    const bucket = `KV_${bucketName("svc")}`;
    const manager = await open.connection.jetstreamManager();
    await manager.streams.add({ name: bucket, subjects: [`$KV.${bucketName("svc")}.>`] });
    expect(said(await examine(broker.url), "permissions")).toEqual([expect.stringMatching(/^ok: /)]);
    for (const name of ["svc_registry", "svc_status", "svc_heartbeat", "svc_log", bucket]) {
      const { state } = await manager.streams.info(name);
      // Not even once, and removed again: the last number ever given is 0.
      expect([name, state.last_seq]).toEqual([name, 0]);
    }
    expect((await manager.streams.names().next()).toSorted()).toEqual(
      [bucket, "svc_heartbeat", "svc_log", "svc_registry", "svc_status"].toSorted(),
    );
    // What the clock was read from goes, too.
    await waitFor("no consumer", async () => (await manager.streams.info("svc_status")).state.consumer_count === 0);
  });

  test("credentials that are refused, and an account without JetStream, are told as that", async () => {
    const accounts = "accounts { A { users: [ {user: plain, password: x} ] } }";
    await using broker = await startNats({ config: accounts });
    const refused = await examine(broker.url, { user: "plain", password: "wrong" });
    expect(refused.reachable).toBe(false);
    expect(said(refused, "connection")).toEqual([
      expect.stringMatching(
        /as "plain"\): it refuses these credentials \(the user "plain"\) -> check nats\.user and its password/,
      ),
    ]);
    const plain = await examine(broker.url, { user: "plain", password: "x" });
    expect(said(plain, "JetStream")).toEqual([expect.stringMatching(/^error: no JetStream/)]);
    expect(JSON.stringify([refused, plain])).not.toContain("wrong");
  });

  test("an account that is nearly full is a doubt", async () => {
    const small = "accounts { A { jetstream: {max_file: 1M, max_mem: 1M}, users: [ {user: all, password: x} ] } }";
    await using broker = await startNats({ config: small });
    const connection = await connect({ servers: broker.url, user: "all", pass: "x" });
    const manager = await connection.jetstreamManager();
    await manager.streams.add({ name: "OTHER", subjects: ["other.>"] });
    const js = connection.jetstream();
    for (let i = 0; i < 19; i++) await js.publish("other.x", new Uint8Array(50_000));
    expect(said(await examine(broker.url, { user: "all", password: "x" }), "JetStream")).toEqual([
      expect.stringMatching(/^warning: 1 stream, .* of .* free: nearly full -> raise max_file/),
    ]);
    await connection.close();
  });
});

describe("the clock", () => {
  afterEach(() => {
    setSystemTime();
  });

  test("of this host is measured against the broker's, within milliseconds", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await ensureStreams(open.connection);
    const [finding = ""] = said(await examine(broker.url), "clock");
    expect(finding).toMatch(/^ok: the broker's within \d+(\.\d)? ms$/);
    // By half an hour, as after a flat battery.
    setSystemTime(new Date(Date.now() + 1_800_000));
    expect(said(await examine(broker.url), "clock")[0]).toMatch(
      /^error: 0\.5 h ahead of the broker's \(±.*\): ages and states are shown wrongly -> .*NTP/,
    );
  });

  test("of another host is told by the stamps of its heartbeats", async () => {
    await using broker = await startNats();
    await publishFleet(broker.url, new FakeFleet().launcher().healthy("dome.main"));
    await using open = await openConnection(broker.url);
    const later = JSON.parse(envelope({ service_id: "dome.main", status: "ok", sequence: 1 }));
    later.meta.ts[0] += 1;
    await open.connection.jetstream().publish("svc.heartbeat.dome.main", JSON.stringify(later));
    expect(said(await examine(broker.url), "clock")[1]).toMatch(/^error: host vm: its clock is 87\d\d\.\d h ahead of/);
  });
});

describe("the fleet", () => {
  test("its troubles are told, with the command that tells more", async () => {
    await using broker = await startNats();
    const fleet = new FakeFleet()
      .launcher()
      .healthy("hello_world.main")
      .healthy("dome.main", 3_600, 500)
      .event("dome.main", "crashed", 400, { status: "failed", exit_code: 1, will_restart: false });
    await publishFleet(broker.url, fleet);
    const diagnosis = await examine(broker.url);
    expect(said(diagnosis, "services")).toEqual([
      expect.stringMatching(/^error: dome\.main failed: .* -> tcs why dome\.main$/),
    ]);
    // It speaks as a launcher of Python would: no count in its heartbeats.
    expect(said(diagnosis, "versions")).toEqual(["ok: of the Python framework: 1 launcher, 2 services"]);
  });

  test("one service in two processes is told with both of them", async () => {
    await using broker = await startNats();
    await publishFleet(broker.url, new FakeFleet().launcher().healthy("dome.main"));
    await using open = await openConnection(broker.url);
    const js = open.connection.jetstream();
    const say = (kind: string, sender: string, data: object) => {
      const { meta } = JSON.parse(envelope({}));
      return js.publish(`svc.${kind}.dome.main`, JSON.stringify({ data, meta: { ...meta, sender } }));
    };
    await say("status", "one", { name: "dome.main", status: "ok", pid: 11, hostname: "north" });
    await say("status", "two", { name: "dome.main", status: "ok", pid: 22, hostname: "south" });
    for (const sender of ["one", "two", "one", "two"]) await say("heartbeat", sender, { service_id: "dome.main" });
    expect(said(await examine(broker.url), "duplicates")).toEqual([
      expect.stringMatching(
        /^error: dome\.main runs 2 times: pid 11 on north and pid 22 on south -> end one of them; tcs why dome\.main tells which launcher has it$/,
      ),
    ]);
  });

  test("messages that are junk, and ids that are none, do not stop it", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await ensureStreams(open.connection);
    const js = open.connection.jetstream();
    await js.publish("svc.heartbeat.dome.main", "no json");
    await js.publish("svc.heartbeat.dome.main", new Uint8Array([0xff, 0xfe]));
    await js.publish("svc.heartbeat.x", envelope({ service_id: 7, sequence: "many" }));
    await js.publish("svc.status.launcher.y", envelope({ name: "launcher.y", status: "ok", hostname: 5, pid: "no" }));
    const diagnosis = await examine(broker.url);
    for (const { name, findings } of diagnosis.reports) {
      expect([name, findings.some(({ text }) => text.startsWith("could not be checked"))]).toEqual([name, false]);
    }
  });
});
