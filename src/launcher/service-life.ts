// One life of a service: from its place in a host to its end, and what is heard of it in between.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import type { ServiceRow } from "../config/types.ts";
import type { FromHost, ServiceSpec } from "../host/protocol.ts";
import { DEFAULT_WATCHDOG_MS } from "../host/service-spec.ts";
import { RequestError } from "../messaging/rpc.ts";
import type { StatusReport } from "../monitoring/index.ts";
import type { ServiceExit } from "../service/index.ts";
import type { HostEnd, NextLife } from "./homes/home.ts";
import type { HostLease, HostPool } from "./host-pool.ts";
import { LiveConfig, noteFields } from "./live-config.ts";
import type { RegistryEvents } from "./registry-events.ts";
import { ServiceRequests } from "./service-requests.ts";
import type { Watchdog } from "./watchdog.ts";

export interface ServiceLifeOptions {
  row: ServiceRow;
  spec: ServiceSpec;
  hosts: HostPool;
  events: RegistryEvents;
  logger: Logger;
  watchdog?: Watchdog | undefined;
  /** Its thread, process or task is there; if it was there before: since when, milliseconds since the epoch. */
  onUp: (pid: number, since?: number) => void;
  /** It has said how it is. */
  onStatus: (report: StatusReport) => void;
  onStarted: (durationMs: number) => void;
  /** Its event loop stands still. */
  onSilent: (why: string) => void;
  /** Its event loop turns again; `report` is what the service last said itself. */
  onHeardAgain: (report: StatusReport) => void;
  /** The last that is heard of it. @param next what a supervisor of its own does now */
  onEnd: (exit: ServiceExit, forced: boolean, next?: NextLife | "none") => void;
}

export class ServiceLife {
  readonly config: LiveConfig;
  readonly #options: ServiceLifeOptions;
  readonly #requests: ServiceRequests;
  readonly #begunAtMs = performance.now();
  #lease: HostLease | undefined;
  #phase: "starting" | "running" | "stopping" | "over" = "starting";
  #startedAtMs: number | undefined;
  #commands: readonly string[] = [];
  /** What the service itself last said. */
  #report: StatusReport | undefined;
  #killed = false;
  /** Why the watchdog ended its host. */
  #hung: string | undefined;
  #killTimer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | undefined;

  constructor(options: ServiceLifeOptions) {
    this.#options = options;
    this.#requests = new ServiceRequests(options.row.id);
    this.config = new LiveConfig({
      spec: options.spec,
      send: (message) => this.#lease?.host.send(message),
      onNote: (note) => options.events.redeclared(noteFields(note)),
    });
  }

  /** How long a stop may take until it is forced, milliseconds. */
  get terminateDelayMs(): number {
    return this.#options.spec.terminateDelayMs;
  }

  /** How long ago it was begun, milliseconds. */
  get livedMs(): number {
    return performance.now() - this.#begunAtMs;
  }

  /** How long it has been fully started, milliseconds. */
  get ranMs(): number {
    return this.#startedAtMs === undefined ? 0 : performance.now() - this.#startedAtMs;
  }

  /** What the service can be asked, beside health and stats. */
  get commands(): readonly string[] {
    return this.#commands;
  }

  /** Takes its place in a host; the rest is told. */
  begin(): void {
    const { hosts, row, spec, logger, watchdog } = this.#options;
    try {
      const listener = {
        onMessage: (message: FromHost) => this.#onMessage(message),
        onEnd: (end: HostEnd) => this.#onHostEnd(end),
      };
      const lease = hosts.lease(row, listener, spec);
      this.#lease = lease;
      if (!lease.host.killable || row.watchdogMs === 0) return;
      this.#unwatch = watchdog?.watch({
        limitMs: () => this.#silenceLimitMs(),
        lastHeardMs: lease.lastHeardMs,
        onSilence: () => this.#onSilence(lease),
        onHeardAgain: () => this.#onHeardAgain(),
      });
    } catch (error) {
      logger.error(`${row.id} cannot be started: ${describeError(error)}`);
      this.#end({ code: 1, phase: "startup", error: describeError(error), reported: false });
    }
  }

  /** Asks it to stop, and gives it up after the terminate delay. */
  stop(): void {
    const { row, spec, logger } = this.#options;
    if (this.#phase === "over") return;
    this.#phase = "stopping";
    this.#lease?.host.send({ kind: "stop", id: row.id });
    this.#killTimer = setTimeout(() => {
      logger.warning(`${row.id} did not stop within ${spec.terminateDelayMs / 1000} s: force-killed`);
      this.kill();
    }, spec.terminateDelayMs);
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#phase === "over") return;
    this.#phase = "stopping";
    this.#killed = true;
    if (this.#lease?.dedicated) this.#lease.host.kill();
    else this.#end({ code: -9, phase: "stopping", error: "did not stop", reported: false, lingering: true });
  }

  /** Asks the service something. @throws TcsError with its words, or why it cannot be asked */
  async request(command: string, data: JsonObject): Promise<JsonObject> {
    const lease = this.#lease;
    if (!lease) throw new RequestError(`${this.#options.row.id} is not running`);
    return await this.#requests.ask((message) => lease.host.send(message), command, data);
  }

  /** For an inline service: the loop it shares stood still for longer than its watchdog allows. */
  tellStandstill(lagMs: number): void {
    const { row, spec } = this.#options;
    if (!this.#report || row.watchdogMs === 0 || lagMs < spec.watchdogMs) return;
    this.#options.onSilent(`The event loop stood still for ${(lagMs / 1000).toFixed(1)} s`);
    this.#options.onHeardAgain(this.#report);
  }

  #onMessage(message: FromHost): void {
    if (this.#phase === "over") return;
    switch (message.kind) {
      case "up":
        this.#options.onUp(message.pid, message.since);
        this.#lease?.host.send({ kind: "start", spec: this.#options.spec });
        // A stop that came before the host was up could not reach the service.
        if (this.#phase === "stopping") this.#lease?.host.send({ kind: "stop", id: this.#options.row.id });
        return;
      case "status":
        this.#report = message.report;
        this.#options.onStatus(message.report);
        return;
      case "started":
        if (this.#phase !== "starting") return;
        this.#phase = "running";
        this.#startedAtMs = performance.now();
        this.#commands = message.commands ?? [];
        this.config.start(message.hearsConfig ?? false);
        this.#options.onStarted(message.durationMs);
        return;
      case "exited":
        this.#end(message.exit);
        return;
      case "configured":
        this.config.onMessage(message);
        return;
      case "rpc-begun":
      case "rpc-reply":
        this.#requests.onMessage(message);
        return;
      default:
        return;
    }
  }

  /** Loading files keeps a loop busy, the more so when a whole fleet starts: until it is up it has more time. */
  #silenceLimitMs(): number {
    const { watchdogMs } = this.#options.spec;
    return this.#phase === "starting" ? Math.max(watchdogMs, DEFAULT_WATCHDOG_MS) : watchdogMs;
  }

  /** The event loop stands still: told, and ended if the configuration asks for it. */
  #onSilence(lease: HostLease): void {
    if (this.#phase === "stopping" || this.#phase === "over") return;
    const { row, logger } = this.#options;
    const silence = `no sign of life for ${this.#silenceLimitMs() / 1000} s`;
    logger.error(`${row.id}: ${silence}`);
    this.#options.onSilent(`N${silence.slice(1)}`);
    if (!row.watchdogMs) return;
    this.#hung = `watchdog: ${silence}`;
    lease.host.kill();
  }

  #onHeardAgain(): void {
    if (this.#hung || !this.#report || this.#phase === "stopping" || this.#phase === "over") return;
    this.#options.logger.info(`${this.#options.row.id} is heard again`);
    this.#options.onHeardAgain(this.#report);
  }

  #onHostEnd(end: HostEnd): void {
    if (this.#phase === "over") return;
    const exit = this.#hung && this.#phase !== "stopping" ? hungExit(this.#hung) : hostExit(end, this.#phase);
    this.#end(exit, end.next);
  }

  #end(exit: ServiceExit, next?: NextLife | "none"): void {
    const forced = this.#killed || (this.#phase === "stopping" && exit.lingering === true);
    this.#phase = "over";
    clearTimeout(this.#killTimer);
    this.#unwatch?.();
    this.#lease?.release(exit.lingering === true);
    this.#lease = undefined;
    this.#requests.abandon("it ended");
    this.config.end();
    this.#options.onEnd(exit, forced, next);
  }
}

function hungExit(error: string): ServiceExit {
  return { code: -9, phase: "running", error, reported: false };
}

/** The exit of a service whose host ended under it. */
function hostExit(end: HostEnd, lived: "starting" | "running" | "stopping"): ServiceExit {
  const phase = lived === "starting" ? "startup" : lived;
  if (end.code === 0 && phase !== "startup") return { code: 0, phase: "completed", reported: false };
  const error = end.error ?? (end.code === 0 ? "the service called process.exit(0)" : `exited with code ${end.code}`);
  return { code: end.code === 0 ? 1 : end.code, phase, error, reported: false };
}
