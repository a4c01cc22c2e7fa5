// For tests of the public Messenger: a broker with a stream, a messenger to it with a log, the Python peer.
import { connect, type NatsConnection, type StreamConfig } from "nats";
import type { LogRecord } from "../../src/common/logger.ts";
import { Messenger, type MessengerOptions } from "../../src/messenger/index.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";

export interface Bench extends AsyncDisposable {
  readonly broker: TestBroker;
  /** A bare client, for what others do to the broker. */
  readonly bare: NatsConnection;
  /** What the messengers of this bench have logged. */
  readonly log: LogRecord[];
  messenger(options?: MessengerOptions): Messenger;
}

/** A broker with the stream `night`, which stores `night.>`. */
export async function openBench(stream: Partial<StreamConfig> = {}): Promise<Bench> {
  const broker = await startNats();
  const bare = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const manager = await bare.jetstreamManager();
  await manager.streams.add({ name: "night", subjects: ["night.>"], ...stream });
  const log: LogRecord[] = [];
  const messengers: Messenger[] = [];
  return {
    broker,
    bare,
    log,
    messenger(options = {}) {
      const messenger = new Messenger({ url: broker.url, name: "test", log: (record) => log.push(record), ...options });
      messengers.push(messenger);
      return messenger;
    },
    async [Symbol.asyncDispose]() {
      for (const messenger of messengers) await messenger.close({ limitMs: 200 });
      await bare.close();
      await broker[Symbol.asyncDispose]();
    },
  };
}

/** Reads all that is there. */
export async function allOf<T>(reader: AsyncIterable<{ data: T }>): Promise<T[]> {
  const found: T[] = [];
  for await (const { data } of reader) found.push(data);
  return found;
}

/** Whether the Python package `serverish` can be imported; PYTHONPATH may say where it is. */
export const HAS_SERVERISH =
  Bun.spawnSync(["python3", "-c", "import serverish.messenger"], { stdio: ["ignore", "ignore", "ignore"] }).exitCode ===
  0;

export interface Peer extends AsyncDisposable {
  /** Objects that it has told so far. */
  readonly told: Record<string, unknown>[];
  /** Waits until it has told so many. */
  heard(count: number): Promise<Record<string, unknown>[]>;
  /** Waits for its end. @throws Error with what it wrote on stderr when it failed */
  ended(): Promise<void>;
}

/** Starts the Python program; with `ready` it is waited for its first line, which is taken away. */
export async function startPeer(broker: TestBroker, args: readonly string[], ready = false): Promise<Peer> {
  const child = Bun.spawn(["python3", `${import.meta.dir}/peer.py`, String(broker.port), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const told: Record<string, unknown>[] = [];
  const errors = child.stderr.text();
  const reading = (async () => {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      const lines = (rest + decoder.decode(chunk)).split("\n");
      rest = lines.pop() ?? "";
      // Lines of our own peer.
      for (const line of lines) told.push(JSON.parse(line) as Record<string, unknown>);
    }
  })();
  const ended = async () => {
    await child.exited;
    await reading;
    if (child.exitCode !== 0) throw new Error(`peer.py ${args.join(" ")}: ${await errors}`);
  };
  if (ready) {
    await waitFor("the Python peer", async () => {
      if (child.exitCode !== null) await ended();
      return told.length > 0;
    });
    told.shift();
  }
  return {
    told,
    ended,
    async heard(count) {
      await waitFor(`${count} lines of the Python peer`, () => told.length >= count);
      return told;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill("SIGKILL");
      await child.exited;
    },
  };
}
