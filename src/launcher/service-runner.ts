// Controls the life of one service from its launcher: start, stop, end, restart, and what is told of each.
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { ServiceRow } from "../config/types.ts";
import type { FromHost, ServiceSpec } from "../host/protocol.ts";
import { Status, type StatusReport } from "../monitoring/index.ts";
import type { ServiceExit } from "../service/index.ts";
import type { HostEnd } from "./homes/home.ts";
import type { HostLease, HostPool } from "./host-pool.ts";
import type { RegistryEvents } from "./registry-events.ts";
import { decideRestart, describeDelay, restartsAfterRun } from "./restart-policy.ts";

/**
 * Where a runner's service is. `pending`: to be started, but something must come first; `waiting`: ended, and about to
 * be started again after its delay.
 */
export type RunnerState = "idle" | "pending" | "starting" | "running" | "stopping" | "waiting" | "ended";

/** What must come before a start. Resolves when nothing holds it back (any more). */
export type StartGate = (signal: AbortSignal, hold: (why: string) => void) => Promise<void> | undefined;

export interface ServiceRunnerOptions {
  row: ServiceRow;
  spec: ServiceSpec;
  hosts: HostPool;
  events: RegistryEvents;
  logger: Logger;
  /** Called when the state or the service's status has changed. */
  onChange: () => void;
  /** Asked before every start; by default nothing must come first. */
  gate?: StartGate;
}

export class ServiceRunner {
  readonly row: ServiceRow;
  readonly #options: ServiceRunnerOptions;
  #state: RunnerState = "idle";
  #status: StatusReport;
  #lease: HostLease | undefined;
  #pid = process.pid;
  /** Distinguishes the lives of a service: what an earlier one still says is not heard. */
  #life = 0;
  #restarts: number[] = [];
  /** When this life was fully started, monotonic milliseconds. */
  #runningSinceMs: number | undefined;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #killTimer: ReturnType<typeof setTimeout> | undefined;
  #killed = false;
  /** Ends the wait of a pending start. */
  #holding: AbortController | undefined;
  #lastExit: ServiceExit | undefined;
  readonly #observers = new Set<() => void>();
  #settled = Promise.withResolvers<void>();
  #stopped = Promise.withResolvers<void>();

  constructor(options: ServiceRunnerOptions) {
    this.#options = options;
    this.row = options.row;
    this.#status = { name: options.row.id, status: Status.UNKNOWN, time: Date.now() };
  }

  get id(): string {
    return this.row.id;
  }
  get state(): RunnerState {
    return this.#state;
  }
  /** The service's last known status, as its launcher sees it. */
  get status(): StatusReport {
    return this.#status;
  }
  /** How its latest life ended; absent before the first end. */
  get lastExit(): ServiceExit | undefined {
    return this.#lastExit;
  }
  /** Running, or done with what it had to do: those that come after it may start. */
  get isReady(): boolean {
    return this.#state === "running" || (this.#state === "ended" && this.#lastExit?.phase === "completed");
  }

  /** Calls `observer` at each change of state. @returns a function that ends it */
  onState(observer: () => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }
  get pid(): number | undefined {
    return this.#lease ? this.#pid : undefined;
  }

  declare(): void {
    this.#options.events.declared(this.row.restart.policy);
  }

  /** Starts the service. Resolves when it runs, or has ended. */
  start(): Promise<void> {
    if (this.#state === "idle" || this.#state === "ended") {
      this.#settled = Promise.withResolvers();
      this.#begin();
    }
    return this.#settled.promise;
  }

  /**
   * Stops the service, and gives it up after the terminate delay. Resolves when it has ended.
   * @param reason why, for the `stopping` event
   */
  stop(reason: string): Promise<void> {
    switch (this.#state) {
      case "idle":
      case "ended":
        return Promise.resolve();
      case "pending":
      case "waiting":
        clearTimeout(this.#restartTimer);
        this.#holding?.abort();
        this.#options.events.stop("terminated", 0);
        this.#speakFor(Status.SHUTDOWN, "Service stopped while it waited for its start");
        this.#enter("ended");
        this.#settled.resolve();
        return Promise.resolve();
      case "stopping":
        return this.#stopped.promise;
      case "starting":
      case "running":
        this.#stopped = Promise.withResolvers();
        this.#enter("stopping");
        this.#options.events.stopping(reason);
        this.#lease?.host.send({ kind: "stop", id: this.id });
        this.#killTimer = setTimeout(() => {
          const seconds = this.#options.spec.terminateDelayMs / 1000;
          this.#options.logger.warning(`${this.id} did not stop within ${seconds} s: force-killed`);
          this.#giveUp();
        }, this.#options.spec.terminateDelayMs);
        return this.#stopped.promise;
      default:
        return this.#state satisfies never;
    }
  }

  /** Ends the service at once. */
  kill(): void {
    if (this.#state !== "stopping") void this.stop("killed");
    if (this.#state === "stopping") this.#giveUp();
  }

  /** Starts as soon as nothing must come first. */
  #begin(): void {
    const holding = new AbortController();
    const opened = this.#options.gate?.(holding.signal, (why) => this.#speakFor(Status.STARTUP, why));
    if (!opened) {
      this.#launch();
      return;
    }
    this.#holding = holding;
    this.#enter("pending");
    const go = (error?: unknown) => {
      if (holding.signal.aborted) return;
      if (error === undefined) this.#launch();
      else this.#onExit({ code: 1, phase: "startup", error: describeError(error), reported: false });
    };
    opened.then(() => go(), go);
  }

  #launch(): void {
    const life = ++this.#life;
    this.#killed = false;
    this.#runningSinceMs = undefined;
    this.#enter("starting");
    try {
      this.#lease = this.#options.hosts.lease(this.row, {
        onMessage: (message) => {
          if (life === this.#life) this.#onMessage(message);
        },
        onEnd: (end) => {
          if (life === this.#life) this.#onHostEnd(end);
        },
      });
    } catch (error) {
      this.#options.logger.error(`${this.id} cannot be started: ${describeError(error)}`);
      this.#onExit({ code: 1, phase: "startup", error: describeError(error), reported: false });
    }
  }

  #onMessage(message: FromHost): void {
    switch (message.kind) {
      case "up":
        this.#pid = message.pid;
        this.#options.events.start(message.pid);
        this.#lease?.host.send({ kind: "start", spec: this.#options.spec });
        // A stop that came before the host was up could not reach the service.
        if (this.#state === "stopping") this.#lease?.host.send({ kind: "stop", id: this.id });
        return;
      case "status":
        this.#status = message.report;
        this.#options.onChange();
        return;
      case "started":
        if (this.#state !== "starting") return;
        this.#runningSinceMs = performance.now();
        this.#options.events.ready(message.durationMs);
        this.#enter("running");
        this.#settled.resolve();
        return;
      case "exited":
        this.#onExit(message.exit);
        return;
      default:
        return;
    }
  }

  #onHostEnd(end: HostEnd): void {
    const phase = this.#state === "starting" ? "startup" : this.#state === "stopping" ? "stopping" : "running";
    const clean = end.code === 0 && phase !== "startup";
    const error = end.error ?? (end.code === 0 ? "the service called process.exit(0)" : `exited with code ${end.code}`);
    this.#onExit(
      clean
        ? { code: 0, phase: "completed", reported: false }
        : { code: end.code === 0 ? 1 : end.code, phase, error, reported: false },
    );
  }

  #giveUp(): void {
    this.#killed = true;
    const lease = this.#lease;
    if (lease?.dedicated) lease.host.kill();
    else this.#onExit({ code: -9, phase: "stopping", error: "did not stop", reported: false, lingering: true });
  }

  #onExit(exit: ServiceExit): void {
    clearTimeout(this.#killTimer);
    this.#life++;
    this.#lease?.release(exit.lingering === true);
    this.#lease = undefined;
    this.#lastExit = exit;
    if (this.#state === "stopping") this.#onStopped(exit);
    else if (exit.code === 0) this.#onCleanEnd(exit);
    else this.#onCrash(exit);
    this.#settled.resolve();
  }

  #onStopped(exit: ServiceExit): void {
    const forced = this.#killed || exit.lingering === true;
    this.#options.events.stop(forced ? "force_killed" : "terminated", forced ? -9 : exit.code);
    if (forced) this.#speakFor(Status.SHUTDOWN, "Service force-killed: it did not stop in time");
    else if (!exit.reported) this.#speakFor(Status.SHUTDOWN, "Service stopped");
    this.#enter("ended");
    this.#stopped.resolve();
  }

  #onCleanEnd(exit: ServiceExit): void {
    this.#options.events.stop(exit.phase === "completed" ? "completed" : "terminated", 0);
    if (!exit.reported) this.#speakFor(Status.SHUTDOWN, "Service exited");
    this.#restartOrEnd(exit);
  }

  #onCrash(exit: ServiceExit): void {
    const error = exit.error ?? `exited with code ${exit.code}`;
    const decision = this.#decide(exit);
    this.#options.events.crashed({
      exitCode: exit.code,
      restartPolicy: this.row.restart.policy,
      willRestart: decision.restart,
      error,
    });
    const next = decision.restart
      ? describeDelay(decision.delayMs)
      : decision.reason === "limit"
        ? "restart limit reached"
        : `not restarted (restart: ${this.row.restart.policy})`;
    this.#options.logger.error(`${this.id} ended: ${error}; ${next}`);
    if (!exit.reported) {
      const verb = exit.phase === "startup" ? "Startup failed" : "Crashed";
      this.#speakFor(decision.restart ? Status.ERROR : Status.FAILED, `${verb}: ${error}`);
    }
    this.#restartOrEnd(exit, decision);
  }

  #decide(exit: ServiceExit) {
    const settings = this.row.restart;
    const nowMs = performance.now();
    const ranMs = this.#runningSinceMs === undefined ? 0 : nowMs - this.#runningSinceMs;
    this.#restarts = restartsAfterRun(this.#restarts, ranMs, settings);
    return decideRestart({ settings, code: exit.code, restarts: this.#restarts, nowMs });
  }

  #restartOrEnd(exit: ServiceExit, decision = this.#decide(exit)): void {
    if (!decision.restart) {
      if (decision.reason === "limit") {
        const { max, windowMs } = this.row.restart;
        this.#options.events.failed("restart_limit_reached", decision.restarts);
        const last = exit.error ? `; last: ${exit.error}` : "";
        this.#speakFor(Status.FAILED, `Restart limit reached (${max} in ${windowMs / 1000} s)${last}`);
      }
      this.#enter("ended");
      return;
    }
    this.#enter("waiting");
    this.#restartTimer = setTimeout(() => {
      this.#restarts = [...this.#restarts.slice(-MAX_REMEMBERED_RESTARTS), performance.now()];
      this.#options.events.restarting(decision.attempt, this.row.restart.max);
      this.#begin();
    }, decision.delayMs);
  }

  /** Publishes the true status of a service that did not say it itself. */
  #speakFor(status: Status, message: string): void {
    this.#status = { name: this.id, status, message, time: Date.now() };
    this.#options.events.statusOnBehalf(status, message, this.#pid);
  }

  #enter(state: RunnerState): void {
    this.#state = state;
    this.#options.onChange();
    for (const observer of [...this.#observers]) observer();
  }
}

/** More than any sensible `restart_max`. */
const MAX_REMEMBERED_RESTARTS = 10_000;
