// What is exported: the fleet as containers, before anybody writes it as files.
import type { FleetConfig, ServiceRow } from "../config/types.ts";

/** How services are shared out over containers. */
export const SHARES = ["service", "group", "fleet"] as const;
export type Share = (typeof SHARES)[number];

/** An environment variable that the configuration reads. */
export interface Variable {
  name: string;
  /** The configuration does without it. */
  optional: boolean;
  /** Its value must not stand in any file that is written. */
  secret: boolean;
  /** Ids of the services that need it; undefined when the file as a whole does. */
  users?: ReadonlySet<string>;
}

/** What is known of a service from its file. */
export interface ServiceTraits {
  /** It does its work once and ends. */
  singleShot: boolean;
  /** Its fields that hold a secret; `required`: without a default. */
  secretFields: readonly { name: string; required: boolean }[];
}

/** A fleet as it was read for an export. */
export interface ExportSource {
  fleet: FleetConfig;
  /** Absolute path of the configuration. */
  file: string;
  text: string;
  variables: readonly Variable[];
  /** By id of the service; those whose files could not be loaded, and foreign programs, are not there. */
  traits: ReadonlyMap<string, ServiceTraits>;
}

/** What kind of life a container has. */
export type UnitKind =
  /** A launcher that runs until it is stopped. */
  | { kind: "launcher" }
  /** Services that do their work once. */
  | { kind: "once" }
  /** A service that a clock outside starts. */
  | { kind: "periodic"; cron: string; timeZone: string };

/** One container: a launcher of some services. */
export interface Unit {
  /** A DNS label (RFC 1123), unique. */
  name: string;
  life: UnitKind;
  rows: readonly ServiceRow[];
  /** It runs the whole configuration: no service has to be named. */
  whole: boolean;
  /** Names of the units that must be ready, or done, before it starts. */
  after: readonly string[];
  /** How long an orderly stop may take, seconds. */
  graceSeconds: number;
  memoryMiB: number;
  variables: readonly Variable[];
}

/** The units of a fleet, and what has to be said about them. */
export interface Plan {
  units: readonly Unit[];
  notes: readonly string[];
}

/** What writers need to know beside the plan. */
export interface ExportOptions {
  /** Name of the whole: a DNS label. */
  name: string;
  image: string;
  /** Path of the configuration in the container. */
  configPath: string;
  /** Address of the broker, where the configuration itself does not name one that containers can reach. */
  broker: string | undefined;
}

/** A file to write. */
export interface ExportedFile {
  name: string;
  text: string;
}
