// One service's unit, for as long as its launcher runs: its lives one after the other, whoever begins and ends them.
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { NextLife } from "../homes/home.ts";
import { BusError } from "./bus.ts";
import type { Manager } from "./manager.ts";
import {
  AT_REST,
  type Course,
  follow,
  isDown,
  isWaiting,
  type Moment,
  NO_VIEW,
  type UnitEnd,
  type UnitView,
} from "./unit-view.ts";

/** A life that was begun by somebody else. */
export interface JoinedRun {
  pid: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** What the service says of itself. */
  text: string;
  isReady: boolean;
}

/** What a life of the service is told. */
export interface LifeListener {
  onUp(pid: number): void;
  /** It has been running, before anybody here looked. */
  onJoined(run: JoinedRun): void;
  onReady(durationMs: number): void;
  /** What the service says of itself. */
  onText(text: string): void;
  /** @param next absent: systemd does not start it again */
  onEnded(end: UnitEnd, next?: NextLife): void;
}

/** What somebody else did to the unit, past the launcher. */
export type OwnDoing = "start" | "stop" | "restart" | "shutdown";

export interface ServiceUnitOptions {
  name: string;
  manager: Manager;
  logger: Logger;
  onOwnDoing: (doing: OwnDoing) => void;
}

export class ServiceUnit {
  readonly #options: ServiceUnitOptions;
  #view: UnitView = NO_VIEW;
  #course: Course = AT_REST;
  #life: LifeListener | undefined;
  /** The life has been told its process. */
  #hasProcess = false;
  /** The life is being ended, by the launcher or by somebody else. */
  #stopping = false;
  /** It is being ended by somebody else: there is nothing to order. */
  #observed = false;
  #starting = false;
  /** The job that starts it. */
  #startJob: Promise<string | undefined> | undefined;
  /** systemd is about to start it again, and a runner waits for that. */
  #again: PromiseWithResolvers<"begun" | "limit" | "stopped"> | undefined;
  #unwatch: (() => void) | undefined;
  /** The end of a life that may be the beginning of the next. */
  #held: UnitView | undefined;
  /** What has happened is told in order, also where something must be asked first. */
  #telling: Promise<void> = Promise.resolve();

  constructor(options: ServiceUnitOptions) {
    this.#options = options;
  }

  /** Path of the file that systemd has read it from; empty when it has read none. */
  get file(): string {
    return this.#view.file;
  }

  /** systemd runs it now, or is about to. */
  get isUp(): boolean {
    return this.#course.pid !== 0 || this.#course.waits;
  }

  /** Begins to look. @throws BusError */
  async look(): Promise<void> {
    if (this.#unwatch) return;
    const { manager, name } = this.#options;
    this.#unwatch = await manager.watch(
      name,
      (view) => this.#onView(view),
      (job, result) => this.#onJob(job, result),
    );
  }

  /**
   * Joins the life that is under way, or has systemd begin one.
   * @throws BusError when systemd refuses
   */
  async begin(life: LifeListener, prepare: () => Promise<void>): Promise<"joined" | "started"> {
    this.#life = life;
    this.#hasProcess = false;
    this.#stopping = false;
    this.#observed = false;
    // Whoever waited for the next life has it now.
    this.#again = undefined;
    await this.#telling;
    // It came up in this very moment.
    if (this.#hasProcess || this.#life !== life) return "started";
    if (this.#course.pid !== 0 && !this.#course.stopping) {
      this.#join(life);
      return "joined";
    }
    await prepare();
    if (this.#life !== life || this.#stopping) return "started";
    const { manager, name } = this.#options;
    this.#starting = true;
    // An order counts anew, whatever there was before.
    await manager.resetFailed(name).catch(() => undefined /* It has never been loaded: there is nothing to reset. */);
    this.#startJob = manager.start(name);
    await this.#startJob;
    return "started";
  }

  /** Ends the life, unless somebody else does already. */
  stop(): void {
    this.#stopping = true;
    if (this.#observed) return;
    this.#attempt("stopped", () => this.#options.manager.stop(this.#options.name));
    if (this.#course.pid === 0 && !this.#starting && !this.#course.waits) this.#end({ code: 0 });
  }

  kill(): void {
    if (!this.#unwatch) return;
    this.#stopping = true;
    this.#attempt("killed", () => this.#options.manager.kill(this.#options.name, 9));
  }

  /** Tells and orders nothing more; what runs goes on. */
  leave(): void {
    this.#observed = true;
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#end({ code: 0 });
  }

  #join(life: LifeListener): void {
    this.#hasProcess = true;
    const { startedAt, text } = this.#view;
    const { pid, ready } = this.#course;
    life.onJoined({ pid, startedAt, text, isReady: ready });
    if (ready) life.onReady(Math.max(0, this.#view.activeMs - this.#view.startedMs));
  }

  /** An end is told first, and then, at once, that it is started again: so the end waits for what comes after it. */
  #onView(view: UnitView): void {
    const held = this.#held;
    this.#held = undefined;
    if (held && !isWaiting(view)) this.#take(held);
    if (!this.#unwatch || !isDown(view) || this.#course.pid === 0 || this.#stopping) {
      this.#take(view);
      return;
    }
    this.#held = view;
    const release = () => {
      if (this.#held !== view) return;
      this.#held = undefined;
      this.#take(view);
    };
    // Its answer comes after all that was told before it. If there is none, nothing more is told either.
    this.#options.manager.isShuttingDown().then(release, release);
  }

  #take(view: UnitView): void {
    const saysNew = view.text !== this.#view.text && view.text !== "";
    this.#view = view;
    const { course, moments } = follow(this.#course, view);
    if (!this.#unwatch) {
      // How it was before anybody looked is nothing that has happened.
      this.#course = course;
      return;
    }
    if (moments.length === 0 && !saysNew) {
      this.#course = course;
      return;
    }
    this.#telling = this.#telling
      .then(async () => {
        for (const moment of moments) await this.#tell(moment);
        if (saysNew) this.#life?.onText(view.text);
      })
      .catch((error) => this.#options.logger.error(`${this.#options.name}: ${describeError(error)}`));
    this.#course = course;
  }

  async #tell(moment: Moment): Promise<void> {
    switch (moment.kind) {
      case "up": {
        this.#starting = false;
        const again = this.#again;
        this.#again = undefined;
        if (again) again.resolve("begun");
        else if (this.#life) {
          this.#hasProcess = true;
          this.#life.onUp(moment.pid);
        } else this.#options.onOwnDoing("start");
        return;
      }
      case "ready":
        // Who has not joined it yet is told so when he does.
        if (this.#hasProcess) this.#life?.onReady(moment.durationMs);
        return;
      case "stopping":
        if (this.#life && !this.#stopping) await this.#tellOwnStop(moment.job);
        return;
      case "ended":
        this.#starting = false;
        this.#end(moment.end, moment.restarts && !this.#stopping ? this.#nextLife(moment.attempt) : undefined);
        return;
      case "abandoned": {
        const again = this.#again;
        this.#again = undefined;
        again?.resolve(moment.why);
        if (again && moment.why === "stopped") this.#options.onOwnDoing("stop");
        return;
      }
      default:
        moment satisfies never;
    }
  }

  async #tellOwnStop(job: string): Promise<void> {
    const { manager, onOwnDoing } = this.#options;
    const [type, isShutdown] = await Promise.all([
      manager.jobType(job),
      manager.isShuttingDown().catch(() => true /* It is gone already. */),
    ]);
    this.#observed = true;
    if (isShutdown) onOwnDoing("shutdown");
    // A restart is a stop first, then a start; a short one is over before it is asked for.
    else if (type === "stop" || (type === undefined && this.#course.pid === 0)) onOwnDoing("stop");
    else onOwnDoing("restart");
  }

  #nextLife(attempt: number): NextLife {
    const again = Promise.withResolvers<"begun" | "limit" | "stopped">();
    this.#again = again;
    return {
      attempt,
      outcome: again.promise,
      cancel: () => {
        if (this.#again !== again) return;
        this.#again = undefined;
        this.#attempt("stopped", () => this.#options.manager.stop(this.#options.name));
      },
    };
  }

  #end(end: UnitEnd, next?: NextLife): void {
    const life = this.#life;
    this.#life = undefined;
    life?.onEnded(end, next);
  }

  /** A start that came to nothing: there was no process whose end would tell. */
  #onJob(job: string, result: string): void {
    this.#telling = this.#telling.then(async () => {
      const { manager, name } = this.#options;
      const isLost = () => this.#starting && result !== "done" && this.#course.pid === 0;
      // What our job takes the place of is over, too. A job that systemd refused was none.
      if (job !== (await this.#startJob?.catch(() => undefined)) || !isLost()) return;
      if (result === "canceled" && !this.#stopping) {
        // systemd was about to start it by itself: its own job takes the place of ours.
        const other = await manager.jobOf(name).catch(() => undefined /* It is gone: nothing starts it. */);
        if (!isLost()) return;
        this.#startJob = Promise.resolve(other);
        if (other !== undefined) return;
      }
      this.#starting = false;
      if (this.#stopping) this.#end({ code: 0 });
      else this.#end({ code: 1, error: `systemd did not start it (${result}): see systemctl status ${name}` });
    });
  }

  #attempt(what: string, order: () => Promise<void>): void {
    const { logger, name } = this.#options;
    order().catch((error: unknown) => {
      // Not loaded any more: it does not run.
      if (error instanceof BusError && error.busName === "org.freedesktop.systemd1.NoSuchUnit") return;
      logger.error(`${name} could not be ${what}: ${describeError(error)}`);
    });
  }
}
