// Subject names of PROTOCOL: one place that builds them.

import type { LogLevel } from "../common/logger.ts";

export const REGISTRY_EVENTS = [
  "declared",
  "start",
  "ready",
  "stopping",
  "stop",
  "crashed",
  "restarting",
  "failed",
] as const;
export type RegistryEvent = (typeof REGISTRY_EVENTS)[number];

/** Builds subjects under a prefix (default `svc`). */
export class Subjects {
  readonly prefix: string;
  constructor(prefix = "svc") {
    this.prefix = prefix;
  }
  registry(event: RegistryEvent, serviceId: string): string {
    return `${this.prefix}.registry.${event}.${serviceId}`;
  }
  /** Every registry event of a service, to listen to. */
  anyRegistry(serviceId: string): string {
    return `${this.prefix}.registry.*.${serviceId}`;
  }
  status(name: string): string {
    return `${this.prefix}.status.${name}`;
  }
  heartbeat(name: string): string {
    return `${this.prefix}.heartbeat.${name}`;
  }
  log(level: LogLevel, id: string): string {
    return `${this.prefix}.log.${level}.${id}`;
  }
  rpc(name: string, command: string): string {
    return `${this.prefix}.rpc.${name}.v1.${command}`;
  }
}
