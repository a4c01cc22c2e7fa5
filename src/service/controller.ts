// Controls one service from its own event loop: makes it, drives its cycle, and tells its monitor.
import { atMost } from "../common/at-most.ts";
import { TcsError } from "../common/errors.ts";
import { listed } from "../common/plural.ts";
import { type ReportingMonitoredObject, Status } from "../monitoring/index.ts";
import { type BaseService, cycleRun, cycleStart, cycleStop, stopsFailedStart } from "./base-service.ts";
import { withServiceContext } from "./context.ts";
import type { PreparedService, ServiceControllerOptions } from "./controller-options.ts";
import type { ServiceExit } from "./exit.ts";
import { exitCodeOf, ServiceExitRequest } from "./exit-request.ts";
import { type Fault, tellFault } from "./fault.ts";
import { Grace, isAbort, ServiceLife, type ServiceStats } from "./life/index.ts";
import type { Lifecycle, LifecycleState } from "./lifecycle/index.ts";

/** Shares of the terminate delay: for the run to end, and for clean-up to have ended (the rest is the host's own). */
const RUN_SHARE = 0.4;
const CLEAN_UP_SHARE = 0.9;

/** Drives one service once from creation to its end. A restart makes a new controller. */
export class ServiceController {
  readonly #options: ServiceControllerOptions;
  readonly #life: ServiceLife;
  readonly #grace: Grace;
  #ended: Promise<ServiceExit> | undefined;
  #service: BaseService | undefined;
  #startedAtMs = 0;
  /** It ends because of an error, which its status tells. */
  #isWrong = false;

  constructor(options: ServiceControllerOptions) {
    this.#options = options;
    this.#life = new ServiceLife(options);
    this.#grace = new Grace(this.#life, options.terminateDelayMs);
    this.lifecycle.onChange((state) => this.#feedMonitor(state));
  }

  get lifecycle(): Lifecycle {
    return this.#life.lifecycle;
  }
  get id(): string {
    return this.#options.id;
  }
  get monitor(): ReportingMonitoredObject {
    return this.#options.monitor;
  }

  /** What is counted of the service's life. */
  get stats(): ServiceStats {
    return this.#life.stats;
  }

  /** The service itself, once it is made. */
  get service(): BaseService | undefined {
    return this.#service;
  }

  /**
   * Runs the service to its end. Never rejects: what goes wrong is in the exit.
   * @param onRunning called once it is fully started, with the duration of the start in milliseconds
   */
  run(onRunning?: (durationMs: number) => void): Promise<ServiceExit> {
    this.#ended ??= this.#drive(onRunning);
    return this.#ended;
  }

  /** Asks the service to stop. Idempotent; `run()` resolves when it has. */
  stop(): void {
    this.#life.requestStop();
  }

  /** Ends the service because its code threw where nobody awaits it, or called `process.exit`. */
  crash(error: unknown): void {
    this.#life.crash(error);
  }

  /** Runs code of the service. */
  enter<T>(run: () => T): T {
    return this.#life.enter(run);
  }

  async #drive(onRunning?: (durationMs: number) => void): Promise<ServiceExit> {
    const { monitor } = this.#options;
    this.#startedAtMs = performance.now();
    monitor.setStatus(Status.STARTUP, "Starting service");
    monitor.start();
    const exit = await this.#cycle(onRunning);
    monitor.stop();
    return exit;
  }

  async #cycle(onRunning?: (durationMs: number) => void): Promise<ServiceExit> {
    const { lifecycle } = this;
    const { signal } = this.#life;
    let service: BaseService;
    try {
      const prepared = await this.#guard(this.#options.prepare);
      if (signal.aborted) return this.#neverStarted();
      service = this.#create(prepared);
      this.#service = service;
      lifecycle.to("initialized");
    } catch (error) {
      return this.#failed("Initialization failed", error);
    }
    // A service may end itself while it is made.
    if (signal.aborted) return this.#neverStarted();
    lifecycle.begin("start");
    try {
      const starting = this.#guard(() => service[cycleStart]());
      if (await this.#grace.isOutlastedBy(starting, RUN_SHARE)) {
        return await this.#tearDownWithout("its start", service);
      }
      lifecycle.complete("start");
    } catch (error) {
      if (signal.aborted && isAbort(error)) return await this.#tearDown(service, { phase: this.#endOfStop });
      return await this.#failedToStart(service, error);
    }
    // What was asked to stop meanwhile has nothing to run for.
    if (signal.aborted) return await this.#tearDown(service, { phase: this.#endOfStop });
    lifecycle.begin("run");
    onRunning?.(performance.now() - this.#startedAtMs);
    return await this.#untilEnd(service);
  }

  async #untilEnd(service: BaseService): Promise<ServiceExit> {
    const { monitor } = this;
    const running = this.#guard(() => service[cycleRun]());
    try {
      if (await this.#grace.isOutlastedBy(running, RUN_SHARE))
        return await this.#tearDownWithout("runService", service);
    } catch (error) {
      const asked = this.#life.signal.aborted && isAbort(error);
      const exitedCleanly = error instanceof ServiceExitRequest && error.status === 0;
      if (!asked && !exitedCleanly) return await this.#runtimeError(service, error);
    }
    if (this.#life.signal.aborted && this.#endOfStop === "stopped") {
      return await this.#tearDown(service, { phase: "stopped" });
    }
    if (monitor.ownStatus === Status.FAILED || monitor.ownStatus === Status.ERROR) {
      // It gave itself up: its own words are the reason.
      return await this.#tearDown(service, {
        phase: "running",
        error: monitor.message ?? `ended with status ${monitor.ownStatus}`,
      });
    }
    return await this.#tearDown(service, { phase: "completed" });
  }

  /** What a state says of itself; what an end says depends on how it came to it. */
  #feedMonitor(state: LifecycleState): void {
    const { monitor } = this;
    // A service that set its own status while starting knows better than "running".
    if (state === "running" && monitor.ownStatus === Status.STARTUP) monitor.setStatus(Status.OK, "Service running");
    if (state === "stopping" && !this.#isWrong) monitor.setStatus(Status.SHUTDOWN, "Stopping service");
  }

  /** What a service that was asked to stop has done: what it asked for itself is its completion. */
  get #endOfStop(): "completed" | "stopped" {
    return this.#life.isStoppedByItself ? "completed" : "stopped";
  }

  async #runtimeError(service: BaseService, error: unknown): Promise<ServiceExit> {
    const fault = this.#tell("Runtime error", error);
    this.monitor.setStatus(Status.ERROR, `Runtime error: ${fault.error}`);
    return await this.#tearDown(service, { phase: "running", ...fault, code: exitCodeOf(error) });
  }

  /** Cleans up although code of the service goes on. */
  async #tearDownWithout(what: string, service: BaseService): Promise<ServiceExit> {
    this.#options.logger.warning(`${what} is still running after the stop; cleaning up without it`);
    return await this.#tearDown(service, { phase: this.#endOfStop, lingering: true });
  }

  /** Lets the service clean up, once, and settles the last status. */
  async #tearDown(
    service: BaseService,
    end: Omit<ServiceExit, "code" | "reported"> & { code?: number },
  ): Promise<ServiceExit> {
    const { lifecycle, monitor } = this;
    const { phase, error } = end;
    this.#isWrong = error !== undefined;
    this.#life.requestStop({ byItself: true });
    lifecycle.begin("stop");
    const wrong = error === undefined ? undefined : { ...end, error, code: end.code ?? 1, reported: true };
    let lingering = end.lingering || (await this.#tasksLinger()) ? { lingering: true } : {};
    try {
      await this.#cleanUp(service);
    } catch (error) {
      const fault = this.#tell("Shutdown failed", error);
      lifecycle.to("failed");
      if (error instanceof CleanUpTimeout) lingering = { lingering: true };
      if (wrong) return { ...wrong, ...lingering };
      monitor.setStatus(Status.ERROR, `Shutdown failed: ${fault.error}`);
      return { code: 1, phase: "stopping", ...fault, reported: true, ...lingering };
    }
    if (wrong) {
      lifecycle.to("failed");
      return wrong;
    }
    lifecycle.complete("stop");
    return this.#cleanEnd(phase, lingering);
  }

  /** Waits for the service's tasks. @returns true if some go on for too long */
  async #tasksLinger(): Promise<boolean> {
    const { tasks } = this.#life;
    if (!(await this.#grace.isOutlastedBy(tasks.settled(), RUN_SHARE))) return false;
    this.#options.logger.warning(`still running after the stop: ${listed(tasks.names)}; cleaning up without waiting`);
    return true;
  }

  /** Not raced against a crash: the crash may be why it is called. */
  async #cleanUp(service: BaseService): Promise<void> {
    const limitMs = this.#grace.leftMs(CLEAN_UP_SHARE);
    if (
      await atMost(
        limitMs,
        this.enter(() => service[cycleStop]()),
      )
    )
      return;
    throw new CleanUpTimeout(`clean-up did not end within ${(limitMs / 1000).toFixed(1)} s`);
  }

  #neverStarted(): ServiceExit {
    this.lifecycle.begin("stop");
    this.lifecycle.complete("stop");
    return this.#cleanEnd(this.#endOfStop);
  }

  #cleanEnd(phase: ServiceExit["phase"], more: { lingering?: boolean } = {}): ServiceExit {
    this.monitor.setStatus(Status.SHUTDOWN, phase === "completed" ? "Service completed" : "Service stopped");
    return { code: 0, phase, reported: true, ...more };
  }

  #failed(what: string, error: unknown): ServiceExit {
    const fault = this.#tell(what, error);
    this.lifecycle.to("failed");
    this.stop();
    this.monitor.setStatus(Status.FAILED, `${what}: ${fault.error}`);
    return { code: exitCodeOf(error), phase: "startup", ...fault, reported: true };
  }

  /** Stops what has been started of it first, where that is how such a service fails. */
  async #failedToStart(service: BaseService, error: unknown): Promise<ServiceExit> {
    if (!service[stopsFailedStart]) return this.#failed("Startup failed", error);
    this.#isWrong = true;
    this.stop();
    this.lifecycle.begin("stop");
    let lingering = await this.#tasksLinger();
    try {
      await this.#cleanUp(service);
    } catch (cause) {
      this.#tell("Shutdown failed", cause);
      lingering ||= cause instanceof CleanUpTimeout;
    }
    return { ...this.#failed("Startup failed", error), ...(lingering ? { lingering } : {}) };
  }

  /** Logs and counts what went wrong. @returns the same, for the exit */
  #tell(what: string, cause: unknown): Fault {
    this.#life.countError(cause);
    return tellFault(this.#options.logger, what, cause);
  }

  #create(prepared: PreparedService): BaseService {
    const { id, type, variant, logger, monitor, messenger } = this.#options;
    const context = {
      id,
      type,
      variant,
      config: prepared.config,
      logger,
      monitor,
      messenger,
      life: this.#life,
    };
    // The registry knows the class by its widest configuration type; the cycle does not depend on it.
    const made = this.enter(() => withServiceContext(context, () => new prepared.serviceClass()));
    const service = made as unknown as BaseService;
    const healthcheck = () => service.healthcheck?.();
    if (service.healthcheck) monitor.addHealthcheckCb(healthcheck);
    return service;
  }

  /** Runs a phase of the service's code; a crash elsewhere in the service ends the phase. */
  async #guard<T>(run: () => Promise<T>): Promise<T> {
    return await Promise.race([this.enter(run), this.#life.crashed]);
  }
}

/**
 * A service takes too long to stop.
 * @cause A service's onStop, or what it releases at its end, takes longer than terminate_delay.
 * @remedy Make it shorter, or raise terminate_delay of the service.
 * @example clean-up did not end within 10.0 s
 */
class CleanUpTimeout extends TcsError {
  override readonly code = "E_CLEAN_UP_TIMEOUT";
}
