import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { type FleetChange, ServiceControlClient, type ServiceInfo } from "../../src/client/index.ts";
import { startNats } from "../support/nats.ts";
import { openProxy } from "../support/proxy.ts";
import { waitFor, within } from "../support/wait.ts";
import { LAUNCHER } from "./fleet.ts";
import { followOn, openPatient, openSpeaker } from "./following.ts";
import { addStreams, envelope } from "./publish.ts";

const ids = (services: readonly ServiceInfo[]) => services.map(({ serviceId }) => serviceId);
const said = ({ type, service }: FleetChange) => `${type} ${service.serviceId} ${service.status}`;

/** A broker with streams. */
async function startFleetBroker() {
  const broker = await startNats();
  const connection = await openPatient(broker.url);
  await addStreams(connection);
  await connection.close();
  return broker;
}

/** Without what differs between two looks at the same. */
function lasting(services: readonly ServiceInfo[]) {
  return services.map(({ heartbeatAgeSeconds: _, uptimeSeconds: __, ...rest }) => rest);
}

async function sameAsReadAnew(connection: NatsConnection, client: ServiceControlClient): Promise<void> {
  const anew = await new ServiceControlClient(connection).listServices({ includeStopped: true });
  expect(lasting(client.getCurrentServices({ includeStopped: true }))).toEqual(lasting(anew));
}

describe("by listeners", () => {
  test("what is there is known at once, what happens is told as it happens", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    await speaker.status(LAUNCHER, "ok");
    await speaker.start("a.a");
    await using following = await followOn(broker.url);
    const { client, told, until } = following;
    expect(client.followState).toBe("live");
    expect(ids(client.getCurrentServices())).toEqual(["a.a", LAUNCHER]);
    expect(client.getCurrentService("a.a")).toMatchObject({ status: "ok", running: true });
    expect(client.getCurrentTree()).toMatchObject([{ id: LAUNCHER, children: [{ id: "a.a" }] }]);
    expect(told).toEqual([]);
    await speaker.event("a.a", "crashed", { status: "error", exit_code: -9, will_restart: true });
    await speaker.event("a.a", "restarting", { status: "startup", restart_attempt: 1, max_restarts: 5 });
    await speaker.event("a.a", "start", { status: "startup", pid: 43 });
    await speaker.status("a.a", "ok", { parent: LAUNCHER, pid: 43 });
    expect((await until("update a.a ok")).filter((line) => !line.startsWith("update"))).toEqual([
      "stop a.a error",
      "start a.a startup",
    ]);
    expect(client.getCurrentService("a.a")).toMatchObject({
      crashExitCode: -9,
      restartState: "recovered",
      restartAttempt: 1,
      pid: 43,
    });
    await sameAsReadAnew(speaker.connection, client);
  });

  test("no more is told after stopFollowing, and it can be begun again", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    await using following = await followOn(broker.url);
    const { client, told, until } = following;
    client.stopFollowing();
    expect(client.followState).toBe("ended");
    expect(() => client.getCurrentServices()).toThrow("not followed");
    await speaker.start("a.a");
    await client.startFollowing();
    expect(ids(client.getCurrentServices())).toEqual(["a.a"]);
    expect(told).toEqual([]);
    await speaker.status("a.a", "busy");
    await until("update a.a busy");
  });

  test("what a listener throws is an error of the program, and following goes on", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    const script = `
      import { connect } from "nats";
      import { ServiceControlClient } from "${join(import.meta.dir, "../../src/client/index.ts")}";
      process.on("uncaughtException", ({ message }) => console.log("uncaught: " + message));
      const connection = await connect({ servers: "${broker.url}" });
      const client = new ServiceControlClient(connection);
      client.onServiceStart = () => { throw new Error("no power"); };
      client.onServiceStop = () => connection.close();
      await client.startFollowing();
      console.log("follows");
    `;
    const child = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    for await (const chunk of child.stdout) {
      said += new TextDecoder().decode(chunk);
      if (said.endsWith("follows\n")) await speaker.start("a.a");
      if (said.endsWith("no power\n")) await speaker.event("a.a", "stop", { status: "shutdown" });
    }
    expect(said).toBe("follows\nuncaught: no power\n");
    expect(await within("its end", child.exited)).toBe(0);
  });

  test("a connection that is closed cannot be followed", async () => {
    await using broker = await startFleetBroker();
    const connection = await openPatient(broker.url);
    await connection.close();
    const client = new ServiceControlClient(connection);
    expect(client.startFollowing()).rejects.toThrow("closed");
    expect(client.follow().next()).rejects.toThrow("closed");
    await waitFor("the end", () => client.followState === "ended");
  });
});

describe("by an iterator", () => {
  test("what is there comes first, then each change; the signal ends it", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    await speaker.start("a.a");
    const connection = await openPatient(broker.url);
    const client = new ServiceControlClient(connection);
    const end = new AbortController();
    const told: string[] = [];
    for await (const change of client.follow(end.signal)) {
      told.push(said(change));
      if (change.type === "known") await speaker.event("a.a", "stop", { status: "shutdown", reason: "terminated" });
      if (change.type === "stop") await speaker.event("b.b", "start", { status: "startup" });
      if (change.type === "start") end.abort();
    }
    expect(told).toEqual(["known a.a ok", "stop a.a shutdown", "start b.b startup"]);
    expect(client.followState).toBe("ended");
    await connection.close();
  });

  test("several readers share one reading; it ends with the last", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    await using following = await followOn(broker.url);
    const { client, told } = following;
    const one = client.follow();
    const other = client.follow();
    const firsts = [one.next(), other.next()];
    await waitFor("the readers", () => client.followState === "live");
    await speaker.status("a.a", "ok");
    for (const first of firsts)
      expect(said((await within("a change", first)).value as FleetChange)).toEndWith("a.a ok");
    client.stopFollowing();
    expect(client.followState).toBe("live");
    await one.return();
    await speaker.status("a.a", "busy");
    expect(said((await within("a change", other.next())).value as FleetChange)).toBe("update a.a busy");
    expect(told).not.toContain("update a.a busy");
    await other.return();
    expect(client.followState).toBe("ended");
  });

  test("it ends when the connection is closed by its owner", async () => {
    await using broker = await startFleetBroker();
    const connection = await openPatient(broker.url);
    const client = new ServiceControlClient(connection);
    const reader = client.follow();
    const next = reader.next();
    await waitFor("the reading", () => client.followState === "live");
    await connection.close();
    expect(await within("the end", next)).toEqual({ done: true, value: undefined });
  });

  test("it throws when the client of the connection gives up", async () => {
    await using broker = await startFleetBroker();
    const connection = await connect({ servers: broker.url, maxReconnectAttempts: 1, reconnectTimeWait: 10 });
    const client = new ServiceControlClient(connection);
    const next = client.follow().next();
    await waitFor("the reading", () => client.followState === "live");
    await broker.stop();
    expect(within("the end", next)).rejects.toThrow("the connection to the broker is closed");
    await connection.closed();
  });
});

describe("over outages", () => {
  test("what happened while the connection was away is told in order, each once", async () => {
    await using broker = await startFleetBroker();
    await using proxy = await openProxy(broker.port);
    await using speaker = await openSpeaker(broker.url);
    await speaker.start("a.a");
    await speaker.start("quiet.one");
    await using following = await followOn(proxy.url);
    const { client, told, states, until } = following;
    proxy.black();
    await waitFor("the client to find out", () => client.followState === "away");
    for (let round = 1; round <= 3; round++) {
      await speaker.event("a.a", "crashed", { status: "error", exit_code: round, will_restart: true });
      await speaker.event("a.a", "start", { status: "startup", pid: 100 + round });
    }
    await speaker.status("a.a", "busy", { parent: LAUNCHER });
    expect(told).toEqual([]);
    expect(client.getCurrentService("a.a")).toMatchObject({ status: "ok" });
    proxy.heal();
    const lines = await until("update a.a busy");
    expect(lines.filter((line) => !line.startsWith("update"))).toEqual([
      "stop a.a error",
      "start a.a startup",
      "stop a.a error",
      "start a.a startup",
      "stop a.a error",
      "start a.a startup",
    ]);
    expect(lines.filter((line) => line.includes("quiet"))).toEqual([]);
    await waitFor("the reading", () => client.followState === "live");
    expect(states.slice(0, 2)).toEqual(["live", "away"]);
    expect(states.slice(-2)).toEqual(["reading", "live"]);
    await sameAsReadAnew(speaker.connection, client);
  });

  test("a broker that is restarted over and over loses and doubles nothing", async () => {
    await using broker = await startNats();
    await using speaker = await openSpeaker(broker.url);
    const manager = await speaker.connection.jetstreamManager();
    for (const kind of ["registry", "status", "heartbeat"]) {
      await manager.streams.add({ name: `svc_${kind}`, subjects: [`svc.${kind}.>`], max_msgs_per_subject: 100 });
    }
    await speaker.start("a.a");
    await using following = await followOn(broker.url);
    const { client, told } = following;
    for (let round = 1; round <= 5; round++) {
      if (round % 2 === 0) await broker.kill();
      else await broker.stop();
      await broker.start();
      await waitFor("JetStream", () => speaker.connection.request("$JS.API.INFO", "", { timeout: 200 }));
      await speaker.event("a.a", "crashed", { status: "error", exit_code: round, will_restart: true });
      await speaker.event("a.a", "start", { status: "startup", pid: round });
    }
    await speaker.status("a.a", "busy", { parent: LAUNCHER });
    await waitFor("the last word", () => told.includes("update a.a busy"));
    expect(told.filter((line) => line.startsWith("stop"))).toHaveLength(5);
    expect(told.filter((line) => line.startsWith("start"))).toHaveLength(5);
    await waitFor("the reading", () => client.followState === "live");
    await sameAsReadAnew(speaker.connection, client);
  });

  test("another connection may take the place of one that was closed", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    await speaker.start("a.a");
    await using following = await followOn(broker.url);
    const { client, connection, until } = following;
    await connection.close();
    await waitFor("the end", () => client.followState === "away");
    await speaker.event("a.a", "stop", { status: "shutdown" });
    expect(client.getCurrentService("a.a")?.status).toBe("ok");
    const other = await openPatient(broker.url);
    client.useConnection(other);
    await until("stop a.a shutdown");
    client.stopFollowing();
    await other.close();
  });
});

describe("streams", () => {
  test("that are missing are followed when they appear", async () => {
    await using broker = await startNats();
    await using speaker = await openSpeaker(broker.url);
    await addStreams(speaker.connection, "svc", ["status"]);
    await speaker.status("a.a", "ok");
    await using following = await followOn(broker.url);
    const { client, until } = following;
    expect(ids(client.getCurrentServices())).toEqual(["a.a"]);
    const faults = () => client.followReport()?.streams.map(({ kind, fault }) => `${kind} ${fault?.reason ?? "read"}`);
    expect(faults()).toEqual(["registry no_stream", "status read", "heartbeat no_stream"]);
    await addStreams(speaker.connection, "svc", ["registry", "heartbeat"]);
    await speaker.event("a.a", "start", { status: "startup", hostname: "vm", pid: 5 });
    await until("update a.a ok");
    await waitFor("all to be read", () => faults()?.every((line) => line.endsWith(" read")));
    expect(client.getCurrentService("a.a")).toMatchObject({ pid: 5, host: "vm" });
  });

  test("a broker without JetStream is no reason to wait for ever", async () => {
    await using broker = await startNats({ jetstream: false });
    await using following = await followOn(broker.url);
    expect(following.client.getCurrentServices()).toEqual([]);
    const reasons = following.client.followReport()?.streams.map(({ fault }) => fault?.reason);
    expect(reasons).toEqual(["no_jetstream", "no_jetstream", "no_jetstream"]);
  });
});

// These take the seconds after which silence is noticed: together.
describe("a broker that says nothing more", () => {
  test.concurrent("a broker that does not answer is taken for one that is away, until it does", async () => {
    await using broker = await startFleetBroker();
    await using proxy = await openProxy(broker.port);
    await using speaker = await openSpeaker(broker.url);
    await speaker.start("a.a");
    // It does not notice by itself.
    const connection = await connect({ servers: proxy.url, pingInterval: 60_000 });
    proxy.black();
    const client = new ServiceControlClient(connection);
    await client.startFollowing();
    expect(client.followState).toBe("away");
    expect(client.getCurrentServices()).toEqual([]);
    proxy.heal();
    await waitFor("the service", () => client.getCurrentService("a.a"));
    await waitFor("the reading", () => client.followState === "live");
    client.stopFollowing();
    await connection.close();
  });

  test.concurrent("a consumer that vanishes is missed, and what it did not bring is told", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    await speaker.start("a.a");
    await using following = await followOn(broker.url);
    const manager = await speaker.connection.jetstreamManager();
    for (const kind of ["registry", "status"]) {
      for await (const { name } of manager.consumers.list(`svc_${kind}`))
        await manager.consumers.delete(`svc_${kind}`, name);
    }
    await speaker.status("a.a", "busy");
    await speaker.status("a.a", "idle");
    expect(await following.until("update a.a idle")).toContain("update a.a busy");
  });

  test.concurrent("streams that were deleted and made anew are followed", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    for (let i = 0; i < 10; i++) await speaker.start("a.a");
    await speaker.event("a.a", "crashed", { status: "failed", exit_code: 1, will_restart: false });
    await using following = await followOn(broker.url);
    const { client, until } = following;
    const manager = await speaker.connection.jetstreamManager();
    await manager.streams.delete("svc_registry");
    await addStreams(speaker.connection, "svc", ["registry"]);
    await speaker.event("a.a", "start", { status: "startup", pid: 77 });
    await until("start a.a ok");
    expect(client.getCurrentService("a.a")).toMatchObject({ crashTime: undefined, declared: false });
    await sameAsReadAnew(speaker.connection, client);
  });
});

describe("junk is counted, skipped and told once", () => {
  test("of every kind, at the beginning and while following", async () => {
    await using broker = await startFleetBroker();
    await using speaker = await openSpeaker(broker.url);
    await speaker.start("a.a");
    const bad: string[] = [];
    const connection = await openPatient(broker.url);
    const client = new ServiceControlClient(connection);
    client.onBadMessage = ({ subject, fault }) => bad.push(`${subject.slice(4)}: ${fault}`);
    const talkJunk = async () => {
      await speaker.raw("status.junk.text", "no JSON at all");
      await speaker.raw("status.junk.bytes", Uint8Array.of(0xff, 0xfe, 0));
      await speaker.raw("status.junk.large", envelope({ message: "x".repeat(1_000_000) }));
      await speaker.raw("status.junk.list", envelope([1, 2]));
      await speaker.raw("heartbeat.junk.null", "null");
      await speaker.raw("registry.vanished.a.b", envelope({ event: "vanished" }));
      await speaker.raw("status.a.*.b", envelope({ status: "ok" }));
      await speaker.raw("status.a.>", envelope({ status: "ok" }));
    };
    await talkJunk();
    await client.startFollowing();
    await talkJunk();
    await talkJunk();
    // A cycle of parents; names, parts and times that make no sense.
    await speaker.status("cycle.one", "ok", { parent: "cycle.two" });
    await speaker.status("cycle.two", "ok", { parent: "cycle.one" });
    await speaker.status("own.parent", "ok", { parent: "own.parent" });
    await speaker.status("odd.parent", "ok", { parent: "a.*.>" });
    const parts = Array.from({ length: 4_000 }, (_, i) => ({ name: `p${i}`, status: "ok", children: 7 }));
    await speaker.status("many.parts", "ok", { details: { children: parts } });
    for (const [id, year] of [
      ["from.past", 1970],
      ["from.future", 2999],
    ] as const) {
      await speaker.status(id, "ok", { timestamp: [year, 1, 1, 0, 0, 0, 0] });
    }
    await speaker.status("no.time", "ok", { timestamp: ["now"] });
    await waitFor("the last", () => client.getCurrentService("no.time"));
    expect(ids(client.getCurrentServices({ includeStopped: true }))).toEqual(
      [
        "a.a",
        "cycle.one",
        "cycle.two",
        "from.future",
        "from.past",
        LAUNCHER,
        "many.parts",
        "no.time",
        "odd.parent",
        "own.parent",
      ].filter((id) => id !== LAUNCHER),
    );
    expect(client.getCurrentService("many.parts")?.children).toHaveLength(1_000);
    expect(client.getCurrentService("odd.parent")?.parent).toBeUndefined();
    expect(client.getCurrentTree({ includeStopped: true }).length).toBeGreaterThan(0);
    expect(bad.map((line) => line.split(":")[0]).sort()).toEqual([
      "heartbeat.junk.null",
      "registry.vanished.a.b",
      "status.a.*.b",
      "status.a.>",
      "status.junk.bytes",
      "status.junk.large",
      "status.junk.list",
      "status.junk.text",
    ]);
    const report = client.followReport();
    const unread = report?.streams.reduce((sum, stream) => sum + stream.bad, 0) ?? 0;
    // The last of each at first, then each of two rounds.
    expect(unread + (report?.counts.junk ?? 0)).toBe(8 * 3);
    client.stopFollowing();
    await connection.close();
  });
});
