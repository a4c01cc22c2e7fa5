// A real nats-server with JetStream for a test: own port, own store, ended by the test.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { tempFolder } from "./temp.ts";
import { waitFor } from "./wait.ts";

export interface TestBroker extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** SIGKILL, as a crash. */
  kill(): Promise<void>;
  /** Clean stop. */
  stop(): Promise<void>;
  /** Start again on the same port with the same store. */
  start(): Promise<void>;
}

/** The nats-server that the build embeds (fetched by `npm run build`). */
export function natsServerPath(): string {
  const name = `linux-${process.arch === "arm64" ? "arm64" : "x64"}`;
  const path = join(import.meta.dir, "../../.cache/broker", name, "nats-server");
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm run build" first`);
  return path;
}

export interface NatsOptions {
  port?: number;
  /** False for one without streams. */
  jetstream?: boolean;
  /** Text of its configuration file. */
  config?: string;
  /** More files beside that, by name; it is started in their folder. */
  files?: Record<string, string>;
  /** Added to its environment. */
  env?: Record<string, string>;
}

/** Starts a nats-server. */
export async function startNats(options: NatsOptions = {}): Promise<TestBroker> {
  const port = options.port ?? (await freePort());
  const folder = tempFolder("tcs-nats-");
  const args = [natsServerPath(), "-a", "127.0.0.1", "-p", String(port)];
  if (options.jetstream ?? true) args.push("-js", "-sd", folder.path);
  if (options.config) args.push("-c", await folder.write("nats.conf", options.config));
  for (const [name, text] of Object.entries(options.files ?? {})) await folder.write(name, text);
  const env = { ...process.env, ...options.env };
  let child: Bun.Subprocess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    child?.kill(signal);
    await child?.exited;
    child = undefined;
  };
  const broker: TestBroker = {
    port,
    url: `nats://127.0.0.1:${port}`,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    async start() {
      child = Bun.spawn(args, { cwd: folder.path, env, stdio: ["ignore", "ignore", "ignore"] });
      await waitFor(`nats-server on port ${port}`, () => answersAsNats(port));
    },
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      folder[Symbol.dispose]();
    },
  };
  await broker.start();
  return broker;
}

async function answersAsNats(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data(socket, data) {
          resolve(data.toString().startsWith("INFO "));
          socket.end();
        },
        error: () => resolve(false),
        connectError: () => resolve(false),
        close: () => resolve(false),
      },
    }).catch(() => resolve(false));
  });
}
