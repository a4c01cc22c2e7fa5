// What it takes to speak to a fleet.
import type { NatsConnection } from "nats";
import type { ServiceInfo } from "./service-info.ts";

export interface FleetContact {
  connection: NatsConnection;
  /** Subject prefix of the fleet. */
  prefix: string;
  /** Everything known now. @throws TcsError when it cannot be read */
  look(): Promise<readonly ServiceInfo[]>;
}
