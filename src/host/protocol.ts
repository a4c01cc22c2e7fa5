// The one protocol between a launcher and a host, whatever carries it (a call, a Worker's port, a process's IPC).
import type { JsonObject } from "../common/json.ts";
import type { LogLevel, LogRecord } from "../common/logger.ts";
import type { ConfigDescription } from "../config/describe-config.ts";
import type { JsonSchema } from "../config/json-schema.ts";
import type { FieldIssue } from "../config/service-config.ts";
import type { ModuleRef, NatsSettings } from "../config/types.ts";
import type { StatusReport } from "../monitoring/report.ts";
import type { ConfigOutcome } from "../service/config-changes.ts";
import type { ServiceExit } from "../service/exit.ts";
import type { DescribeResult, ModuleToDescribe } from "./describe.ts";

/** Everything a host needs to run one service. Plain data: it crosses threads and processes. */
export interface ServiceSpec {
  id: string;
  type: string;
  variant: string;
  module: ModuleRef;
  logLevel: LogLevel;
  fields: Record<string, unknown>;
  /** Texts of fields that were one variable each (see ServiceRow). */
  texts?: Record<string, string>;
  /** Fields that count only if the schema names them. */
  ifKnown?: readonly string[];
  overrides: Record<string, string>;
  /** Variables of the environment that are named after its fields, as of now; absent: as the host has them. */
  variables?: Record<string, string>;
  /** Monitor name of the launcher (`parent` on the wire); absent when run by hand. */
  parent?: string;
  runnerId?: string;
  subjectPrefix: string;
  heartbeatIntervalMs: number;
  healthcheckIntervalMs: number;
  /** The host must be heard at least this often, milliseconds. */
  watchdogMs: number;
  /** How long a stop may take before the service is given up, milliseconds. */
  terminateDelayMs: number;
}

/** What every host is told once, before anything else. */
export interface HostSettings {
  /** True when several services share this event loop: then `process.exit` ends one service, not the host. */
  shared: boolean;
  /** The fleet's broker, for services that publish and read themselves. The channel is nobody else's: secrets may be in it. */
  nats?: NatsSettings;
}

/** What a check found about one service. */
export interface CheckResult {
  id: string;
  /** Its configuration does not fit its schema. */
  issues?: FieldIssue[];
  /** Its file cannot be a service as it is written. */
  refused?: string;
  /** Its file could not be loaded now: it will fail when started, and the others will not. */
  warning?: string;
  /** What its file says of its configuration, if that was asked for and the file could be loaded. */
  config?: ConfigDescription;
  /** What its configuration may be; only the first of several of one type and module has it. */
  schema?: JsonSchema | undefined;
  /** The fields that its schema names; told of a service with fields that are only for those who know them. */
  fields?: string[];
}

/** What became of another configuration for a running service. */
export type ConfigureOutcome =
  | ConfigOutcome
  /** It does not fit the schema that the service runs with: its file has another one by now. */
  | { result: "unfit"; reason: string };

export type ToHost =
  | { kind: "settings"; settings: HostSettings }
  | { kind: "start"; spec: ServiceSpec }
  /** `describe`: tell what there is to know of their configurations, too. */
  | { kind: "check"; specs: ServiceSpec[]; describe?: boolean }
  /** Look into modules: what services there are. */
  | { kind: "describe"; modules: ModuleToDescribe[] }
  | { kind: "stop"; id: string }
  /** The running service `spec.id` is to have these values; the host answers with `configured`. */
  | { kind: "configure"; requestId: number; spec: ServiceSpec }
  /** What is to be known beside the status of the service, as long as it runs; absent: nothing any more. */
  | { kind: "remark"; id: string; text?: string }
  /** Somebody asks the service `id`; it answers with `rpc-begun`, then `rpc-reply`, from its own event loop. */
  | { kind: "rpc"; id: string; requestId: number; command: string; data: JsonObject }
  /** So much of what the host has logged was taken: see `log`. */
  | { kind: "heard"; size: number }
  /** Stop every service, then end the host. */
  | { kind: "shutdown" };

/** The answer of a service, or why there is none. */
export type RpcReply = { kind: "rpc-reply"; id: string; requestId: number } & (
  | { data: JsonObject; error?: never }
  | { error: string; data?: never }
);

export type FromHost =
  /** The loop runs. `since`: it did so before this launcher came, since then (milliseconds since the epoch). */
  | { kind: "up"; pid: number; since?: number }
  /** The event loop turns: sent where heartbeats are too rare to tell. */
  | { kind: "alive" }
  /** The service's status changed (it has been published, or follows as an `event`). */
  | { kind: "status"; id: string; report: StatusReport }
  /** It is fully started; what it can be asked beside health and stats, and whether it hears of changes of its configuration. */
  | { kind: "started"; id: string; durationMs: number; commands?: readonly string[]; hearsConfig?: boolean }
  | { kind: "configured"; id: string; requestId: number; outcome: ConfigureOutcome }
  | { kind: "exited"; id: string; exit: ServiceExit }
  /** The service's event loop has taken the request: it is alive, the answer may take its time. */
  | { kind: "rpc-begun"; id: string; requestId: number }
  | RpcReply
  /** The file of these services is about to be loaded. */
  | { kind: "checking"; ids: string[] }
  | { kind: "checked"; results: CheckResult[] }
  /** One for each module, in their order. */
  | { kind: "described"; results: DescribeResult[] }
  /** Log lines. `size`: what the host counts as on its way until it hears that it was heard. */
  | { kind: "log"; records: LogRecord[]; size?: number }
  /** Texts that must not be shown: values of fields that the service's schema declares secret. */
  | { kind: "secrets"; values: string[] }
  /** Reports of a service, to be published by the launcher. */
  | { kind: "event"; subject: string; data: JsonObject }
  | { kind: "beat"; subject: string; data: JsonObject };

/** One end of the channel between a launcher and a host. */
export interface Channel<Out, In> {
  send(message: Out): void;
  onMessage(listener: (message: In) => void): void;
}
