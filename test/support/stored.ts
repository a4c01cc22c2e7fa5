// What the streams of a broker keep of one service: unlike a live listener they were there all the time.
import { connect } from "nats";
import { fromWireTimestamp } from "../../src/messaging/timestamp.ts";
import type { TestBroker } from "./nats.ts";

export interface Stored {
  /** `declared`, `start`, …; of a status message or a heartbeat its status. */
  what: string;
  message: string;
  /** When it happened and when it was said: `data.timestamp`, `meta.ts`. Milliseconds since the epoch. */
  happenedAt: number;
  saidAt: number;
  /** When the broker took it. */
  storedAt: number;
}

/** What a stream keeps of one service, in its order. */
export async function stored(
  broker: TestBroker,
  stream: "registry" | "status" | "heartbeat",
  id: string,
): Promise<Stored[]> {
  const connection = await connect({ servers: broker.url });
  try {
    const manager = await connection.jetstreamManager();
    const { state } = await manager.streams.info(`svc_${stream}`);
    const found: Stored[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const { subject, data: payload, time } = await manager.streams.getMessage(`svc_${stream}`, { seq });
      if (!subject.endsWith(`.${id}`)) continue;
      const { data, meta } = JSON.parse(new TextDecoder().decode(payload));
      found.push({
        what: data.event ?? data.status,
        message: data.message ?? "",
        happenedAt: fromWireTimestamp(data.timestamp) ?? Number.NaN,
        saidAt: fromWireTimestamp(meta.ts) ?? Number.NaN,
        storedAt: time.getTime(),
      });
    }
    return found;
  } finally {
    await connection.close();
  }
}

export const whats = (records: Stored[]): string[] => records.map(({ what }) => what);
