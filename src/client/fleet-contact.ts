// What it takes to speak to a fleet.
import type { NatsConnection } from "nats";
import type { ServiceInfo } from "./service-info.ts";

export interface FleetContact {
  connection: NatsConnection;
  /** Subject prefix of the fleet. */
  prefix: string;
  /** Who asks, as `ann@vm`: launchers write it into their logs. */
  by?: string;
  /** Everything known now. @throws TcsError when it cannot be read */
  look(): Promise<readonly ServiceInfo[]>;
}
