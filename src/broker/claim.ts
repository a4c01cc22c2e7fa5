// One attempt to have a broker on one port of this host: the one that is there, or one we start.
import { BrokerStartError } from "./errors.ts";
import { type Probe, probeNats } from "./probe.ts";
import { findRunningBroker, writeRecord } from "./record.ts";
import { type RunningBroker, startBroker } from "./server.ts";

/** A NATS server that answers, whoever started it. */
export interface AnsweringBroker {
  port: number;
  probe: Probe & { kind: "nats" };
}

export type Claim =
  | { kind: "found"; found: AnsweringBroker }
  | { kind: "started"; broker: RunningBroker }
  /** The port belongs to something that is not a NATS server. */
  | { kind: "other" }
  /** Another process is starting, or stopping, a broker on the same data: look again in a moment. */
  | { kind: "busy"; error: BrokerStartError };

export const HOST = "127.0.0.1";

/**
 * Uses the NATS server on `port`, or starts one there. Of several processes that do this at once exactly one
 * starts it: the port and the lock on the data folder belong to one, and the others find its server.
 * @throws BrokerStartError with fault `failed`, StateFolderError, NotFoundError
 */
export async function claimPort(port: number, storeDir: string): Promise<Claim> {
  const probe = await probeNats(HOST, port);
  if (probe.kind === "nats") return { kind: "found", found: { port, probe } };
  if (probe.kind === "other") return { kind: "other" };
  try {
    const broker = await startBroker({ host: HOST, port, storeDir });
    return { kind: "started", broker: await recorded(broker, storeDir) };
  } catch (error) {
    if (!(error instanceof BrokerStartError) || error.fault === "failed") throw error;
    // Lost a race for the port, or for the data.
    return { kind: "busy", error };
  }
}

async function recorded(broker: RunningBroker, storeDir: string): Promise<RunningBroker> {
  try {
    writeRecord(storeDir, broker);
    return broker;
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

/** This user's embedded broker, if it runs and answers. */
export async function findOwn(storeDir: string): Promise<AnsweringBroker | undefined> {
  const record = findRunningBroker(storeDir);
  if (!record) return undefined;
  const probe = await probeNats(HOST, record.port);
  return probe.kind === "nats" && probe.serverId === record.serverId ? { port: record.port, probe } : undefined;
}
