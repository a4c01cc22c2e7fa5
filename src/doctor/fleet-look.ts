// What several checks want to know of the fleet: read when the first asks, once for all.
import type { NatsConnection } from "nats";
import type { FleetSnapshot } from "../client/fleet-snapshot.ts";
import { ServiceControlClient } from "../client/service-control-client.ts";
import type { ServiceInfo } from "../client/service-info.ts";
import { dottedFault } from "../common/names.ts";
import { askRpc, RpcNoResponderError, RpcRefusedError, RpcTimeoutError } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { type HistoryEntry, recentMessages } from "./history.ts";

/** A launcher that beats, and what it says of itself. */
export interface DescribedLauncher {
  info: ServiceInfo;
  /** `unknown`: it has no such command; `silent`: it does not answer; `unasked`: this user may not ask. */
  answer: { kind: "described"; version: string | undefined } | { kind: "unknown" | "silent" | "unasked" };
}

/** How long a launcher may take to describe itself, milliseconds. */
const DESCRIBE_LIMIT_MS = 1_500;
/** How far back heartbeats are read, milliseconds: six of each at the usual interval. */
const BEATS_WINDOW_MS = 65_000;

export class FleetLook {
  readonly connection: NatsConnection;
  readonly prefix: string;
  #fleet: Promise<FleetSnapshot> | undefined;
  #beats: Promise<HistoryEntry[]> | undefined;
  #launchers: Promise<DescribedLauncher[]> | undefined;

  constructor(connection: NatsConnection, prefix: string) {
    this.connection = connection;
    this.prefix = prefix;
  }

  /** Everything known, as `tcs status` reads it. */
  fleet(): Promise<FleetSnapshot> {
    this.#fleet ??= new ServiceControlClient(this.connection, { subjectPrefix: this.prefix }).readFleet();
    return this.#fleet;
  }

  /** The heartbeats of the last minute before the latest one, oldest first. @throws TcsError when they cannot be read */
  beats(): Promise<HistoryEntry[]> {
    this.#beats ??= recentMessages(this.connection, this.prefix, "heartbeat", BEATS_WINDOW_MS);
    return this.#beats;
  }

  /** Every launcher that beats, asked who it is. */
  launchers(): Promise<DescribedLauncher[]> {
    this.#launchers ??= this.#describe();
    return this.#launchers;
  }

  async #describe(): Promise<DescribedLauncher[]> {
    const { services } = await this.fleet();
    const living = services.filter((info) => info.kind === "launcher" && info.running && !info.zombie);
    // What others call themselves must not become a subject that breaks the connection.
    const askable = living.filter(({ serviceId }) => dottedFault(serviceId) === undefined);
    return await Promise.all(askable.map(async (info) => ({ info, answer: await this.#ask(info.serviceId) })));
  }

  async #ask(name: string): Promise<DescribedLauncher["answer"]> {
    const subject = new Subjects(this.prefix).rpc(name, "describe");
    try {
      const { version } = await askRpc(this.connection, subject, {}, { limitMs: DESCRIBE_LIMIT_MS });
      return { kind: "described", version: typeof version === "string" ? version : undefined };
    } catch (error) {
      if (error instanceof RpcTimeoutError || error instanceof RpcNoResponderError) return { kind: "silent" };
      // A launcher of an older tcs, or of the Python framework, knows no such command.
      return { kind: error instanceof RpcRefusedError ? "unknown" : "unasked" };
    }
  }
}
