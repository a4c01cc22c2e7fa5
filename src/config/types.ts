// What a valid configuration is, once read: plain types, used by hosts, launchers and commands.
import type { LogLevel } from "../common/logger.ts";
import type { Schedule } from "../common/schedule.ts";

/** Homes that a launcher makes itself. */
export const OWN_HOMES = ["inline", "worker", "process"] as const;
/** Where a service of ours may run; in `systemd` it is a unit. `asyncio` is accepted in configuration as an alias of `inline`. */
export const HOMES = [...OWN_HOMES, "systemd"] as const;
export type Home = (typeof HOMES)[number];
/** Where any service runs: a foreign program (`command:`) has no choice. */
export type ServiceHome = Home | "exec";

export const RESTART_POLICIES = ["no", "on-failure", "on-abnormal", "always"] as const;
export type RestartPolicy = (typeof RESTART_POLICIES)[number];

export interface RestartSettings {
  policy: RestartPolicy;
  /** Delay before the first restart, milliseconds. */
  delayMs: number;
  /** Factor by which the delay grows with each restart in a row; 1 = it does not. */
  backoff: number;
  /** Longest delay, milliseconds. */
  maxDelayMs: number;
  /** Restarts allowed within the window; 0 = unlimited. */
  max: number;
  /** Window over which restarts are counted, and healthy time after which the count begins anew, milliseconds. */
  windowMs: number;
}

/** What happens when a run is due while the one before goes on. `allow`: it has an instance of its own. */
export const OVERLAPS = ["skip", "queue", "allow"] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** What happens with runs that were due while nobody could start them. */
export const MISSED_RUNS = ["skip", "run"] as const;
export type MissedRuns = (typeof MISSED_RUNS)[number];

/**
 * What becomes of a running service when its own fields change. `restart`: it is started anew. `live`: it runs on with the
 * new values. `ignore`: it keeps the old ones until its next start.
 */
export const CONFIG_RELOADS = ["restart", "live", "ignore"] as const;
export type ConfigReload = (typeof CONFIG_RELOADS)[number];

/** When a periodic service runs. */
export interface Timetable {
  schedule: Schedule;
  overlap: Overlap;
  missed: MissedRuns;
}

/** What a service runs: the file its class comes from, or a foreign program. */
export type ModuleRef =
  /** Shipped in the binary, by service type (`hello_world`, `examples.minimal`). */
  | { kind: "builtin"; type: string }
  /** A TypeScript or JavaScript file, absolute path. */
  | { kind: "file"; path: string }
  | Program;

/** Any executable, as a row's `command` names it. */
export interface Program {
  kind: "program";
  /** The executable and its arguments, with placeholders. Without a slash the executable is looked for in PATH. */
  command: [string, ...string[]];
  /** The same as it stands in the file: variables, which may be secrets, are not filled in. */
  written: string;
  /** Absolute path of its working directory. */
  cwd: string;
  /** Added to the launcher's environment. */
  env: Record<string, string>;
  /** Absolute path of the configuration file. */
  configFile: string;
}

/** Where a value that came over NATS was read. */
export interface RemoteOrigin {
  /** The bucket and what the value was set for, as `tcs_config hello_world.main`; or the subject of a document. */
  place: string;
  /** Its number there. */
  revision: number;
  /** Who set it, as `ann@vm`; undefined when that is not known. */
  by?: string;
  /** When the broker stored it, milliseconds since the epoch. */
  time: number;
}

/** A place in a configuration source, 1-based; line and column are 0 for a source without lines. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
  /** Of what came over NATS: then `file` is its name in words. */
  remote?: RemoteOrigin;
}

/** Keys of a service row that rows may have in common: `defaults:` takes them too. */
export const SHARED_ROW_KEYS = [
  "launcher",
  "group",
  "restart",
  "restart_sec",
  "restart_max",
  "restart_window",
  "restart_backoff",
  "restart_sec_max",
  "overlap",
  "missed",
  "watchdog_sec",
  "standby",
  "config_reload",
  "log_level",
] as const;

/** Keys of a service row that are the framework's; all others are the service's own fields. */
export const ROW_KEYS = [
  "type",
  "variant",
  "instance_context",
  "instance",
  "module",
  "command",
  ...SHARED_ROW_KEYS,
  "schedule",
  "after",
  "runner_id",
] as const;

/** Keys of the framework in a row with `command`; in others they are the service's own fields. */
export const PROGRAM_KEYS = ["cwd", "env"] as const;

/** Where the value of a service's field came from. */
export type FieldOrigin = "command line" | "file" | "environment" | "default";

/** Steps to a value inside a service's configuration: `["limits", "max"]`, `["targets", 2]`. */
export type FieldPath = (string | number)[];

/** A value that does not fit the service's schema. Plain data: it crosses threads and processes. */
export interface FieldIssue {
  /** Empty when the configuration as a whole is meant. */
  path: FieldPath;
  given: string;
  /** Plain words: "a positive number", "one of a, b". */
  expected: string;
  hint?: string;
  origin: FieldOrigin;
  /** The field itself is what is wrong, not its value: the schema has none of that name. */
  unknown?: true;
  /** The environment variable that gave the value. */
  variable?: string;
}

/** One service to run: one valid row of the configuration. */
export interface ServiceRow {
  /** `<type>.<variant>`. */
  id: string;
  type: string;
  variant: string;
  module: ModuleRef;
  home: ServiceHome;
  /** Rows with the same group share one host. */
  group?: string;
  restart: RestartSettings;
  /** A periodic service: it runs when this says so, not at the start of its launcher. */
  timetable?: Timetable;
  /** Ids of the services that must be ready before this one starts, and that stop after it. */
  after: string[];
  /**
   * How long its event loop may be silent before it is taken for hung and ended, milliseconds; 0 = for ever.
   * Absent: a long silence is reported, and nothing is ended.
   */
  watchdogMs?: number;
  /** Runs elsewhere as a rule: started here when the launcher that has it is gone. */
  standby: boolean;
  /** Absent: live if the service has `onConfigChange`, else it is restarted. */
  configReload?: ConfigReload;
  logLevel: LogLevel;
  /** Runner id given in the file; by default `<launcher id>.<type>`. */
  runnerId?: string;
  /** The service's own fields as written in the file (variables expanded), not yet checked against its schema. */
  fields: Record<string, unknown>;
  /** Fields whose value was one `${VAR}`: the text it had, by field path. Their schema decides what it is. */
  texts?: Record<string, string>;
  /** Those of `fields` that were said of all services: they are for services that have such a field. */
  ifKnown?: readonly string[];
  /** Values given by `--set`, as text, by field name (nested names joined by dots). */
  overrides: Record<string, string>;
  /** Where the row stands; absent for a service run without a file. */
  position?: SourcePosition;
}

/** How a program says who it is to the broker: by one of these. Files are absolute paths, read at each connection. */
export interface NatsLogin {
  user?: string;
  password?: string;
  /** Holds the password of `user`. */
  passwordFile?: string;
  token?: string;
  tokenFile?: string;
  /** The seed of an nkey. */
  nkeyFile?: string;
  /** A user's JWT and seed, as `nsc` writes them. */
  credsFile?: string;
}

/** TLS or nothing. Absolute paths of PEM files. */
export interface TlsSettings {
  /** Who signs the broker's certificate; default: whom the system trusts. */
  ca?: string;
  /** Our own, if the broker wants one. */
  cert?: string;
  key?: string;
}

export interface NatsSettings extends NatsLogin {
  /** Server addresses, as `nats://host:4222` or `tls://host:4222`. */
  servers: string[];
  /** Wait for the broker at start (true), or work without it until it comes (false, default). */
  required: boolean;
  /** Subject prefix, default `svc`. */
  subjectPrefix: string;
  /** Without it TLS is used where the broker demands it. */
  tls?: TlsSettings;
  /** Answers come to subjects under this; default `_INBOX`. */
  inboxPrefix?: string;
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
  /** How long its services stay its own when it is not heard of any more, milliseconds; default 15,000. */
  leaseMs?: number;
}

/** How much of the log of each service is kept on disk; what is absent has its default. */
export interface LogSettings {
  /** Bytes of one file, before the next is begun. */
  maxBytes?: number;
  /** Files of one service, the current one included. */
  files?: number;
}

/** Where a launcher serves its metrics for Prometheus. */
export interface MetricsSettings {
  port: number;
  /** Address to listen on; default `127.0.0.1`. */
  host?: string;
}

/** How a launcher uses systemd, for services with `launcher: systemd`. What is absent has its default. */
export interface SystemdSettings {
  /** `system`: the machine's (default as root); `user`: that of the user who runs the launcher. */
  scope?: "system" | "user";
  /** What becomes of the units when the launcher ends in good order: they `stop` (default), or it is left to them. */
  onExit?: "stop" | "leave";
  /** Units outlive a reboot, and start with the machine. */
  persistent?: boolean;
  /** Directives of the `[Service]` part of every unit, as `MemoryMax`. */
  properties?: Record<string, string>;
}

/** A whole valid configuration. */
export interface FleetConfig {
  /** Absolute path of the configuration file (of several the first), or of the folder of them; undefined when there is none. */
  file?: string;
  /** Absolute paths of all files that were read. */
  files?: string[];
  /** Absolute paths of the folders in which more may appear. */
  folders?: string[];
  /** Present when the file, environment or command line names a broker. */
  nats?: NatsSettings;
  subjectPrefix: string;
  /** Subject whose last message is a document with values for services. */
  configSubject?: string;
  launcher: LauncherSettings;
  logs?: LogSettings;
  metrics?: MetricsSettings;
  /** Texts in it that must not be shown, beside those that their names tell. */
  secrets?: readonly string[];
  systemd?: SystemdSettings;
  services: ServiceRow[];
}
