// Starting a service in a test of its author: the real life cycle, no broker, no launcher.
import { TcsError } from "../common/errors.ts";
import { Logger, type LogRecord } from "../common/logger.ts";
import { Scheduler } from "../common/scheduler.ts";
import { resolveServiceConfig } from "../config/service-config.ts";
import { ReportingMonitoredObject, type Status } from "../monitoring/index.ts";
import type { BaseService } from "./base-service.ts";
import { ServiceController } from "./controller.ts";
import { findService } from "./discovery.ts";
import type { ServiceExit } from "./exit.ts";
import type { ServiceClass } from "./registry.ts";

export interface ServiceUnderTest<T> extends AsyncDisposable {
  readonly service: T;
  readonly status: Status;
  readonly message: string | undefined;
  /** All it has logged, at every level. */
  readonly logs: readonly LogRecord[];
  /** Resolves when it ends, of itself or stopped. */
  readonly ended: Promise<ServiceExit>;
  /** Stops it, and tells how it ended. */
  stop(): Promise<ServiceExit>;
}

/**
 * Starts a service for a test, and resolves when it runs (or has ended at once).
 * @param fields its own configuration, as in a row of services.yaml; checked against its schema
 * @throws TcsError when the configuration is wrong or the start fails
 * @example
 * ```ts
 * await using it = await startForTest(TelescopeMonitor, { interval: 0.01 });
 * expect(it.status).toBe("ok");
 * ```
 */
export async function startForTest<C extends ServiceClass>(
  serviceClass: C,
  fields: Record<string, unknown> = {},
): Promise<ServiceUnderTest<InstanceType<C>>> {
  const identity = { type: "test", variant: "main" };
  const logs: LogRecord[] = [];
  const logger = new Logger("test.main", (record) => logs.push(record), "debug");
  const monitor = new ReportingMonitoredObject("test.main", { scheduler: new Scheduler(), logger });
  const found = findService({ exports: { serviceClass }, name: serviceClass.name, type: identity.type });
  const resolved = resolveServiceConfig(found.config, {
    ...identity,
    logLevel: "debug",
    fields,
    overrides: {},
    env: {},
  });
  if (!resolved.ok) {
    const faults = resolved.issues.map((i) => `${i.path.join(".")}: given ${i.given}, expected ${i.expected}`);
    throw new TcsError(`${serviceClass.name}: ${faults.join("; ")}`);
  }
  const controller = new ServiceController({
    id: "test.main",
    ...identity,
    logger,
    monitor,
    terminateDelayMs: 5000,
    prepare: async () => ({ serviceClass, config: resolved.config }),
  });
  const running = Promise.withResolvers<void>();
  const ended = controller.run(() => running.resolve());
  await Promise.race([running.promise, ended]);
  const { service } = controller;
  if (!service || controller.lifecycle.state === "failed") {
    throw new TcsError(`${serviceClass.name}: ${monitor.message ?? "it did not start"}`);
  }
  return {
    // The controller made it with exactly this class.
    service: service as BaseService as InstanceType<C>,
    get status() {
      return monitor.status;
    },
    get message() {
      return monitor.message;
    },
    logs,
    ended,
    stop() {
      controller.stop();
      return ended;
    },
    async [Symbol.asyncDispose]() {
      controller.stop();
      await ended;
    },
  };
}
