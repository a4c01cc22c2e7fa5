// For messenger tests: settings for a broker, what its streams hold, a log that can be looked at.
import { connect } from "nats";
import { ensureStreams } from "../../src/broker/streams.ts";
import { Logger } from "../../src/common/logger.ts";
import type { NatsSettings } from "../../src/config/types.ts";
import { decode, Messenger, type MessengerOptions } from "../../src/messaging/index.ts";

export function settings(url: string, changes: Partial<NatsSettings> = {}): NatsSettings {
  return { servers: [url], required: false, subjectPrefix: "svc", origin: "test", ...changes };
}

/** A messenger that makes the streams, for `await using`. */
export function messengerTo(url: string, options: Partial<MessengerOptions> = {}): Messenger {
  return new Messenger({
    settings: settings(url),
    name: "test",
    prepare: async (connection) => void (await ensureStreams(connection)),
    ...options,
  });
}

/** A logger that keeps its lines. */
export function logbook(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return { logger: new Logger("test", (record) => lines.push(`${record.level}: ${record.message}`), "debug"), lines };
}

export interface Stored {
  subject: string;
  data: Record<string, unknown>;
  id: string;
}

/** All messages of a stream, in order. */
export async function stored(url: string, stream: string): Promise<Stored[]> {
  const connection = await connect({ servers: url });
  try {
    const manager = await connection.jetstreamManager();
    const { state } = await manager.streams.info(stream);
    const messages: Stored[] = [];
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(stream, { seq });
      const decoded = decode(message.data);
      if (!decoded.ok) throw new Error(decoded.fault);
      messages.push({ subject: message.subject, data: decoded.data ?? {}, id: message.header.get("Nats-Msg-Id") });
    }
    return messages;
  } finally {
    await connection.close();
  }
}
