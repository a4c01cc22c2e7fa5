// A host: one event loop that runs services for a launcher, wherever that loop lives.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import { Logger, type LogSink } from "../common/logger.ts";
import type { Scheduler } from "../common/scheduler.ts";
import { type ConfigDescription, describeConfig } from "../config/describe-config.ts";
import { secretValues } from "../config/secret-values.ts";
import { type ConfigSchema, type FieldIssue, resolveServiceConfig } from "../config/service-config.ts";
import type { NatsSettings } from "../config/types.ts";
import type { ReportSink } from "../messaging/report-sink.ts";
import { RequestError } from "../messaging/rpc.ts";
import { Subjects } from "../messaging/subjects.ts";
import { ServiceMessengers } from "../messenger/service-messengers.ts";
import { MessengerMonitoredObject } from "../monitoring/index.ts";
import { endMonitorsOf, offerVoice, type Voice } from "../monitoring/voice.ts";
import {
  ConfigChanges,
  commandsOf,
  type PreparedService,
  ServiceController,
  ServiceRequests,
} from "../service/index.ts";
import { checkServices } from "./check.ts";
import { configureService } from "./configure.ts";
import { captureConsole } from "./console.ts";
import { currentServiceId, isolateServices, runAs } from "./isolation.ts";
import type { ServiceSource } from "./loader.ts";
import type { CheckResult, FromHost, ServiceSpec, ToHost } from "./protocol.ts";
import { InvalidServiceConfig } from "./service-config-error.ts";
import { HEARTBEAT_INTERVAL_MS } from "./service-spec.ts";

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
  /** Answers requests to monitors that services make; where there is no connection nobody does. */
  serve?: NonNullable<Voice["serve"]>;
  /** The broker that the messengers of services connect to; default: that of the surroundings. */
  nats?: NatsSettings;
}

interface HostedService {
  spec: ServiceSpec;
  controller: ServiceController;
  changes: ConfigChanges;
  requests: ServiceRequests;
  ended: Promise<void>;
}

export class ServiceHost {
  readonly #context: ProcessContext;
  readonly #services = new Map<string, HostedService>();
  readonly #undo: (() => void)[];
  readonly #messengers: ServiceMessengers;
  readonly #shared: boolean;
  #subjectPrefix = "svc";
  /** Between two signs of life, milliseconds: at first the heartbeats'. */
  #aliveMs = HEARTBEAT_INTERVAL_MS;
  #stopAlive: (() => void) | undefined;

  /**
   * @param options.shared several services (or a launcher) live in this loop
   * @param options.guardExit `process.exit` in a service ends the service, not the process; default: as `shared`
   */
  constructor(context: ProcessContext, options: { shared: boolean; guardExit?: boolean }) {
    this.#context = context;
    this.#shared = options.shared;
    this.#messengers = new ServiceMessengers(context.nats);
    const undoIsolation = isolateServices({
      guardExit: options.guardExit ?? options.shared,
      ownersOf: (error) => this.#ownersOf(error),
      onUnowned: (error) =>
        this.#context.log({
          time: Date.now(),
          level: "error",
          source: "tcs",
          message: `uncaught error that belongs to no service: ${describeError(error)}`,
        }),
    });
    this.#undo = [
      undoIsolation,
      offerVoice(this.#voice()),
      captureConsole(context.log, () => currentServiceId() ?? this.#only()?.spec.id ?? "tcs"),
    ];
  }

  /** Number of services that have not ended. */
  get size(): number {
    return this.#services.size;
  }

  /** Starts a service. Its exit is told to the launcher. */
  start(spec: ServiceSpec): void {
    const { sink, scheduler, tell } = this.#context;
    this.#subjectPrefix = spec.subjectPrefix;
    const logger = new Logger(spec.id, this.#logOf(spec.id), spec.logLevel);
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
      messenger: () => this.#messengers.of(spec.id, logger),
      terminateDelayMs: spec.terminateDelayMs,
      prepare: async () => {
        const prepared = await this.#prepare(spec, (note) => logger.warning(note));
        changes.schema = prepared.schema;
        return prepared;
      },
      enter: (run) => runAs(controller, run),
    });
    const changes = new ConfigChanges({ controller, enter: (run) => controller.enter(run) });
    const ended = controller
      .run((durationMs) => {
        const commands = controller.service ? [...commandsOf(controller.service).keys()] : [];
        tell({ kind: "started", id: spec.id, durationMs, commands, hearsConfig: changes.isHeard });
      })
      .then(async (exit) => {
        await this.#messengers.end(spec.id);
        this.#services.delete(spec.id);
        endMonitorsOf(spec.id);
        tell({ kind: "exited", id: spec.id, exit });
      });
    const requests = new ServiceRequests({ controller, enter: (run) => controller.enter(run) });
    this.#beAlive(spec.watchdogMs);
    this.#services.set(spec.id, { spec, controller, changes, requests, ended });
  }

  /** Is heard three times in `watchdogMs`, where the heartbeats do not see to that. */
  #beAlive(watchdogMs: number): void {
    const intervalMs = watchdogMs / 3;
    if (intervalMs >= this.#aliveMs) return;
    this.#aliveMs = intervalMs;
    this.#stopAlive?.();
    this.#stopAlive = this.#context.scheduler.every(intervalMs, () => this.#context.tell({ kind: "alive" }));
  }

  /** Asks a service to stop. Unknown ids are ignored: it has just ended. */
  stop(id: string): void {
    this.#services.get(id)?.controller.stop();
  }

  /** Answers a request to a service. @throws RequestError, or what its command threw */
  async request(id: string, command: string, data: JsonObject): Promise<JsonObject> {
    const hosted = this.#services.get(id);
    if (!hosted) throw new RequestError(`${id} is not running`);
    return await hosted.requests.answer(command, data);
  }

  /** The same for a launcher, to which it tells that the request has arrived, and the answer. */
  async answer({ id, requestId, command, data }: Extract<ToHost, { kind: "rpc" }>): Promise<void> {
    const { tell } = this.#context;
    tell({ kind: "rpc-begun", id, requestId });
    try {
      tell({ kind: "rpc-reply", id, requestId, data: await this.request(id, command, data) });
    } catch (error) {
      tell({ kind: "rpc-reply", id, requestId, error: describeError(error) });
    }
  }

  /** Gives a service that runs another configuration, and tells the launcher what became of it. Never rejects. */
  async configure({ spec, requestId }: Extract<ToHost, { kind: "configure" }>): Promise<void> {
    const { tell, env } = this.#context;
    const hosted = this.#services.get(spec.id);
    // It has just ended, which is told.
    if (!hosted) return;
    const outcome = await configureService(hosted, spec, { env, tell });
    tell({ kind: "configured", id: spec.id, requestId, outcome });
  }

  /** Adds something to what a service says of itself. */
  remark({ id, text }: Extract<ToHost, { kind: "remark" }>): void {
    this.#services.get(id)?.controller.monitor.setRemark(text);
  }

  /** Stops all services and waits for their ends. */
  async stopAll(): Promise<void> {
    const services = [...this.#services.values()];
    for (const { controller } of services) controller.stop();
    await Promise.all(services.map(({ ended }) => ended));
  }

  /** Loads the services' files and checks their configuration, without making or starting any; tells of each. */
  check(specs: readonly ServiceSpec[], describe = false): Promise<CheckResult[]> {
    const prepare = (spec: ServiceSpec) => this.#asOwner(spec.id, () => this.#prepare(spec));
    const asked = describe && { describe: (spec: ServiceSpec) => this.#describe(spec) };
    const { loader, tell } = this.#context;
    const schemaOf = (spec: ServiceSpec) =>
      this.#asOwner(spec.id, async () => (await loader.load(spec.module, spec.type)).config);
    return checkServices(specs, { prepare, schemaOf, tell, ...asked });
  }

  /** Lets go of the process-wide handlers. */
  dispose(): void {
    this.#stopAlive?.();
    for (const undo of this.#undo) undo();
  }

  /** Runs `run` as code of a service that may not exist yet: what its file does wrong is then the error thrown here. */
  async #asOwner<T>(id: string, run: () => Promise<T>): Promise<T> {
    const { promise: wrong, reject } = Promise.withResolvers<never>();
    const crash = (error: unknown) => {
      // A callback made when the file was loaded, and called when the service runs.
      const running = this.#services.get(id)?.controller;
      if (running) running.crash(error);
      else reject(error);
    };
    return await Promise.race([runAs({ id, crash }, run), wrong]);
  }

  async #prepare(
    spec: ServiceSpec,
    onNote?: (note: string) => void,
  ): Promise<PreparedService & { schema: ConfigSchema }> {
    const found = await this.#context.loader.load(spec.module, spec.type);
    if (found.note !== undefined) onNote?.(found.note);
    const resolved = resolveServiceConfig(found.config, { ...spec, env: spec.variables ?? this.#context.env });
    if (!resolved.ok) throw new InvalidServiceConfig(spec.id, resolved.issues satisfies FieldIssue[]);
    const secrets = secretValues(found.config, resolved.config);
    if (secrets.length > 0) this.#context.tell({ kind: "secrets", values: secrets });
    return { serviceClass: found.serviceClass, schema: found.config, config: resolved.config };
  }

  /** Of a service whose file was loaded, and may have nothing wrong with it but its values. */
  async #describe(spec: ServiceSpec): Promise<ConfigDescription> {
    const { config } = await this.#context.loader.load(spec.module, spec.type);
    return describeConfig(config, { ...spec, env: this.#context.env });
  }

  /** Monitors that services make themselves speak as the services do. */
  #voice(): Voice {
    const { sink, scheduler, log, serve } = this.#context;
    const prefix = () => this.#subjectPrefix;
    return {
      sink,
      scheduler,
      log,
      get subjectPrefix() {
        return prefix();
      },
      owner: () => currentServiceId() ?? this.#only()?.spec.id,
      ...(serve ? { serve } : {}),
    };
  }

  /** Lines of a part of the service, as its logger's `child` names it, are the service's. */
  #logOf(id: string): LogSink {
    const { log } = this.#context;
    return (record) => log(record.source === id ? record : { ...record, service: id });
  }

  /** The service that this host is for, when it is for one only. */
  #only(): HostedService | undefined {
    const [first, ...others] = this.#services.values();
    return this.#shared || others.length > 0 ? undefined : first;
  }

  /** The running services of the file that an error's stack names. */
  #ownersOf(error: unknown): ServiceController[] {
    const only = this.#only();
    if (only) return [only.controller];
    const services = [...this.#services.values()];
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    return services
      .filter(({ spec }) => spec.module.kind === "file" && stack.includes(spec.module.path))
      .map(({ controller }) => controller);
  }
}
