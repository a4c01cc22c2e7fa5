// A fleet, seen from any program: what `tcs status` shows.
import type { NatsConnection } from "nats";
import { readLastPerSubject, type Snapshot } from "../messaging/snapshot.ts";
import type { FoldCounts } from "./facts.ts";
import { foldSnapshot } from "./fold.ts";
import type { ServiceInfo } from "./service-info.ts";

export const STREAMS = ["registry", "status", "heartbeat"] as const;
export type StreamKind = (typeof STREAMS)[number];

/** How one stream was read. */
export interface StreamReport {
  kind: StreamKind;
  /** The subjects asked for. */
  subjects: string;
  messages: number;
  /** Messages that could not be read. */
  bad: number;
  /** Why nothing could be read, if that is so. */
  fault?: { reason: Extract<Snapshot, { ok: false }>["reason"]; message: string };
}

export interface FleetSnapshot {
  /** Every id ever heard of, in order of id. */
  services: ServiceInfo[];
  streams: StreamReport[];
  counts: FoldCounts;
  milliseconds: number;
}

export interface ServiceControlClientOptions {
  /** Default `svc`. */
  subjectPrefix?: string;
  /** The longest one reading may take, milliseconds; default 5,000. */
  limitMs?: number;
}

/**
 * Reads the state of a fleet over an open connection, which stays the caller's to close.
 * @example
 * const client = new ServiceControlClient(await connect({ servers: "nats://127.0.0.1:4222" }));
 * for (const service of await client.listServices()) console.log(service.serviceId, service.status);
 */
export class ServiceControlClient {
  readonly subjectPrefix: string;
  readonly #connection: NatsConnection;
  readonly #limitMs: number;

  constructor(connection: NatsConnection, options: ServiceControlClientOptions = {}) {
    this.#connection = connection;
    this.subjectPrefix = options.subjectPrefix ?? "svc";
    this.#limitMs = options.limitMs ?? 5_000;
  }

  /**
   * The services known now: running, freshly broken, or missing while they should run; with `includeStopped` every id
   * ever heard of. A stream that cannot be read counts as empty: `readFleet` tells.
   */
  async listServices(options: { includeStopped?: boolean } = {}): Promise<ServiceInfo[]> {
    const { services } = await this.readFleet();
    return options.includeStopped ? services : services.filter((info) => info.current);
  }

  /** What is known of one id (as `hello_world.main`); undefined when nothing is. */
  async getService(serviceId: string): Promise<ServiceInfo | undefined> {
    const { services } = await this.readFleet();
    return services.find((info) => info.serviceId === serviceId);
  }

  /** Everything known, and how it was read. Never rejects for what the messages or the streams are. */
  async readFleet(): Promise<FleetSnapshot> {
    const began = performance.now();
    const [registry, status, heartbeat] = await Promise.all([
      this.#read("registry"),
      this.#read("status"),
      this.#read("heartbeat"),
    ]);
    const { services, counts } = foldSnapshot(
      { registry: registry.messages, status: status.messages, heartbeat: heartbeat.messages },
      Date.now(),
      this.subjectPrefix,
    );
    const streams = [registry.report, status.report, heartbeat.report];
    return { services, streams, counts, milliseconds: performance.now() - began };
  }

  async #read(kind: StreamKind) {
    const subjects = `${this.subjectPrefix}.${kind}.>`;
    const snapshot = await readLastPerSubject(this.#connection, subjects, { limitMs: this.#limitMs });
    const messages = snapshot.ok ? snapshot.messages : [];
    const report: StreamReport = snapshot.ok
      ? { kind, subjects, messages: messages.length, bad: snapshot.bad }
      : { kind, subjects, messages: 0, bad: 0, fault: { reason: snapshot.reason, message: snapshot.message } };
    return { messages, report };
  }
}
