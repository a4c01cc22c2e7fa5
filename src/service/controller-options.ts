// What a controller is told of the service that it drives.
import type { Logger } from "../common/logger.ts";
import type { Messenger } from "../messenger/messenger.ts";
import type { ReportingMonitoredObject } from "../monitoring/index.ts";
import type { ServiceClass } from "./registry.ts";

/** A service class ready to be made, with its checked configuration. */
export interface PreparedService {
  serviceClass: ServiceClass;
  config: unknown;
}

export interface ServiceControllerOptions {
  id: string;
  type: string;
  variant: string;
  logger: Logger;
  /** Started and stopped by the controller. */
  monitor: ReportingMonitoredObject;
  /** The service's messenger, made when it is first asked for. */
  messenger: () => Messenger;
  /** Loads the class and checks the configuration; what it throws is reported as a failed initialisation. */
  prepare: () => Promise<PreparedService>;
  /** Runs all code of the service; a host uses it to know whose code is running. */
  enter?: <T>(run: () => T) => T;
  /** How long a stop may take, milliseconds. */
  terminateDelayMs: number;
}
