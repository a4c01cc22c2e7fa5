// Every server of the configuration is tried, each by itself: a client would be content with the first.
import type { NatsConnection } from "nats";
import type { NatsSettings } from "../config/types.ts";
import { type ConnectFault, connectFault } from "../messaging/connect-fault.ts";
import { connectOnce } from "../messaging/connect-once.ts";

export interface Trial {
  server: string;
  outcome: { ok: true; connection: NatsConnection; milliseconds: number } | { ok: false; fault: ConnectFault };
}

/** Generous: a slow line is a finding, not an end. */
const LIMIT_MS = 2_000;

/** Never rejects. Whoever calls it closes the connections. */
export async function tryServers(settings: NatsSettings): Promise<Trial[]> {
  return await Promise.all(
    settings.servers.map(async (server): Promise<Trial> => {
      const began = performance.now();
      try {
        const connection = await connectOnce({ ...settings, servers: [server] }, "tcs doctor", LIMIT_MS);
        return { server, outcome: { ok: true, connection, milliseconds: performance.now() - began } };
      } catch (error) {
        // The client's own error is the cause of ours, which speaks of all servers.
        const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
        return { server, outcome: { ok: false, fault: connectFault(cause, LIMIT_MS, settings) } };
      }
    }),
  );
}
