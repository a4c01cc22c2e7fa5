// A host: one event loop that runs services for a launcher, wherever that loop lives.
import { describeError } from "../common/errors.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import type { Scheduler } from "../common/scheduler.ts";
import { type FieldIssue, resolveServiceConfig } from "../config/service-config.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import { Subjects } from "../messaging/subjects.ts";
import { MessengerMonitoredObject } from "../monitoring/index.ts";
import { type PreparedService, ServiceController } from "../service/controller.ts";
import { ServiceDefinitionError } from "../service/index.ts";
import { captureConsole } from "./console.ts";
import { isolateServices, runAs } from "./isolation.ts";
import type { ServiceSource } from "./loader.ts";
import type { CheckResult, FromHost, ServiceSpec } from "./protocol.ts";
import { InvalidServiceConfig } from "./service-config-error.ts";

/** What a host shares between its services: the `ProcessContext` of this event loop. */
export interface ProcessContext {
  loader: ServiceSource;
  scheduler: Scheduler;
  /** Where reports of the services go. */
  sink: ReportSink;
  log: LogSink;
  /** Tells the launcher; a service run by hand has none to tell. */
  tell: (message: FromHost) => void;
  env: Record<string, string | undefined>;
}

interface HostedService {
  spec: ServiceSpec;
  controller: ServiceController;
  ended: Promise<void>;
}

export class ServiceHost {
  readonly #context: ProcessContext;
  readonly #services = new Map<string, HostedService>();
  readonly #undo: (() => void)[];
  readonly #shared: boolean;

  /**
   * @param options.shared several services (or a launcher) live in this loop
   * @param options.guardExit `process.exit` in a service ends the service, not the process; default: as `shared`
   */
  constructor(context: ProcessContext, options: { shared: boolean; guardExit?: boolean }) {
    this.#context = context;
    this.#shared = options.shared;
    const undoIsolation = isolateServices({
      guardExit: options.guardExit ?? options.shared,
      ownerOf: (error) => this.#ownerOf(error),
      onUnowned: (error) =>
        this.#context.log({
          time: Date.now(),
          level: "error",
          source: "tcs",
          message: `uncaught error that belongs to no service: ${describeError(error)}`,
        }),
    });
    this.#undo = [undoIsolation, captureConsole(context.log)];
  }

  /** Number of services that have not ended. */
  get size(): number {
    return this.#services.size;
  }

  /** Starts a service. Its exit is told to the launcher. */
  start(spec: ServiceSpec): void {
    const { sink, scheduler, tell } = this.#context;
    const logger = new Logger(spec.id, this.#context.log, spec.logLevel);
    const monitor = new MessengerMonitoredObject(spec.id, {
      sink,
      scheduler,
      subjects: new Subjects(spec.subjectPrefix),
      heartbeatIntervalMs: spec.heartbeatIntervalMs,
      healthcheckIntervalMs: spec.healthcheckIntervalMs,
      logger,
      ...(spec.parent === undefined ? {} : { parent: spec.parent }),
    });
    monitor.onChange(() => tell({ kind: "status", id: spec.id, report: monitor.report() }));
    const controller: ServiceController = new ServiceController({
      id: spec.id,
      type: spec.type,
      variant: spec.variant,
      logger,
      monitor,
      terminateDelayMs: spec.terminateDelayMs,
      prepare: () => this.#prepare(spec),
      enter: (run) => runAs(controller, run),
    });
    const ended = controller
      .run((durationMs) => tell({ kind: "started", id: spec.id, durationMs }))
      .then((exit) => {
        this.#services.delete(spec.id);
        tell({ kind: "exited", id: spec.id, exit });
      });
    this.#services.set(spec.id, { spec, controller, ended });
  }

  /** Asks a service to stop. Unknown ids are ignored: it has just ended. */
  stop(id: string): void {
    this.#services.get(id)?.controller.stop();
  }

  /** Stops all services and waits for their ends. */
  async stopAll(): Promise<void> {
    const services = [...this.#services.values()];
    for (const { controller } of services) controller.stop();
    await Promise.all(services.map(({ ended }) => ended));
  }

  /** Loads the services' files and checks their configuration, without making or starting any. */
  async check(specs: readonly ServiceSpec[]): Promise<CheckResult[]> {
    return await Promise.all(
      specs.map(async (spec): Promise<CheckResult> => {
        try {
          await this.#prepare(spec);
          return { id: spec.id };
        } catch (error) {
          if (error instanceof InvalidServiceConfig) return { id: spec.id, issues: error.issues };
          if (error instanceof ServiceDefinitionError) return { id: spec.id, refused: describeError(error) };
          return { id: spec.id, warning: describeError(error) };
        }
      }),
    );
  }

  /** Lets go of the process-wide handlers. */
  dispose(): void {
    for (const undo of this.#undo) undo();
  }

  async #prepare(spec: ServiceSpec): Promise<PreparedService> {
    const found = await this.#context.loader.load(spec.module, spec.type);
    const resolved = resolveServiceConfig(found.config, { ...spec, env: this.#context.env });
    if (!resolved.ok) throw new InvalidServiceConfig(spec.id, resolved.issues satisfies FieldIssue[]);
    return { serviceClass: found.serviceClass, config: resolved.config };
  }

  /** The only running service of the file that an error's stack names. */
  #ownerOf(error: unknown): ServiceController | undefined {
    const services = [...this.#services.values()];
    if (!this.#shared && services.length === 1) return services[0]?.controller;
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    const owners = services.filter(({ spec }) => spec.module.kind === "file" && stack.includes(spec.module.path));
    return owners.length === 1 ? owners[0]?.controller : undefined;
  }
}
