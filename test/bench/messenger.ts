// The Messenger beside the bare `nats` client, in one run: publishing into a stream, reading it, asking.
import { AckPolicy, connect, DeliverPolicy, type NatsConnection, StorageType } from "nats";
import { MetaSource } from "../../src/messaging/envelope.ts";
import { Messenger } from "../../src/messenger/index.ts";
import { startNats } from "../support/nats.ts";
import { ratioRow, row } from "./table.ts";

const MESSAGES = 20_000;
/** Of both: so many are published before the first of them must be acknowledged. */
const WINDOW = 500;
const REQUESTS = 3_000;
const DATA = { azimuth: 123.456, altitude: 45.6, state: "tracking", filters: ["B", "V", "R"] };

export async function messages(runs: number): Promise<string[][]> {
  await using broker = await startNats();
  const bare = await connect({ servers: broker.url });
  await using messenger = await Messenger.open({ url: broker.url, timeoutMs: 5_000 });
  const manager = await bare.jetstreamManager();
  const figures: Record<string, number[]> = {};
  const note = (name: string, figure: number) => {
    figures[name] = [...(figures[name] ?? []), figure];
  };

  async function windowed(publish: (n: number) => Promise<unknown>): Promise<number> {
    const began = performance.now();
    const sent: Promise<unknown>[] = [];
    for (let n = 0; n < MESSAGES; n++) {
      sent.push(publish(n));
      if (n >= WINDOW) await sent[n - WINDOW];
    }
    await Promise.all(sent);
    return (MESSAGES / (performance.now() - began)) * 1_000;
  }

  /** The same bytes, made and read the same way: envelope, JSON. */
  const encoder = new TextEncoder();
  const meta = new MetaSource("bare");
  const barePublish = () =>
    windowed((n) =>
      bare
        .jetstream()
        .publish("bench.bare", encoder.encode(JSON.stringify({ data: { ...DATA, n }, meta: meta.next() }))),
    );
  const publisher = messenger.getPublisher("bench.ours");
  const ourPublish = () => windowed((n) => publisher.publish({ ...DATA, n }));

  async function bareRead(): Promise<number> {
    const { name } = await manager.consumers.add("bench", {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      filter_subject: "bench.ours",
      mem_storage: true,
      inactive_threshold: 60_000_000_000,
    });
    const consumer = await bare.jetstream().consumers.get("bench", name);
    const began = performance.now();
    const { promise: all, resolve } = Promise.withResolvers<void>();
    let left = MESSAGES;
    const messages = await consumer.consume({
      max_messages: 1_000,
      callback: (message) => {
        message.json();
        if (--left === 0) resolve();
      },
    });
    await all;
    const rate = (MESSAGES / (performance.now() - began)) * 1_000;
    void messages.close();
    return rate;
  }

  async function ourRead(): Promise<number> {
    const began = performance.now();
    let read = 0;
    for await (const _ of messenger.getReader("bench.ours", { nowait: true })) read += 1;
    if (read !== MESSAGES) throw new Error(`${read} messages were read`);
    return (MESSAGES / (performance.now() - began)) * 1_000;
  }

  async function latencies(ask: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
    const times: number[] = [];
    for (let n = 0; n < REQUESTS; n++) {
      const began = performance.now();
      await ask();
      times.push((performance.now() - began) * 1_000);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
    return { p50: at(0.5), p99: at(0.99) };
  }

  function answerBare(connection: NatsConnection): void {
    connection.subscribe("calc.bare", {
      callback: (_, message) => void message.respond(JSON.stringify({ data: message.json(), meta: meta.next() })),
    });
  }

  answerBare(bare);
  messenger.getRpcResponder("calc.ours", {}, ({ data }) => data);
  await messenger.connection?.flush();
  const request = JSON.stringify({ data: DATA, meta: meta.next() });
  for (let run = 0; run <= runs; run++) {
    await manager.streams.delete("bench").catch(() => undefined);
    await manager.streams.add({ name: "bench", subjects: ["bench.>"], storage: StorageType.Memory });
    const one = {
      "publish, messages/s": [await barePublish(), await ourPublish()],
      "read, messages/s": [await bareRead(), await ourRead()],
    };
    const bareAsk = await latencies(async () => (await bare.request("calc.bare", request)).json());
    const ourAsk = await latencies(() => messenger.request("calc.ours", DATA));
    // The first run warms up.
    if (run === 0) continue;
    for (const [name, [theirs = 0, ours = 0]] of Object.entries(one)) {
      note(`nats: ${name}`, theirs);
      note(`Messenger: ${name}`, ours);
    }
    for (const share of ["p50", "p99"] as const) {
      note(`nats: request ${share}, µs`, bareAsk[share]);
      note(`Messenger: request ${share}, µs`, ourAsk[share]);
    }
  }
  const rows = Object.entries(figures).map(([name, all]) => row(name, all, ""));
  for (const name of ["publish, messages/s", "read, messages/s", "request p50, µs", "request p99, µs"]) {
    rows.push(ratioRow(`Messenger/nats: ${name}`, figures[`Messenger: ${name}`] ?? [], figures[`nats: ${name}`] ?? []));
  }
  await bare.close();
  return rows;
}
