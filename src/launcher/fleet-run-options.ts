// What the run of a fleet is given.
import type { LogSink } from "../common/logger.ts";
import type { FleetReading, FleetSource } from "../config/fleet-source.ts";
import type { HostModules } from "../host/loader.ts";
import type { ServiceManager } from "../systemd/notify.ts";
import type { Succession } from "./renewal/index.ts";

export interface FleetRunOptions {
  /** The configuration file: its path names the launcher, and it is read again at a reload. */
  source: FleetSource;
  /** What was read of it. */
  reading: FleetReading;
  modules: HostModules;
  /** URL of the Worker entry. */
  workerEntry: string;
  log: LogSink;
  /** Run everything once: periodic services at once, and then no more. */
  once?: boolean;
  /** Take services over from the launchers that have them. */
  takeover?: boolean;
  /** Services follow their files, and the fleet follows its configuration. */
  dev?: boolean;
  /** Who started the launcher, and wants to know how it is; how far it is, whoever made this run tells. */
  manager?: Pick<ServiceManager, "status" | "progress">;
  /** Whom this launcher was started to succeed. */
  succession?: Succession | undefined;
  /** Whether a signal has it renewed. */
  renews?: boolean;
}
