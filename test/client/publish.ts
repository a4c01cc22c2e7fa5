// Puts a synthetic fleet, or captured messages, on a real broker.
import { connect, type NatsConnection, StorageType } from "nats";
import type { WireMessage } from "../../src/client/facts.ts";
import { object } from "../../src/client/facts.ts";
import { fromWireTimestamp, toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { type FakeFleet, NOW } from "./fleet.ts";

/** The three streams of PROTOCOL under `prefix`. */
export async function addStreams(
  connection: NatsConnection,
  prefix = "svc",
  kinds = ["registry", "status", "heartbeat"],
) {
  const manager = await connection.jetstreamManager();
  for (const kind of kinds) {
    await manager.streams.add({
      name: `${prefix}_${kind}`.replaceAll(".", "_"),
      subjects: [`${prefix}.${kind}.>`],
      storage: StorageType.Memory,
      max_msgs_per_subject: 100,
    });
  }
}

/** Publishes the fleet with its times moved from NOW to this moment, and waits until all is stored. */
export async function publishFleet(url: string, fleet: FakeFleet): Promise<void> {
  await using open = await openConnection(url);
  await addStreams(open.connection, fleet.prefix);
  const shift = Date.now() - NOW;
  const jetstream = open.connection.jetstream();
  await Promise.all(
    fleet.messages.map(({ subject, data }) => jetstream.publish(subject, envelope(moved(data, shift)))),
  );
}

/** The envelope of PROTOCOL around `data`. */
export function envelope(data: unknown): string {
  const meta = { id: "msg-1", sender: "test", ts: toWireTimestamp(), trace_level: 10, message_type: "", tags: [] };
  return JSON.stringify({ data, meta });
}

export async function openConnection(url: string) {
  const connection = await connect({ servers: url });
  return { connection, [Symbol.asyncDispose]: () => connection.close() };
}

function moved(data: WireMessage["data"], shift: number) {
  const fields = object(data) ?? {};
  const time = fromWireTimestamp(fields.timestamp);
  return time === undefined ? fields : { ...fields, timestamp: toWireTimestamp(time + shift) };
}
