// Carries out orders for one service. However many come at once, and whatever it is doing, at most one instance runs,
// the last order wins, and each is answered with what became of it.
import { atMost } from "../../common/at-most.ts";
import type { JsonObject } from "../../common/json.ts";
import type { DesiredState } from "../desired-state.ts";
import type { Elsewhere } from "../elsewhere.ts";
import type { ServiceRunner } from "../service-runner.ts";
import { type LifeWord, lifeWord } from "./life-word.ts";
import type { Order } from "./order.ts";

export interface Outcome {
  /** What was done, in a word. */
  result:
    | "started"
    | "stopped"
    | "restarted"
    | "completed"
    | "already_running"
    | "already_stopped"
    | "starting"
    | "pending"
    | "stopping"
    | "failed"
    | "superseded"
    | "elsewhere";
  /** What was asked for is so. */
  done: boolean;
  was: LifeWord;
  now: LifeWord;
  /** Process before, if it ran. */
  wasPid?: number;
  /** Why it is not done, or what else must be known. */
  reason?: string;
  forceKilled?: boolean;
  exitCode?: number;
  /** Why the wish could not be written down: it will not outlive this launcher. */
  notKept?: string;
}

/** How long a start may take before it is answered with "still starting", milliseconds. */
const START_LIMIT_MS = 30_000;
/** How long a start may wait for other services before that is told, milliseconds. */
const PENDING_LIMIT_MS = 2_000;
/** What a stop may take beyond the terminate delay, milliseconds. */
const KILL_SLACK_MS = 5_000;

export interface ConductorOptions {
  runner: ServiceRunner;
  desired: DesiredState;
  /** The launcher is ending: nothing may start any more. */
  isClosing: () => boolean;
  /** Claims a service that another launcher had. @returns why it cannot be had, if so */
  acquire: (runner: ServiceRunner) => Promise<string | undefined>;
}

export class Conductor {
  readonly #options: ConductorOptions;
  /** Rises with each order: an order that is no longer the last gives way. */
  #orders = 0;
  #last: Order | undefined;
  #working: Promise<void> | undefined;

  constructor(options: ConductorOptions) {
    this.#options = options;
  }

  /** Carries out an order. Resolves when it is done, cannot be, or takes longer than its limit. Never rejects. */
  async carryOut(order: Order): Promise<Outcome> {
    const { runner } = this.#options;
    const was = lifeWord(runner);
    const { pid } = runner;
    const before = { was, ...(pid === undefined ? {} : { wasPid: pid }) };
    // Awaited only then: between two orders of one moment, what the first finds must still be so when it is carried out.
    const refused = runner.elsewhere ? await this.#makeOurs(order, runner.elsewhere) : undefined;
    if (refused !== undefined) {
      return { ...before, result: "elsewhere", done: false, now: lifeWord(runner), reason: refused };
    }
    const notKept = this.#remember(order);
    this.#orders += 1;
    this.#last = order;
    const outcome = order.kind === "stop" ? await this.#stop(order, was) : await this.#start(order, was);
    return { ...before, ...outcome, now: lifeWord(runner), ...(notKept === undefined ? {} : { notKept }) };
  }

  /** @returns why the service is not ours to give orders to, if so */
  async #makeOurs({ kind }: Order, { message }: Elsewhere): Promise<string | undefined> {
    const { runner, acquire } = this.#options;
    return kind === "stop" ? `${message}: not stopped from here` : await acquire(runner);
  }

  #remember({ kind, by, reason, at }: Order): string | undefined {
    const { runner, desired } = this.#options;
    // Whoever stopped it first has stopped it.
    if (kind === "stop" && runner.heldBy && runner.state === "ended") return undefined;
    if (kind !== "stop") {
      runner.heldBy = undefined;
      return desired.release(runner.id);
    }
    const held = { by, at, ...(reason === undefined ? {} : { reason }) };
    runner.heldBy = held;
    return desired.hold(runner.id, held);
  }

  async #stop(order: Order, was: LifeWord): Promise<Omit<Outcome, "was" | "now">> {
    const { runner } = this.#options;
    const { terminateDelayMs } = runner;
    if (was === "stopped") return { result: "already_stopped", done: true };
    if (runner.isAtRest) {
      // Told all the same: from now on it is stopped because somebody wants it so.
      runner.events.stop("terminated", 0);
      runner.settleHeld();
      return { result: "stopped", done: true };
    }
    const limitMs = order.limitMs ?? terminateDelayMs + KILL_SLACK_MS;
    if (!(await atMost(limitMs, runner.stop(reasonOf(order))))) {
      return { result: "stopping", done: false, reason: `still stopping after ${limitMs / 1000} s` };
    }
    return { result: "stopped", done: true, ...this.#force(order), ...exitCodeOf(runner.events.story.lastEnd?.fields) };
  }

  /** That the service had to be ended by force, if it was so after the order came. */
  #force(order: Order): Pick<Outcome, "forceKilled" | "reason"> {
    const { runner } = this.#options;
    const { lastEnd } = runner.events.story;
    if (lastEnd?.fields.reason !== "force_killed" || lastEnd.time < order.at) return {};
    return { forceKilled: true, reason: `it did not stop within ${runner.terminateDelayMs / 1000} s` };
  }

  async #start(order: Order, was: LifeWord): Promise<Omit<Outcome, "was" | "now">> {
    const { runner } = this.#options;
    if (order.kind === "start" && runner.state === "running") return { result: "already_running", done: true };
    const mine = this.#orders;
    const starts = runner.events.story.count("start");
    // At once, also out of a start that hangs; what is ended or stopping already stays as it is.
    if (order.kind === "restart") void runner.stop(reasonOf(order));
    const limitMs = order.limitMs ?? START_LIMIT_MS;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    const working = this.#working;
    let inTime = await atMost(Math.min(limitMs, PENDING_LIMIT_MS), working);
    // What waits for others may do so for long, and says for whom: that is answer enough.
    if (!inTime && runner.state !== "pending") inTime = await atMost(limitMs - PENDING_LIMIT_MS, working);
    if (runner.state === "running") {
      const ranBefore = was === "running" || was === "starting" || was === "stopping" || was === "restarting";
      const result = order.kind === "restart" && ranBefore ? "restarted" : "started";
      return { result, done: true, ...this.#force(order) };
    }
    if (runner.events.removed) return { result: "failed", done: false, reason: "it is no longer in the configuration" };
    if (runner.elsewhere) return { result: "elsewhere", done: false, reason: runner.elsewhere.message };
    if (this.#options.isClosing()) return { result: "failed", done: false, reason: "its launcher is ending" };
    if (mine !== this.#orders && this.#last?.kind === "stop") {
      return { result: "superseded", done: false, reason: `stopped by ${this.#last.by} meanwhile` };
    }
    if (runner.state === "pending") {
      return { result: "pending", done: false, reason: runner.status.message ?? "it waits for others" };
    }
    if (!inTime) {
      const doing = runner.state === "stopping" ? "stopping" : "starting";
      return { result: doing, done: false, reason: `still ${doing} after ${limitMs / 1000} s` };
    }
    return this.#ended(runner.events.story.count("start") > starts);
  }

  /** It was started, and does not run any more. */
  #ended(hasRun: boolean): Omit<Outcome, "was" | "now"> {
    const { runner } = this.#options;
    const exit = runner.lastExit;
    const code = exit === undefined ? {} : { exitCode: exit.code };
    if (hasRun && exit?.code === 0) return { result: "completed", done: true, ...code };
    const next = runner.state === "waiting" ? "; to be started again by its restart policy" : "";
    return {
      result: "failed",
      done: false,
      ...code,
      reason: `${exit?.error ?? runner.status.message ?? "it ended"}${next}`,
    };
  }

  /** Starts the service, anew if it was stopped meanwhile for a restart; ends when no newer order is left. Never rejects. */
  async #work(): Promise<void> {
    const { runner, isClosing } = this.#options;
    for (let begun = -1; begun !== this.#orders; ) {
      begun = this.#orders;
      if (this.#last?.kind === "stop") return;
      if (runner.state === "stopping") await runner.stop("");
      if (isClosing()) return;
      if (begun === this.#orders) await runner.start(this.#last);
    }
  }
}

function exitCodeOf(fields: JsonObject | undefined): Pick<Outcome, "exitCode"> {
  return typeof fields?.exit_code === "number" ? { exitCode: fields.exit_code } : {};
}

function reasonOf({ kind, by, reason }: Order): string {
  return `${kind} by ${by}${reason === undefined ? "" : `: ${reason}`}`;
}
