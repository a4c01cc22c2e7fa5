// What a service is given when it is made: handed over out of sight, so that authors need no constructor.
import type { Logger } from "../common/logger.ts";
import type { Messenger } from "../messenger/messenger.ts";
import type { MonitoredObject } from "../monitoring/monitored-object.ts";
import { ServiceDefinitionError } from "./errors.ts";
import type { ServiceLife } from "./life/index.ts";

export interface ServiceContext {
  id: string;
  type: string;
  variant: string;
  config: unknown;
  logger: Logger;
  monitor: MonitoredObject;
  /** Made when it is first asked for. */
  messenger: () => Messenger;
  life: ServiceLife;
}

let pending: ServiceContext | undefined;

/** Runs `create` (a constructor call) with `context` at hand for the base class. */
export function withServiceContext<T>(context: ServiceContext, create: () => T): T {
  pending = context;
  try {
    return create();
  } finally {
    pending = undefined;
  }
}

/** The context of the service under construction. @throws ServiceDefinitionError when a service class is called by hand */
export function takeServiceContext(className: string): ServiceContext {
  if (!pending) {
    throw new ServiceDefinitionError(`${className} cannot be created with "new": services are created by tcs`, {
      hint: `run it with "tcs service FILE", or call main(${className})`,
    });
  }
  return pending;
}
