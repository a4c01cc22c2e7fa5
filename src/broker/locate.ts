// Which broker a client talks to when it is not told.
import type { NatsSettings } from "../config/types.ts";
import { brokerFolder, findRunningBroker } from "./record.ts";

export const DEFAULT_PORT = 4222;

export interface LocateOptions {
  /** What configuration, environment or command line say; they win. */
  settings?: NatsSettings | undefined;
  /** Used when `settings` is absent, default `svc`. */
  subjectPrefix?: string;
  env?: Record<string, string | undefined>;
}

/** The given settings, else this user's running embedded broker, else 127.0.0.1:4222. */
export function locateBroker({ settings, subjectPrefix = "svc", env = process.env }: LocateOptions = {}): NatsSettings {
  if (settings) return settings;
  const running = findRunningBroker(brokerFolder(env));
  return {
    servers: [running?.url ?? `nats://127.0.0.1:${DEFAULT_PORT}`],
    required: false,
    subjectPrefix,
    origin: running ? "this host's broker" : "default",
  };
}
