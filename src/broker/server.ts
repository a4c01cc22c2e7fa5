// The embedded broker: a real nats-server with JetStream, as a child that cannot outlive this process.
import { join } from "node:path";
import { describeError, NotFoundError } from "../common/errors.ts";
import type { ProcessIdentity } from "../common/process-info.ts";
import { signalName } from "../common/signal-codes.ts";
import { brokerBinary } from "./binary.ts";
import { BrokerStartError } from "./errors.ts";
import { type GuardedProcess, LOCKED, spawnGuarded } from "./guard.ts";
import { probeNats } from "./probe.ts";
import { lastLogLine, prepareStore } from "./store.ts";

/** Server names of embedded brokers begin so: by this they are told from an operator's own nats-server. */
export const EMBEDDED_NAME_PREFIX = "tcs-";

export interface BrokerOptions {
  /** Address to listen on, default 127.0.0.1. */
  host?: string;
  port: number;
  /** Folder of the data, the log and the lock; exists. */
  storeDir: string;
}

/** How the server ended: an exit code, or the signal that killed it. */
export interface BrokerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningBroker {
  url: string;
  port: number;
  /** nats-server's own process. */
  process: ProcessIdentity;
  serverId: string;
  exited: Promise<BrokerExit>;
  /** Clean stop; SIGKILL after 5 s. Resolves when it is gone. */
  stop(): Promise<void>;
}

/** A store of many gigabytes is read through before the server listens. */
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5000;

/**
 * Starts nats-server and waits until it answers.
 * @throws BrokerStartError, with its last log line; StateFolderError or NotFoundError when there is nothing to start
 */
export async function startBroker(options: BrokerOptions): Promise<RunningBroker> {
  const { host = "127.0.0.1", port, storeDir } = options;
  const binary = brokerBinary();
  const store = prepareStore(storeDir);
  const name = `${EMBEDDED_NAME_PREFIX}${crypto.randomUUID().slice(0, 8)}`;
  const command = [binary, "-c", store.config, "-a", host, "-p", String(port), "-n", name];
  const child = await spawn(command, join(storeDir, "lock"));
  let ended = false;
  const exited = child.exited.then((code) => {
    ended = true;
    return toExit(code);
  });
  const serverId = await Promise.race([answer(host, port, name, () => ended), exited.then(() => undefined)]);
  if (serverId === undefined || !child.server) {
    child.kill();
    throw startError(await child.exited, options, lastLogLine(store) ?? child.complaint().split("\n").at(-1) ?? "");
  }
  return {
    url: `nats://${host}:${port}`,
    port,
    process: child.server,
    serverId,
    exited,
    async stop() {
      child.terminate();
      const limit = setTimeout(() => child.kill(), STOP_LIMIT_MS);
      await exited;
      clearTimeout(limit);
    },
  };
}

async function spawn(command: string[], lockFile: string): Promise<GuardedProcess> {
  try {
    return await spawnGuarded(command, lockFile);
  } catch (cause) {
    throw new NotFoundError(`cannot start the broker, which needs /bin/sh: ${describeError(cause)}`, { cause });
  }
}

/** The server's id, once it answers under the name given to it; undefined when it did not in time. */
async function answer(host: string, port: number, name: string, ended: () => boolean): Promise<string | undefined> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!ended() && performance.now() < deadline) {
    const probe = await probeNats(host, port);
    if (probe.kind === "nats" && probe.serverName === name) return probe.serverId;
    await Bun.sleep(2);
  }
  return undefined;
}

function toExit(code: number): BrokerExit {
  const signal = signalName(code - 128);
  return signal ? { code: null, signal } : { code, signal: null };
}

function startError(code: number, { port, storeDir }: BrokerOptions, lastLine: string): BrokerStartError {
  if (code === LOCKED) {
    return new BrokerStartError("store-in-use", `another broker is using the data folder ${storeDir}`, {
      hint: "set TCS_STATE_DIR to another folder for a broker of its own",
    });
  }
  if (lastLine.includes("address already in use")) {
    return new BrokerStartError("port-taken", `port ${port} is taken by another program`);
  }
  if (lastLine.includes("bind: permission denied")) {
    return new BrokerStartError("failed", `the broker cannot have port ${port}: ports below 1024 are for root`, {
      hint: "choose another port with --port",
    });
  }
  return new BrokerStartError("failed", `the broker did not start (nats-server ended with code ${code}): ${lastLine}`, {
    hint: `its log is in ${storeDir}`,
  });
}
