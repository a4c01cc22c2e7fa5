import { describe, expect, test } from "bun:test";
import { ServiceControlClient } from "../../src/client/index.ts";
import { startNats } from "../support/nats.ts";
import { FakeFleet, LAUNCHER } from "./fleet.ts";
import { addStreams, envelope, openConnection, publishFleet } from "./publish.ts";

const ids = (services: readonly { serviceId: string }[]) => services.map(({ serviceId }) => serviceId);
const stop = { status: "shutdown", reason: "terminated" };

describe("a client on a real broker", () => {
  test("lists what is current; with includeStopped everything; and finds one by its id", async () => {
    await using broker = await startNats();
    const fleet = new FakeFleet()
      .launcher()
      .healthy("a.up")
      .healthy("b.down", 600, 60)
      .event("b.down", "stop", 50, stop);
    await publishFleet(broker.url, fleet);
    await using open = await openConnection(broker.url);
    const client = new ServiceControlClient(open.connection);
    expect(ids(await client.listServices())).toEqual(["a.up", LAUNCHER]);
    expect(ids(await client.listServices({ includeStopped: true }))).toEqual(["a.up", "b.down", LAUNCHER]);
    expect(await client.getService("b.down")).toMatchObject({ status: "shutdown", health: "stopped" });
    expect(await client.getService("nobody.here")).toBeUndefined();
  });

  test("reads a fleet under a prefix with dots, and no other", async () => {
    await using broker = await startNats();
    await publishFleet(broker.url, new FakeFleet("ocm.svc").launcher().healthy("a.a"));
    await using open = await openConnection(broker.url);
    const fleet = await new ServiceControlClient(open.connection, { subjectPrefix: "ocm.svc" }).readFleet();
    expect(ids(fleet.services)).toEqual(["a.a", LAUNCHER]);
    const other = await new ServiceControlClient(open.connection).readFleet();
    expect(other.services).toEqual([]);
    expect(other.streams.map(({ fault }) => fault?.reason)).toEqual(["no_stream", "no_stream", "no_stream"]);
  });

  test("skips and counts junk", async () => {
    await using broker = await startNats();
    await publishFleet(broker.url, new FakeFleet().launcher().healthy("a.a"));
    await using open = await openConnection(broker.url);
    const jetstream = open.connection.jetstream();
    await jetstream.publish("svc.status.junk.text", "this is no JSON");
    await jetstream.publish("svc.status.junk.bytes", new Uint8Array([0xff, 0xfe, 0]));
    await jetstream.publish("svc.status.junk.list", envelope([1, 2]));
    await jetstream.publish("svc.registry.vanished.junk.event", envelope({ event: "vanished" }));
    const fleet = await new ServiceControlClient(open.connection).readFleet();
    expect(ids(fleet.services)).toEqual(["a.a", LAUNCHER]);
    const unread = fleet.streams.reduce((sum, { bad }) => sum + bad, 0);
    expect(unread + fleet.counts.junk).toBe(4);
  });

  test("says which stream is missing and reads the others", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await addStreams(open.connection, "svc", ["status"]);
    await open.connection.jetstream().publish("svc.status.a.a", envelope({ name: "a.a", status: "error" }));
    const fleet = await new ServiceControlClient(open.connection).readFleet();
    expect(fleet.streams.map(({ kind, fault }) => `${kind} ${fault?.reason ?? "read"}`)).toEqual([
      "registry no_stream",
      "status read",
      "heartbeat no_stream",
    ]);
    expect(fleet.services).toMatchObject([{ serviceId: "a.a", status: "error" }]);
  });

  test("says that a broker has no JetStream", async () => {
    await using broker = await startNats({ jetstream: false });
    await using open = await openConnection(broker.url);
    const { streams, services } = await new ServiceControlClient(open.connection).readFleet();
    expect(streams.map(({ fault }) => fault?.reason)).toEqual(["no_jetstream", "no_jetstream", "no_jetstream"]);
    expect(services).toEqual([]);
  });
});
