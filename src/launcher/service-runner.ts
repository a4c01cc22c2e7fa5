// Controls the lives of one service from its launcher, one after the other: start, stop, end, restart.
import { describeError } from "../common/errors.ts";
import type { JsonObject } from "../common/json.ts";
import type { ServiceRow } from "../config/types.ts";
import type { ServiceSpec } from "../host/protocol.ts";
import { RequestError } from "../messaging/rpc.ts";
import { Status, type StatusReport } from "../monitoring/index.ts";
import type { ServiceExit } from "../service/index.ts";
import type { HeldBy } from "./desired-state.ts";
import type { NextLife } from "./homes/home.ts";
import type { LiveConfig } from "./live-config.ts";
import type { OrderedBy, RegistryEvents } from "./registry-events.ts";
import type { RestartDecision } from "./restart-policy.ts";
import { Restarts } from "./restarts.ts";
import { RunnerStanding } from "./runner-standing.ts";
import { ServiceLife } from "./service-life.ts";
import type { ServiceRunnerOptions } from "./service-runner-options.ts";
import { ServiceVoice } from "./service-voice.ts";
import { passGate } from "./start-gate.ts";

export class ServiceRunner extends RunnerStanding {
  #options: ServiceRunnerOptions;
  readonly #voice: ServiceVoice;
  #life: ServiceLife | undefined;
  readonly #restarts: Restarts;
  /** Ends the wait of a pending start. */
  #endWait: () => void = () => undefined;
  /** The order that the next start follows. */
  #order: OrderedBy | undefined;
  #settled = Promise.withResolvers<void>();
  #stopped = Promise.withResolvers<void>();

  constructor(options: ServiceRunnerOptions) {
    super(options.onChange);
    this.#options = options;
    this.#voice = new ServiceVoice({ id: options.row.id, events: options.events, logger: options.logger });
    this.#restarts = new Restarts(options.turns);
  }

  get id(): string {
    return this.row.id;
  }
  get row(): ServiceRow {
    return this.#options.row;
  }
  /** How long a stop may take until it is forced, milliseconds. */
  get terminateDelayMs(): number {
    return this.#life?.terminateDelayMs ?? this.#options.spec.terminateDelayMs;
  }
  /** Its last known status, as its launcher sees it. */
  get status(): StatusReport {
    return this.#voice.status;
  }
  /** What the service can be asked now, beside health and stats. */
  get commands(): readonly string[] {
    return this.#life?.commands ?? [];
  }
  /** The configuration that it runs with; absent while it does not. */
  get config(): LiveConfig | undefined {
    return this.#life?.config;
  }
  get runnerId(): string | undefined {
    return this.#options.spec.runnerId;
  }
  get pid(): number | undefined {
    return this.#life ? this.#voice.pid : undefined;
  }
  get events(): RegistryEvents {
    return this.#options.events;
  }

  /** An operator's stop: while there is one, nothing starts the service, whoever calls `start()`. */
  get heldBy(): HeldBy | undefined {
    return this.#options.events.heldBy;
  }
  set heldBy(heldBy: HeldBy | undefined) {
    this.#options.events.heldBy = heldBy;
  }

  /** Settles a held service that does not run. */
  settleHeld(): void {
    if (!this.heldBy || !this.isAtRest) return;
    this.#voice.held(this.heldBy);
    this.enter("ended");
    this.#settled.resolve();
  }

  /** Asks the service something. @throws TcsError with its words, or why it cannot be asked */
  async request(command: string, data: JsonObject): Promise<JsonObject> {
    if (!this.#life) throw new RequestError(`${this.id} is not running`);
    return await this.#life.request(command, data);
  }

  /** Gives it another row of the same id. A life under way goes on as it began; the restart policy counts at once. */
  reconfigure(row: ServiceRow, spec: ServiceSpec): void {
    this.#options = { ...this.#options, row, spec };
    this.#life?.config.want(spec);
    if (spec.runnerId !== undefined) this.events.runnerId = spec.runnerId;
  }

  /** It is no longer declared, and not started any more; its end tells so, at once if it has ended already. */
  undeclare(by: string): void {
    this.events.removed = { by };
    if (!this.elsewhere && this.isAtRest) this.#voice.stoppedAtRest("No longer in the configuration");
  }

  declare(): void {
    this.#options.events.declared(this.row.restart.policy);
  }

  /** Tells again how the service is: somebody has said otherwise. */
  repeat(): void {
    this.#voice.repeat();
  }

  /**
   * Starts the service, at once if it waits for a restart. Resolves when it runs, has ended, is held, or is not ours.
   * @param order the operator's order that asks for it
   */
  start(order?: OrderedBy): Promise<void> {
    if (this.elsewhere || this.events.removed) return Promise.resolve();
    if (this.heldBy) {
      if (this.state === "idle") this.settleHeld();
      return Promise.resolve();
    }
    if (this.isAtRest || this.state === "waiting") {
      this.#restarts.forget();
      this.#order = order;
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
    switch (this.state) {
      case "idle":
      case "ended":
        return Promise.resolve();
      case "pending":
      case "waiting":
        this.#restarts.cancel();
        this.#endWait();
        this.#voice.stoppedAtRest("Service stopped while it waited for its start");
        this.enter("ended");
        this.#settled.resolve();
        return Promise.resolve();
      case "stopping":
        return this.#stopped.promise;
      case "starting":
      case "running":
        this.#stopped = Promise.withResolvers();
        this.enter("stopping");
        this.#voice.stopping(reason);
        this.#life?.stop();
        return this.#stopped.promise;
      default:
        return this.state satisfies never;
    }
  }

  /** Ends the service at once. */
  kill(): void {
    if (this.state !== "stopping") void this.stop("killed");
    if (this.state === "stopping") this.#life?.kill();
  }

  /** For an inline service: the loop it shares stood still. */
  tellStandstill(lagMs: number): void {
    this.#life?.tellStandstill(lagMs);
  }

  /** Starts as soon as nothing must come first. */
  #begin(): void {
    this.#endWait = passGate(this.#options.gate, {
      onHold: (why) => this.#voice.speakFor(Status.STARTUP, why),
      onWait: () => this.enter("pending"),
      go: () => this.#launch(),
      onFault: (error) =>
        this.#onEnd({ code: 1, phase: "startup", error: describeError(error), reported: false }, false),
    });
  }

  #launch(): void {
    this.enter("starting");
    this.#life = new ServiceLife({
      ...this.#options,
      onUp: (pid, since) => {
        this.#voice.up(pid, this.#order, since);
        this.#order = undefined;
      },
      onStatus: (report) => {
        this.#voice.heard(report);
        this.#options.onChange();
      },
      onStarted: (durationMs) => {
        this.#restarts.cancel();
        this.#options.events.ready(durationMs);
        this.enter("running");
        this.#settled.resolve();
      },
      onSilent: (why) => this.#voice.speakFor(Status.ERROR, why),
      onHeardAgain: ({ status, message = "" }) => this.#voice.speakFor(status, message),
      onEnd: (exit, forced, next) => this.#onEnd(exit, forced, next),
    });
    this.#life.begin();
  }

  #onEnd(exit: ServiceExit, forced: boolean, next?: NextLife | "none"): void {
    const life = this.#life;
    const decision = this.#restarts.decide(this.row.restart, exit.code, life?.ranMs ?? 0, next);
    this.#life = undefined;
    this.#restarts.cancel();
    this.noteExit(exit);
    if (this.state === "stopping") this.#onStopped(exit, forced);
    else this.#onItsOwn(exit, decision, life?.livedMs ?? 0);
    this.#settled.resolve();
  }

  #onStopped(exit: ServiceExit, forced: boolean): void {
    this.#voice.stopped(exit, forced);
    this.enter("ended");
    this.#stopped.resolve();
  }

  /** It has ended by itself. */
  #onItsOwn(exit: ServiceExit, decision: RestartDecision, livedMs: number): void {
    this.#voice.ended(exit, this.row.restart, decision, this.#restarts.ahead(livedMs));
    if (!decision.restart) {
      if (decision.reason === "limit") this.#giveUp(exit, decision.restarts);
      else this.enter("ended");
      return;
    }
    this.enter("waiting");
    const restart = (joins: boolean) => {
      this.#options.events.restarting(decision.attempt, this.row.restart.max);
      if (joins) this.#launch();
      else this.#begin();
    };
    this.#restarts.later(decision.delayMs, livedMs, restart, (count) => this.#giveUp(exit, count));
  }

  #giveUp(exit: ServiceExit, restarts: number): void {
    this.#voice.givenUp(exit, this.row.restart, restarts);
    this.enter("ended");
  }
}
