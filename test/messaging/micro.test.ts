// The NATS services protocol, seen by the nats client's own discovery.
import { expect, test } from "bun:test";
import { connect, type NatsConnection, RequestStrategy } from "nats";
import { Messenger, RpcServer, Subjects } from "../../src/messaging/index.ts";
import { microName } from "../../src/messaging/micro.ts";
import { askRpc } from "../../src/messaging/rpc.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";

async function withServer<T>(
  use: (rpc: RpcServer, client: NatsConnection, messenger: Messenger) => Promise<T>,
): Promise<T> {
  await using broker = await startNats();
  const settings = { servers: [broker.url], required: true, subjectPrefix: "svc", origin: "test" };
  await using messenger = new Messenger({ settings, name: "test" });
  await messenger.open();
  const rpc = new RpcServer({ messenger, subjects: new Subjects() });
  const client = await connect({ servers: broker.url });
  try {
    return await use(rpc, client, messenger);
  } finally {
    rpc.close();
    await client.close();
  }
}

const about = (kind: string, id: string) => ({
  kind,
  description: `Service ${id}`,
  metadata: () => ({ service_id: id }),
  commands: () => ["health", "expose", "start."],
});

const found = async <T>(answers: AsyncIterable<T>) => await Array.fromAsync(answers);

test("a service is found by all, by its kind and by its id, and by no other", async () => {
  await withServer(async (rpc, client) => {
    const end = rpc.announce("examples.minimal.main", about("examples.minimal", "examples.minimal.main"));
    rpc.announce("dome.main", about("dome", "dome.main"));
    const micro = client.services.client();
    const all = await waitFor("both", async () => {
      const answers = await found(await micro.ping());
      return answers.length === 2 ? answers : undefined;
    });
    expect(all.map(({ name }) => name).sort()).toEqual(["dome", "examples_minimal"]);
    expect(all.find(({ name }) => name === "dome")?.metadata).toEqual({ service_id: "dome.main" });
    const [one] = await found(await micro.ping("examples_minimal"));
    expect(await found(await micro.ping("examples_minimal", one?.id))).toHaveLength(1);
    expect(await found(await micro.ping("dome", one?.id))).toEqual([]);
    end();
    expect(await found(await micro.ping())).toHaveLength(1);
  });
});

test("its endpoints are its commands, with what has become of them", async () => {
  await withServer(async (rpc, client) => {
    rpc.serve("dome.main", ({ command }) => {
      if (command === "expose") throw new Error("no camera");
      return {};
    });
    rpc.announce("dome.main", about("dome", "dome.main"));
    const ask = (command: string) => askRpc(client, `svc.rpc.dome.main.v1.${command}`, {}, { limitMs: 5_000 });
    await waitFor("an answer", () => ask("health").then(() => true));
    await ask("expose").catch(() => undefined);
    const micro = client.services.client();
    const [info] = await found(await micro.info("dome"));
    expect(info).toMatchObject({ name: "dome", description: "Service dome.main" });
    expect(info?.version).toMatch(/^\d+\.\d+\.\d+(\+[0-9A-Za-z.-]+)?$/);
    expect(info?.endpoints.map(({ name, subject }) => `${name} ${subject}`)).toEqual([
      "health svc.rpc.dome.main.v1.health",
      "expose svc.rpc.dome.main.v1.expose",
      "start svc.rpc.dome.main.v1.start.>",
    ]);
    const [stats] = await found(await micro.stats("dome"));
    const [health, expose, start] = stats?.endpoints ?? [];
    expect(health).toMatchObject({ num_errors: 0, last_error: "" });
    expect(health?.num_requests).toBeGreaterThanOrEqual(1);
    expect(health?.processing_time).toBeGreaterThan(0);
    expect(expose).toMatchObject({ num_requests: 1, num_errors: 1, last_error: "no camera" });
    expect(start).toMatchObject({ num_requests: 0, average_processing_time: 0 });
  });
});

test("a thousand services of one connection take six subscriptions, and all of them answer", async () => {
  await withServer(async (rpc, client, messenger) => {
    for (let i = 0; i < 1_000; i++) rpc.announce(`many.n${i}`, about("many", `many.n${i}`));
    // The client's own count; it tells no other way. One is the messenger's, for acknowledgements.
    expect(Reflect.get(messenger.connection ?? {}, "protocol").subscriptions.size()).toBe(7);
    const answers = await waitFor("all", async () => {
      const all = await found(await client.services.client({ strategy: RequestStrategy.Timer, maxWait: 2_000 }).ping());
      return all.length === 1_000 ? all : undefined;
    });
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1_000);
  });
});

test("one that is down does not answer, and what is no request harms nobody", async () => {
  await withServer(async (rpc, client, messenger) => {
    let isUp = false;
    rpc.announce("dome.main", { ...about("dome", "dome.main"), isUp: () => isUp });
    await messenger.ping();
    const micro = client.services.client();
    for (const subject of ["$SRV.PING", "$SRV.PING.dome.x.y.z", "$SRV.INFO.*"])
      client.publish(subject.replace("*", "x"), "junk");
    expect(await found(await micro.ping())).toEqual([]);
    isUp = true;
    expect(await found(await micro.ping("dome"))).toHaveLength(1);
  });
});

test.each([
  ["dome", "dome"],
  ["examples.01_minimal", "examples_01_minimal"],
  ["kopuła", "kopu_a"],
  ["", "service"],
])("%p is called %p", (kind, name) => {
  expect(microName(kind)).toBe(name);
});
