// What a launcher is given.
import type { LogRecord, LogSink } from "../common/logger.ts";
import type { Scheduler } from "../common/scheduler.ts";
import type { FleetConfig, NatsSettings, ServiceHome } from "../config/types.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import type { ChangeListener } from "../monitoring/listeners.ts";
import type { HeldBy } from "./desired-state.ts";
import type { StartHost } from "./homes/home.ts";
import type { LauncherName } from "./launcher-id.ts";
import type { PossessionOptions } from "./possession.ts";
import type { ServiceRunner } from "./service-runner.ts";

export interface ServicesLauncherOptions {
  fleet: FleetConfig;
  name: LauncherName;
  homes: Record<ServiceHome, StartHost>;
  /** The broker that services may connect to, for their messengers. */
  nats?: NatsSettings;
  /** Where the reports of launcher and services go. */
  sink: ReportSink;
  scheduler: Scheduler;
  log: LogSink;
  /** The operator's stop that holds a service, if there is one. */
  heldBy?: (id: string) => HeldBy | undefined;
  /** The last lines that a service has logged. */
  lastLines?: (id: string) => readonly LogRecord[];
  /** Texts that must not be shown, from now on. */
  onSecrets?: (values: readonly string[]) => void;
  /** Run everything once: periodic services at once, and then no more. */
  once?: boolean;
  ownership: PossessionOptions["ownership"];
  /** Take services over from the launchers that have them. */
  takeover?: boolean;
  /** Whether a process is this launcher's successor. */
  isHeir?: (pid: number) => boolean;
  onLeft?: NonNullable<PossessionOptions["onLeft"]>;
  inherit: PossessionOptions["inherit"];
  /** The launcher speaks for the service from now on. */
  onOurs: (runner: ServiceRunner) => void;
  /** It does not any more: `lost` when another has been speaking for it already. */
  onGone: (runner: ServiceRunner, how: "lost" | "released") => void;
  /** A service has come into the configuration since the start, or is not in it any more. */
  onMember?: (runner: ServiceRunner, change: "added" | "removed") => void;
  /** Told when the launcher's own status changes. */
  onStatus?: ChangeListener;
  /** Told when anything changes in a service. */
  onProgress?: () => void;
}
