// Starting a service in a test of its author: the real life cycle, no broker, no launcher.
import type { JsonObject } from "../common/json.ts";
import { Logger, type LogRecord, type LogSink } from "../common/logger.ts";
import { Scheduler } from "../common/scheduler.ts";
import { resolveNats } from "../config/nats.ts";
import { type ConfigSchema, resolveServiceConfig } from "../config/service-config.ts";
import { pathText } from "../config/source-tree.ts";
import { ServiceMessengers } from "../messenger/service-messengers.ts";
import { ReportingMonitoredObject, type Status } from "../monitoring/index.ts";
import { endMonitorsOf, offerVoice, type Voice } from "../monitoring/voice.ts";
import type { BaseService } from "./base-service.ts";
import { ConfigChanges } from "./config-changes.ts";
import { ServiceController } from "./controller.ts";
import { findService } from "./discovery.ts";
import { ServiceTestError } from "./errors.ts";
import type { ServiceExit } from "./exit.ts";
import { LogWatch } from "./log-watch.ts";
import { registrationOf, type ServiceClass } from "./registry.ts";
import { ServiceRequests } from "./requests.ts";

/** How long a stop may take, milliseconds: less than the 5 s that bun:test gives a test, so that the exit tells why. */
const TERMINATE_DELAY_MS = 4000;
/** How long `logged` waits, milliseconds: less than that too. */
const LOG_LIMIT_MS = 4000;

/** A service that runs in a test. Disposing of it stops it. */
export interface ServiceUnderTest<T> extends AsyncDisposable {
  readonly service: T;
  /** Its status now, with that of its monitor's children. */
  readonly status: Status;
  readonly message: string | undefined;
  /** All it has logged, at every level. */
  readonly logs: readonly LogRecord[];
  /** Resolves when it ends, of itself or stopped; never rejects: what went wrong is in the exit. */
  readonly ended: Promise<ServiceExit>;
  /**
   * The first record with `text` in its message that it has logged, or will log.
   * @param limitMs milliseconds, default 4000
   * @throws TcsError with all it has logged, when it ends without it, or after `limitMs`
   */
  logged(text: string | RegExp, limitMs?: number): Promise<LogRecord>;
  /**
   * Asks it as over NATS: `health`, `stats`, or a command of its own.
   * @throws what the caller would be told
   */
  request(command: string, data?: JsonObject): Promise<JsonObject>;
  /**
   * Changes its configuration while it runs, as a reload does: `fields` over those that it has. Without `onConfigChange` the
   * values are set in place.
   * @throws TcsError when they do not fit the schema, or with the service's words when it refuses them: then it keeps what it has
   */
  changeConfig(fields: Record<string, unknown>): Promise<void>;
  /** Stops it, and tells how it ended; after its end only the latter. */
  stop(): Promise<ServiceExit>;
}

/**
 * Starts a service for a test, and resolves when it runs (or has completed at once).
 * Variables of the environment do not reach its configuration.
 * @param serviceClass the class with its decorators; its type is the one in `@service("…")`, else `test`
 * @param fields its own configuration and `variant` (default `main`), as in a row of services.yaml; checked against its schema
 * @throws TcsError when the configuration is wrong or the start fails; its `cause` is what the service threw
 * @throws ServiceDefinitionError when the class cannot work as written
 * @example
 * ```ts
 * import { expect, test } from "bun:test";
 * import { startForTest } from "ocabox-tcs/testing";
 * import { TelescopeMonitor } from "./telescope_monitor.ts";
 *
 * test("it reports all is well until it is stopped", async () => {
 *   await using monitor = await startForTest(TelescopeMonitor, { interval: 0.01 });
 *   await monitor.logged("all is well");
 *   expect(monitor.status).toBe("ok");
 *   expect(await monitor.stop()).toMatchObject({ code: 0, phase: "stopped" });
 * });
 * ```
 */
export async function startForTest<C extends ServiceClass>(
  serviceClass: C,
  fields: Record<string, unknown> = {},
): Promise<ServiceUnderTest<InstanceType<C>>> {
  const { variant = "main", ...own } = fields;
  const identity = { type: registrationOf(serviceClass)?.type ?? "test", variant: String(variant) };
  const { schema, ...prepared } = prepare(serviceClass, identity, own);
  const id = `${identity.type}.${identity.variant}`;
  const watch = new LogWatch();
  const logger = new Logger(id, (record) => watch.add(record), "debug");
  const monitor = new ReportingMonitoredObject(id, { scheduler: new Scheduler(), logger });
  // Of the surroundings, if the service asks for it: a test may start a broker and name it in NATS_URL.
  const messengers = new ServiceMessengers(resolveNats({ env: process.env }));
  let cause: unknown;
  const controller = new ServiceController({
    id,
    ...identity,
    logger,
    monitor,
    messenger: () => messengers.of(id, logger),
    terminateDelayMs: TERMINATE_DELAY_MS,
    prepare: async () => prepared,
    enter: (run) => keepingError(run, (error) => (cause = error)),
  });
  const requests = new ServiceRequests({ controller, enter: (run) => controller.enter(run) });
  const changes = new ConfigChanges({ controller, enter: (run) => controller.enter(run) });
  changes.schema = schema;
  let current = own;
  const running = Promise.withResolvers<true>();
  const silence = offerVoice(voiceOfTest(id, (record) => watch.add(record)));
  const ended = controller
    .run(() => running.resolve(true))
    .then(async (exit) => {
      await messengers.end(id);
      return exit;
    });
  void ended.then(() => {
    endMonitorsOf(id);
    silence();
  });
  void ended.then((exit) => watch.end(`it ended (${exit.error ?? exit.phase})`));
  if ((await Promise.race([running.promise, ended])) !== true) {
    throw new ServiceTestError(`${serviceClass.name}: ${monitor.message ?? "it did not start"}`, { cause });
  }
  const stop = () => {
    controller.stop();
    return ended;
  };
  return {
    // The controller made it with exactly this class.
    service: controller.service as BaseService as InstanceType<C>,
    get status() {
      return monitor.status;
    },
    get message() {
      return monitor.message;
    },
    logs: watch.records,
    ended,
    logged: (text, limitMs = LOG_LIMIT_MS) => watch.find(text, limitMs),
    request: (command, data = {}) => requests.answer(command, data),
    async changeConfig(more) {
      const next = { ...current, ...more };
      const outcome = await changes.take(prepare(serviceClass, identity, next).config);
      if (outcome.result === "refused") throw new ServiceTestError(outcome.reason);
      current = next;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** Monitors that the service makes are heard by nobody. */
function voiceOfTest(id: string, log: LogSink): Voice {
  const nobody = () => undefined;
  const sink = { event: nobody, beat: nobody };
  return { sink, log, scheduler: new Scheduler(), subjectPrefix: "svc", owner: () => id };
}

function prepare(
  serviceClass: ServiceClass,
  identity: { type: string; variant: string },
  fields: Record<string, unknown>,
): { serviceClass: ServiceClass; schema: ConfigSchema; config: object } {
  const found = findService({ exports: { serviceClass }, name: serviceClass.name, type: identity.type });
  const input = { ...identity, logLevel: "debug", fields, overrides: {}, env: {} } as const;
  const resolved = resolveServiceConfig(found.config, input);
  if (resolved.ok) return { serviceClass, schema: found.config, config: resolved.config };
  const faults = resolved.issues.map(({ path, given, expected }) => {
    const where = path.length > 0 ? `${pathText(path)}: ` : "";
    return `${where}given ${given}, expected ${expected}`;
  });
  throw new ServiceTestError(`${serviceClass.name}: ${faults.join("; ")}`);
}

/** Runs code of the service; what it throws goes on its way, and is told to `keep`. */
function keepingError<T>(run: () => T, keep: (error: unknown) => void): T {
  try {
    const result = run();
    if (result instanceof Promise) result.catch(keep);
    return result;
  } catch (error) {
    keep(error);
    throw error;
  }
}
