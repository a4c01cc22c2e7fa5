// What a valid configuration is, once read: plain types, used by hosts, launchers and commands.
import type { LogLevel } from "../common/logger.ts";

/** Where a service runs. `asyncio` is accepted in configuration as an alias of `inline`. */
export const HOMES = ["inline", "worker", "process"] as const;
export type Home = (typeof HOMES)[number];

export const RESTART_POLICIES = ["no", "on-failure", "on-abnormal", "always"] as const;
export type RestartPolicy = (typeof RESTART_POLICIES)[number];

export interface RestartSettings {
  policy: RestartPolicy;
  /** Delay before a restart, milliseconds. */
  delayMs: number;
  /** Restarts allowed within the window; 0 = unlimited. */
  max: number;
  /** Window over which restarts are counted, milliseconds. */
  windowMs: number;
}

/** The file a service's class comes from. */
export type ModuleRef =
  /** Shipped in the binary, by service type (`hello_world`, `examples.minimal`). */
  | { kind: "builtin"; type: string }
  /** A TypeScript or JavaScript file, absolute path. */
  | { kind: "file"; path: string };

/** A place in a configuration source, 1-based. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
}

/** One service to run: one valid row of the configuration. */
export interface ServiceRow {
  /** `<type>.<variant>`. */
  id: string;
  type: string;
  variant: string;
  module: ModuleRef;
  home: Home;
  /** Rows with the same group share one host. */
  group?: string;
  restart: RestartSettings;
  logLevel: LogLevel;
  /** Runner id given in the file; by default `<launcher id>.<type>`. */
  runnerId?: string;
  /** The service's own fields as written in the file (variables expanded), not yet checked against its schema. */
  fields: Record<string, unknown>;
  /** Values given by `--set`, as text, by field name (nested names joined by dots). */
  overrides: Record<string, string>;
  /** Where the row stands; absent for a service run without a file. */
  position?: SourcePosition;
}

export interface NatsSettings {
  /** Server addresses, as `nats://host:4222`. */
  servers: string[];
  /** Wait for the broker at start (true), or work without it until it comes (false, default). */
  required: boolean;
  /** Subject prefix, default `svc`. */
  subjectPrefix: string;
  user?: string;
  password?: string;
  token?: string;
  /** Where the address came from, for messages: "command line", "services.yaml", "environment", "this host's broker", "default". */
  origin: string;
}

/** The launcher's own settings. */
export interface LauncherSettings {
  /** Name in `launchers:`, if one was chosen. */
  name?: string;
  /** Default home of its services. */
  home: Home;
  /** How long a service may take to stop before it is killed, milliseconds. */
  terminateDelayMs: number;
}

/** A whole valid configuration. */
export interface FleetConfig {
  /** Absolute path of the configuration file; undefined when there is none. */
  file?: string;
  /** Present when the file, environment or command line names a broker. */
  nats?: NatsSettings;
  subjectPrefix: string;
  launcher: LauncherSettings;
  services: ServiceRow[];
}
