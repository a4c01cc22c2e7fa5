// Those who want a service, and what is in doubt: one loop looks after all of them together.
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { Alarm } from "./alarm.ts";
import type { Claimer, Holding, Verdict } from "./claimer.ts";
import type { Holdings } from "./holdings.ts";
import type { Keeper, LinkStatus } from "./keeper.ts";
import type { Session } from "./session.ts";
import { type ClaimResult, describeOwner, type OwnerInfo } from "./types.ts";
import { type Waiter, Waiters } from "./waiters.ts";

export interface WaitingOptions {
  keeper: Keeper;
  session: Session;
  claimer: Claimer;
  holdings: Holdings;
  link: LinkStatus;
  logger: Logger;
  leaseMs: number;
  clock: () => number;
}

/** Entries that name us wrongly, and what could not be verified, are looked at again after this, milliseconds. */
const RETRY_MS = 500;
/** Who is heard on the wire is listened to again after this, milliseconds. */
const LISTEN_AGAIN_MS = 2_000;
/** A write is heard of a little before it can be read: so often, and this long apart (milliseconds), it is looked for. */
const SOON = 3;
const SOON_MS = 20;
/** What a dead launcher of this host left ends in a moment: looked at again after this, milliseconds. */
const ENDING_MS = 50;
/** The same where all processes of this host have to be looked at: it has a longer pause. */
const ENDING_HERE_MS = 250;

export class Waiting {
  readonly #options: WaitingOptions;
  readonly #alarm = new Alarm();
  readonly #waiters = new Waiters();
  readonly #doubtful = new Set<string>();
  readonly #awaitTurn: (() => void)[] = [];
  /** How long to wait until the next look at those who wait, milliseconds. */
  readonly #pollMs: number;
  #warned = false;
  #closed = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#pollMs = Math.min(1_000, Math.max(50, options.leaseMs / 10));
  }

  /** @throws the reason of the signal */
  claim(id: string, wait: boolean, signal: AbortSignal | undefined): Promise<ClaimResult> {
    if (this.#closed) return Promise.resolve(noBroker("the launcher is ending"));
    const { promise, resolve, reject } = Promise.withResolvers<ClaimResult>();
    const waiter: Waiter = { id, wait, resolve: settle, dueAt: Number.NEGATIVE_INFINITY, soon: 0 };
    const abort = () => {
      this.#waiters.drop(waiter);
      reject(signal?.reason);
    };
    const claimer = this.#options.claimer;
    function settle(result: ClaimResult) {
      signal?.removeEventListener("abort", abort);
      resolve(result);
    }
    signal?.addEventListener("abort", abort);
    claimer.forget(id);
    this.#waiters.add(waiter);
    this.#alarm.ring();
    return promise;
  }

  has(id: string): boolean {
    return this.#waiters.has(id);
  }

  /** Something was written: look at once. Without an id: whoever waits. */
  lookAgain(id?: string): void {
    if (id !== undefined) this.#options.claimer.forget(id);
    for (const waiter of id === undefined ? this.#waiters.all() : this.#waiters.of(id)) {
      waiter.dueAt = Number.NEGATIVE_INFINITY;
      waiter.soon = SOON;
    }
    this.#alarm.ring();
  }

  /** An entry names us though nobody here wanted it (any more). */
  disown(id: string): void {
    this.#options.holdings.disownUnheld(id);
    this.#alarm.ring();
  }

  /** Whether these are still ours is to be looked at. */
  doubt(ids: readonly string[]): void {
    for (const id of ids) this.#doubtful.add(id);
    this.#alarm.ring();
  }

  /** Resolves when all that is in doubt now has been looked at once. */
  async nextTurn(): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaitTurn.push(resolve);
    this.#alarm.ring();
    await promise;
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let pauseMs = Number.POSITIVE_INFINITY;
      const waitFor = this.#awaitTurn.splice(0);
      try {
        pauseMs = await this.#turn();
      } catch (error) {
        // Nothing here may end the loop: claims would wait for ever.
        this.#options.logger.error(`ownership: ${describeError(error)}`);
        pauseMs = RETRY_MS;
      }
      for (const resolve of waitFor) resolve();
      await this.#alarm.wait(pauseMs, signal);
    }
  }

  /** Whoever waits is told that there is nothing to wait for. */
  close(): void {
    this.#closed = true;
    for (const resolve of this.#awaitTurn.splice(0)) resolve();
    for (const waiter of this.#waiters.all()) this.#waiters.answer(waiter, noBroker("the launcher is ending"));
  }

  /** @returns how long there is nothing to do */
  async #turn(): Promise<number> {
    const { clock, holdings } = this.#options;
    if (this.#doubtful.size > 0) await this.#verify();
    if (holdings.isUntidy) await holdings.tidy();
    const now = clock();
    const due = this.#waiters.all().filter(({ dueAt }) => dueAt <= now);
    if (due.length > 0) await this.#serve(due);
    const next = this.#waiters.all().reduce((at, { dueAt }) => Math.min(at, dueAt), Number.POSITIVE_INFINITY) - clock();
    return Math.max(0, this.#doubtful.size > 0 || holdings.isUntidy ? Math.min(next, RETRY_MS) : next);
  }

  /** What is ours is claimed again if need be; what is another's is lost. */
  async #verify(): Promise<void> {
    const { session, claimer, holdings } = this.#options;
    if (!session.isValid) return;
    const ids = [...this.#doubtful].filter((id) => holdings.has(id));
    for (const id of ids) claimer.forget(id);
    this.#doubtful.clear();
    const verdicts = await claimer.attempt(ids, "verify");
    const mine = new Map<string, Holding>();
    for (const [id, verdict] of verdicts) {
      // Released meanwhile.
      if (!holdings.has(id)) holdings.disownUnheld(id);
      // Whoever seems dead is not yielded to before he is heard: nobody would run it.
      else if (verdict.kind === "unsure") this.#doubtful.add(id);
      else if ("owner" in verdict) holdings.lose(id, verdict.owner);
      else if (verdict.kind === "mine" && verdict.holding.session === session.key) mine.set(id, verdict.holding);
      else this.#doubtful.add(id);
    }
    holdings.hold(mine);
  }

  async #serve(due: readonly Waiter[]): Promise<void> {
    const { keeper, session, link } = this.#options;
    await keeper.settled;
    if (link.state === "connected" && !session.isValid) await keeper.check();
    const wanted = [...new Set(due.map(({ id }) => id))];
    const ids = wanted.filter((id) => !this.#answerHeld(id));
    if (session.isValid) await this.#ask(ids);
    else if (!keeper.reached) this.#askHere(ids);
    else this.#put(ids, noBroker(`nobody can tell who has it: ${keeper.fault}`), this.#pollMs);
  }

  /** What we have already is verified, not claimed. @returns false when we have it not */
  #answerHeld(id: string): boolean {
    const { holdings, keeper } = this.#options;
    const lease = holdings.lease(id);
    if (!lease) return false;
    if (holdings.permission(id).ok) this.#put([id], { ok: true, lease }, 0);
    else {
      this.#doubtful.add(id);
      this.#put([id], noBroker(`the lease has run out: ${keeper.fault}`), this.#pollMs);
    }
    return true;
  }

  async #ask(ids: readonly string[]): Promise<void> {
    const { claimer, holdings, session } = this.#options;
    const ending = holdings.ending(ids);
    for (const id of ending) this.#postpone(id, ENDING_HERE_MS);
    const free = ids.filter((id) => !ending.has(id));
    const verdicts = await claimer.attempt(free, "claim");
    const mine = new Map<string, Holding>();
    for (const [id, verdict] of verdicts) {
      if (verdict.kind !== "mine") continue;
      // Given up meanwhile; or our session has ended meanwhile, and its claims with it.
      if (!this.has(id)) holdings.disownUnheld(id);
      else if (verdict.holding.session === session.key) mine.set(id, verdict.holding);
      else verdicts.set(id, { kind: "unknown", message: "our lease was ended" });
    }
    holdings.hold(mine);
    for (const [id, verdict] of verdicts) this.#tell(id, verdict);
  }

  #tell(id: string, verdict: Verdict): void {
    switch (verdict.kind) {
      case "mine": {
        const lease = this.#options.holdings.lease(id);
        if (lease) this.#put([id], { ok: true, lease }, 0);
        return;
      }
      case "owned":
        this.#put([id], owned(id, verdict.owner), verdict.owner.kind === "wire" ? LISTEN_AGAIN_MS : this.#pollMs);
        return;
      case "unsure":
        // Time will tell, soon: even those who do not wait wait for that.
        this.#postpone(id, this.#pollMs);
        return;
      case "ending":
        this.#postpone(id, ENDING_MS);
        return;
      case "unknown":
        this.#options.claimer.forget(id);
        this.#put([id], noBroker(verdict.message), this.#pollMs);
        // A write without an answer may have been done.
        if (!this.has(id)) this.#options.holdings.disownUnheld(id);
        return;
      default:
        verdict satisfies never;
    }
  }

  /** There was no broker in this run: what no other launcher of this host has may be started. */
  #askHere(ids: readonly string[]): void {
    const { holdings, keeper, logger } = this.#options;
    let taken: Map<string, OwnerInfo>;
    try {
      taken = holdings.holdHere(ids);
    } catch (error) {
      this.#put(ids, noBroker(describeError(error)), this.#pollMs);
      return;
    }
    if (!this.#warned) {
      logger.warning(
        `no lease on services (${keeper.fault}): only launchers of this host are known to leave them alone`,
      );
    }
    this.#warned = true;
    for (const id of ids) {
      const owner = taken.get(id);
      const lease = holdings.lease(id);
      if (owner) this.#put([id], owned(id, owner), this.#pollMs);
      else if (lease) this.#put([id], { ok: true, lease }, 0);
      else this.#postpone(id, ENDING_HERE_MS);
    }
  }

  /** Tells those it concerns; those who wait for better look again later. */
  #put(ids: readonly string[], result: ClaimResult, againMs: number): void {
    for (const id of ids) {
      for (const waiter of this.#waiters.of(id)) if (result.ok || !waiter.wait) this.#waiters.answer(waiter, result);
      this.#postpone(id, againMs);
    }
  }

  #postpone(id: string, ms: number): void {
    const now = this.#options.clock();
    for (const waiter of this.#waiters.of(id)) {
      waiter.dueAt = now + (waiter.soon > 0 ? SOON_MS : ms);
      if (waiter.soon > 0) this.#options.claimer.forget(id);
      waiter.soon = Math.max(0, waiter.soon - 1);
    }
  }
}

function owned(id: string, owner: OwnerInfo): ClaimResult {
  return { ok: false, reason: "owned", owner, message: `${id} is run by ${describeOwner(owner)}` };
}

function noBroker(message: string): ClaimResult {
  return { ok: false, reason: "no_broker", message };
}
