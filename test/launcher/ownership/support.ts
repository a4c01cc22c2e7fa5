// The scene of ownership tests: a broker, and launchers as processes of their own.
import { connect, type NatsConnection } from "nats";
import { startNats, type TestBroker } from "../../support/nats.ts";
import { tempFolder } from "../../support/temp.ts";
import { waitFor } from "../../support/wait.ts";
import { startLauncher, type TestLauncher } from "./fixtures/launcher-process.ts";
import type { Settings } from "./fixtures/protocol.ts";

export const LEASE_MS = 1_500;

export interface Scene extends AsyncDisposable {
  readonly broker: TestBroker;
  /** Starts a launcher of this host. */
  here(launcher: string, settings?: Partial<Settings>): Promise<TestLauncher>;
  /** Starts one that lives elsewhere, as far as others can tell. */
  elsewhere(launcher: string, settings?: Partial<Settings>): Promise<TestLauncher>;
  /** A connection of the test itself. */
  connection(): Promise<NatsConnection>;
}

export async function openScene(): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await startNats());
  const folder = stack.use(tempFolder("tcs-owners-"));
  const start = async (launcher: string, state: string, settings: Partial<Settings> = {}) =>
    stack.use(
      await startLauncher({ url: broker.url, launcher, leaseMs: LEASE_MS, ...settings }, `${folder.path}/${state}`),
    );
  return {
    broker,
    here: (launcher, settings) => start(launcher, "here", settings),
    elsewhere: (launcher, settings) => start(launcher, launcher, { place: `place of ${launcher}`, ...settings }),
    async connection() {
      const connection = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
      stack.defer(() => connection.close());
      return connection;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Waits until a launcher has learned from the broker who has `id`: what it claims from then on, it claims by the broker. */
export async function untilItKnows(launcher: TestLauncher, id: string): Promise<void> {
  await waitFor(`${launcher.name} to know who has ${id}`, async () => {
    const asked = launcher.all("owner").length;
    launcher.order("owner", [id]);
    const { owner } = await launcher.waitFor("owner", id, asked + 1);
    return owner !== undefined;
  });
}

export const serviceIds = (count: number) => Array.from({ length: count }, (_, i) => `dome.n${i}`);

/** What a bucket holds, by key. */
export async function entriesOf(connection: NatsConnection, bucket: string) {
  const kv = await connection.jetstream().views.kv(bucket, { bindOnly: true });
  const keys = await Array.fromAsync(await kv.keys());
  const entries = new Map<string, { revision: number; value: Record<string, unknown> }>();
  for (const key of keys) {
    const entry = await kv.get(key);
    if (entry) entries.set(key, { revision: entry.revision, value: entry.json() });
  }
  return entries;
}
