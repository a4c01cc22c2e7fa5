// What listens on a port: a NATS server speaks first, and says who it is.

import { exchange } from "./exchange.ts";

export type Probe =
  | { kind: "nats"; serverId: string; serverName: string; version: string; jetstream: boolean }
  /** Something listens that is not a NATS server. */
  | { kind: "other" }
  /** Nothing listens, or the host cannot be reached. */
  | { kind: "none" };

/** An INFO line is at most a few kilobytes; what sends more without a line end is something else. */
const MAX_INFO_BYTES = 64 * 1024;

/** Asks who listens on `host:port`. Never rejects; a listener that says nothing within `limitMs` is "other". */
export async function probeNats(host: string, port: number, limitMs = 1000): Promise<Probe> {
  return await exchange<Probe>({
    host,
    port,
    limitMs,
    read: (heard) => {
      const end = heard.indexOf("\n");
      if (end >= 0) return parseInfo(heard.slice(0, end));
      return heard.length > MAX_INFO_BYTES ? { kind: "other" } : undefined;
    },
    silent: { kind: "other" },
    closed: { kind: "other" },
    none: { kind: "none" },
  });
}

/** NATS client protocol: `INFO {"server_id":…}`. */
function parseInfo(line: string): Probe {
  if (!line.startsWith("INFO ")) return { kind: "other" };
  let info: unknown;
  try {
    info = JSON.parse(line.slice("INFO ".length));
  } catch {
    // Not JSON: not a NATS server, whatever it is.
    return { kind: "other" };
  }
  if (typeof info !== "object" || info === null) return { kind: "other" };
  const text = (key: string): string => {
    const value: unknown = Reflect.get(info, key);
    return typeof value === "string" ? value : "";
  };
  return {
    kind: "nats",
    serverId: text("server_id"),
    serverName: text("server_name"),
    version: text("version"),
    jetstream: Reflect.get(info, "jetstream") === true,
  };
}
