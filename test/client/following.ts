// A client that follows a fleet on a real broker, and a fleet that speaks there as it goes.
import { connect, type NatsConnection } from "nats";
import { ServiceControlClient } from "../../src/client/index.ts";
import type { JsonObject } from "../../src/common/json.ts";
import type { RegistryEvent } from "../../src/messaging/subjects.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { waitFor } from "../support/wait.ts";
import { LAUNCHER } from "./fleet.ts";
import { envelope } from "./publish.ts";

/** Publishes what services would, stored when the call returns. */
export class Speaker implements AsyncDisposable {
  readonly connection: NatsConnection;

  constructor(connection: NatsConnection) {
    this.connection = connection;
  }

  async event(id: string, event: RegistryEvent, data: JsonObject = {}): Promise<void> {
    await this.say(`registry.${event}.${id}`, { event, service_id: id, parent: LAUNCHER, ...data });
  }
  async status(id: string, status: string, data: JsonObject = {}): Promise<void> {
    await this.say(`status.${id}`, { name: id, status, ...data });
  }
  async heartbeat(id: string, data: JsonObject = {}): Promise<void> {
    await this.say(`heartbeat.${id}`, { service_id: id, status: "ok", ...data });
  }
  async say(subject: string, data: JsonObject): Promise<void> {
    await this.raw(subject, envelope({ timestamp: toWireTimestamp(), ...data }));
  }
  async raw(subject: string, payload: string | Uint8Array): Promise<void> {
    await this.connection.jetstream().publish(`svc.${subject}`, payload);
  }
  /** Declared, started and well. */
  async start(id: string): Promise<void> {
    await this.event(id, "declared", { restart_policy: "always" });
    await this.event(id, "start", { status: "startup", pid: 42, hostname: "vm" });
    await this.status(id, "ok", { parent: LAUNCHER, pid: 42 });
    await this.heartbeat(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

/** Over a connection of its own, which finds its broker again. */
export async function openSpeaker(url: string): Promise<Speaker> {
  return new Speaker(await openPatient(url));
}

/** A connection that never gives up. */
export async function openPatient(url: string): Promise<NatsConnection> {
  return await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 50, pingInterval: 1_000 });
}

export interface TestClient extends AsyncDisposable {
  client: ServiceControlClient;
  connection: NatsConnection;
  /** What the listeners were told: `start a.a ok`. */
  told: string[];
  states: string[];
  /** Waits until the listeners were told this; takes it, and what came before, off `told`. */
  until(line: string): Promise<string[]>;
}

/** Follows by listeners. */
export async function followOn(url: string): Promise<TestClient> {
  const connection = await openPatient(url);
  const client = new ServiceControlClient(connection);
  const told: string[] = [];
  const states: string[] = [];
  client.onServiceStart = ({ serviceId, status }) => told.push(`start ${serviceId} ${status}`);
  client.onServiceStop = ({ serviceId, status }) => told.push(`stop ${serviceId} ${status}`);
  client.onServiceUpdate = ({ serviceId, status }) => told.push(`update ${serviceId} ${status}`);
  client.onFollowState = (state) => states.push(state);
  await client.startFollowing();
  return {
    client,
    connection,
    told,
    states,
    async until(line) {
      await waitFor(`"${line}" among: ${told.join(", ")}`, () => told.includes(line));
      return told.splice(0, told.indexOf(line) + 1);
    },
    async [Symbol.asyncDispose]() {
      client.stopFollowing();
      await connection.close();
    },
  };
}
