// Which services of the fleet are this launcher's to run: claims them, yields those that another has, waits for those it may.
import { atMost } from "../common/at-most.ts";
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import type { Elsewhere } from "./elsewhere.ts";
import {
  type ClaimResult,
  describeOwner,
  type Lease,
  type OwnerInfo,
  type Ownership,
  ownerInfo,
  type Successor,
} from "./ownership/index.ts";
import type { ServiceRunner } from "./service-runner.ts";
import type { StartGate } from "./start-gate.ts";

export interface PossessionOptions {
  ownership: Pick<Ownership, "claim" | "mayStart" | "onLost" | "onConfirmed" | "release">;
  logger: Logger;
  /** Ask present owners to let go. */
  takeover: boolean;
  /** Whether a process is this launcher's successor: what it was given is taken back if it cannot keep it. */
  isHeir?: (pid: number) => boolean;
  /**
   * Looks what operators wanted of services while another launcher had them; called before they are ours by the broker.
   * @returns those of which it cannot be told now
   */
  inherit: (ids: readonly string[]) => Promise<readonly string[]>;
  /** The service is ours: it may speak, and start. */
  onOurs: (runner: ServiceRunner) => void;
  /** It was ours without the broker, and is by the broker now: what operators want of it has been looked for. */
  onConfirmed: (runner: ServiceRunner) => void;
  /** Another launcher has it now: not a word about it any more. Called before it is stopped here. */
  onLost: (runner: ServiceRunner) => void;
  /** It has stopped, and the last word about it is said. Called before it is given away. */
  onReleased: (runner: ServiceRunner) => void;
  /** It has stopped here for another launcher, before that can have it. @param isHeir this one's successor */
  onLeft?: (runner: ServiceRunner, isHeir: boolean) => Promise<void>;
}

/** What still has an owner after this is waited for in the background, milliseconds: the others must not wait for it. */
const FIRST_LOOK_MS = 2_000;
const NOT_KNOWN_YET: Elsewhere = { message: "Whether its last owner has ended is not known yet", waits: true };

/** A broker that is there answers sooner, also for a launcher that was held up past its lease; milliseconds. */
const TELL_AFTER_MS = 1_000;
/** What operators wanted is asked for again after this, milliseconds, as long as nobody can tell. */
const ASK_AGAIN_MS = 5_000;

export class Possession {
  readonly #options: PossessionOptions;
  readonly #runners = new Map<string, ServiceRunner>();
  /** Ends what is waited for, by service. */
  readonly #waits = new Map<string, AbortController>();
  readonly #unlisten: () => void;
  #closed = false;

  constructor(options: PossessionOptions) {
    this.#options = options;
    this.#unlisten = options.ownership.onLost((id, owner) => void this.#lost(id, owner));
    options.ownership.onConfirmed((ids) => void this.#confirmed(ids).catch(this.#tellFault));
  }

  /**
   * Claims services together, and tells of each that is ours. Resolves when that is known of each, or nearly: those that
   * something is still ending of come later by themselves. The others have `elsewhere` set.
   */
  async claim(runners: readonly ServiceRunner[], { takeover } = { takeover: this.#options.takeover }): Promise<void> {
    for (const runner of runners) this.#runners.set(runner.id, runner);
    const ours = new Set<ServiceRunner>();
    const inherited: string[] = [];
    const freed: string[] = [];
    let isLate = false;
    const claims = runners.map(async (runner) => {
      runner.elsewhere = NOT_KNOWN_YET;
      const result = await this.#claim(runner, { takeover });
      if (!result) return;
      if (isLate) {
        freed.push(runner.id);
        await this.#take(runner, result);
      } else {
        ours.add(runner);
        if (result.changedHands) inherited.push(runner.id);
      }
    });
    const all = Promise.all(claims);
    await atMost(FIRST_LOOK_MS, all);
    isLate = true;
    const others = runners.filter((runner) => !ours.has(runner));
    const unclear = others.filter(({ elsewhere }) => elsewhere === NOT_KNOWN_YET);
    this.#tellElsewhere(others);
    void all.then(() => this.#tellLate(unclear, freed), this.#tellFault);
    if (inherited.length > 0) await this.#inherit(inherited);
    await Promise.all([...ours].map((runner) => this.#enter(runner)));
  }

  /** Claims a service again that is another's: an operator wants it here. @returns why it is not, if it is not */
  async retry(runner: ServiceRunner): Promise<string | undefined> {
    if (!runner.elsewhere) return undefined;
    const result = await this.#options.ownership.claim(runner.id);
    if (!result.ok) return result.message;
    this.#waits.get(runner.id)?.abort("it is ours");
    await this.#take(runner, result.lease);
    return undefined;
  }

  /** The gate of a service: closed while its lease has run out and the broker, which alone could tell, is away. */
  gate(id: string): StartGate {
    const { ownership } = this.#options;
    return (signal, hold) => {
      if (ownership.mayStart(id).ok) return undefined;
      const claimed = ownership.claim(id, { wait: true, signal });
      const telling = setTimeout(() => {
        hold("Waiting for the broker: the lease is over, and another launcher may have the service by now");
      }, TELL_AFTER_MS);
      return claimed
        .then(
          () => undefined,
          // Stopped meanwhile: whoever did that has the next word.
          () => undefined,
        )
        .finally(() => clearTimeout(telling));
    };
  }

  /** Stops a service and gives it to `successor`. @returns why it cannot be given away, if so */
  async release(runner: ServiceRunner, successor: Successor | undefined): Promise<string | undefined> {
    const { ownership, onReleased } = this.#options;
    if (runner.elsewhere) return runner.elsewhere.message;
    const owner = successor && ownerInfo(successor);
    const who = owner ? describeOwner(owner) : "another launcher";
    runner.elsewhere = { owner, message: `Run by ${who}`, waits: false };
    await runner.stop(`taken over by ${who}`);
    // A host of its own ends with it.
    const { home, group } = runner.row;
    if (runner.lastExit?.lingering && (home === "inline" || group !== undefined)) {
      runner.elsewhere = undefined;
      return `${runner.id} did not stop, and its code still runs beside others: end its launcher`;
    }
    onReleased(runner);
    const isHeir = successor !== undefined && this.#options.isHeir?.(successor.pid) === true;
    await this.#options.onLeft?.(runner, isHeir);
    await ownership.release(runner.id, successor);
    this.#options.logger.info(`${runner.id} was given to ${who}`);
    this.#waitIfStandby(runner, isHeir);
    return undefined;
  }

  /** The service is no longer in the configuration, and has stopped. */
  async drop(runner: ServiceRunner): Promise<void> {
    this.#runners.delete(runner.id);
    this.#waits.get(runner.id)?.abort("no longer wanted");
    if (!runner.elsewhere) await this.#options.ownership.release(runner.id);
  }

  /** Nothing is waited for any more. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    for (const wait of this.#waits.values()) wait.abort("the launcher is ending");
  }

  /** @returns the lease; undefined when the service is not ours, or not yet */
  async #claim(runner: ServiceRunner, options: { takeover: boolean }): Promise<Lease | undefined> {
    const result = await this.#options.ownership.claim(runner.id, options);
    if (result.ok) return result.lease;
    // Removed meanwhile: nobody waits for it.
    if (this.#runners.get(runner.id) !== runner) return undefined;
    const waits = runner.row.standby || !isHeld(result);
    const owner = result.reason === "owned" ? result.owner : undefined;
    runner.elsewhere = {
      owner,
      message: owner ? `Run by ${describeOwner(owner)}` : capitalised(result.message),
      waits,
    };
    if (waits) void this.#wait(runner);
    return undefined;
  }

  /** Says what is not started, and why: one line for all that have the same reason. */
  #tellElsewhere(runners: readonly ServiceRunner[]): void {
    const { logger } = this.#options;
    const groups = Map.groupBy(
      runners,
      ({ elsewhere, row }) => `${elsewhere?.message} ${elsewhere?.waits} ${row.standby}`,
    );
    for (const [first, ...rest] of groups.values()) {
      if (!first?.elsewhere) continue;
      const { message, waits } = first.elsewhere;
      const what = andMore(first.id, rest);
      if (first.row.standby) logger.info(`${what}: on standby. ${message}`);
      else if (waits) logger.warning(`${what}: not started yet. ${message}`);
      else logger.error(`${what}: not started here. ${message}`);
    }
  }

  /** What has become of those of which nothing was known at first. */
  #tellLate(runners: readonly ServiceRunner[], freed: readonly string[]): void {
    if (this.#closed) return;
    const [first, ...rest] = freed;
    if (first !== undefined)
      this.#options.logger.info(`${andMore(first, rest)} ${rest.length ? "are" : "is"} free: started`);
    this.#tellElsewhere(runners.filter(({ elsewhere }) => elsewhere && elsewhere !== NOT_KNOWN_YET));
  }

  readonly #tellFault = (error: unknown): void => {
    this.#options.logger.error(`whose the services are cannot be told: ${describeError(error)}`);
  };

  async #wait(runner: ServiceRunner): Promise<void> {
    if (this.#closed || this.#waits.has(runner.id)) return;
    const { ownership, logger } = this.#options;
    const end = new AbortController();
    this.#waits.set(runner.id, end);
    try {
      const result = await ownership.claim(runner.id, { wait: true, signal: end.signal });
      if (!result.ok || end.signal.aborted) return;
      logger.info(`${runner.id} is free: taken over`);
      await this.#take(runner, result.lease);
    } catch (error) {
      if (!end.signal.aborted) logger.error(`${runner.id} is not waited for any more: ${describeError(error)}`);
    } finally {
      if (this.#waits.get(runner.id) === end) this.#waits.delete(runner.id);
    }
  }

  #waitIfStandby(runner: ServiceRunner, isStandby = runner.row.standby): void {
    if (!(isStandby || runner.row.standby) || !runner.elsewhere) return;
    runner.elsewhere = { ...runner.elsewhere, waits: true };
    void this.#wait(runner);
  }

  async #take(runner: ServiceRunner, lease: Lease): Promise<void> {
    if (lease.changedHands) await this.#inherit([runner.id]);
    await this.#enter(runner);
  }

  async #enter(runner: ServiceRunner): Promise<void> {
    if (this.#closed) return;
    const { ownership } = this.#options;
    const known = this.#runners.get(runner.id);
    if (known !== runner || runner.events.removed) {
      // Removed while it was claimed, or about to be: what nobody here runs, others may have.
      if (!known || known === runner) await ownership.release(runner.id);
      return;
    }
    // Lost again while it was looked after.
    if (!runner.elsewhere || ownership.mayStart(runner.id).ground === "not claimed") return;
    runner.elsewhere = undefined;
    this.#options.onOurs(runner);
  }

  /** What cannot be told now is asked for again, when its services run or are left alone already. */
  async #inherit(ids: readonly string[]): Promise<void> {
    const unknown = await this.#options.inherit(ids);
    if (unknown.length === 0 || this.#closed) return;
    setTimeout(() => void this.#confirmed(unknown).catch(this.#tellFault), ASK_AGAIN_MS).unref();
  }

  async #confirmed(ids: readonly string[]): Promise<void> {
    const ours = () => ids.flatMap((id) => this.#runners.get(id) ?? []).filter((runner) => this.#isOurs(runner));
    await this.#inherit(ours().map(({ id }) => id));
    for (const runner of ours()) this.#options.onConfirmed(runner);
  }

  #isOurs({ elsewhere, events }: ServiceRunner): boolean {
    return !this.#closed && !elsewhere && !events.removed;
  }

  async #lost(id: string, owner: OwnerInfo): Promise<void> {
    const runner = this.#runners.get(id);
    if (!runner || this.#closed) return;
    const elsewhere: Elsewhere = { owner, message: `Run by ${describeOwner(owner)}`, waits: false };
    runner.elsewhere = elsewhere;
    this.#options.onLost(runner);
    await runner.stop(`run by ${describeOwner(owner)}`);
    if (runner.elsewhere === elsewhere) await this.#options.onLeft?.(runner, false);
    if (runner.elsewhere === elsewhere) this.#waitIfStandby(runner);
  }
}

/** Somebody who holds a lease, or lives on this host, keeps it until he is told; who is only heard on the wire may just end. */
function isHeld(result: Exclude<ClaimResult, { ok: true }>): boolean {
  return result.reason === "owned" && result.owner.kind !== "wire";
}

/** `dome.main and 3 more`. */
function andMore(first: string, rest: readonly unknown[]): string {
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
