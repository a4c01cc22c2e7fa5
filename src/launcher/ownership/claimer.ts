// Claims many services at once: reads who has them, makes sure that the dead are dead, writes where nobody has written since.
import type { NatsConnection } from "nats";
import type { Bucket, Entry } from "../../messaging/bucket.ts";
import { type Evidence, listen, type Question } from "./evidence.ts";
import { inSlices } from "./in-slices.ts";
import { leftBy } from "./left-processes.ts";
import { isPidFree, type Party } from "./place.ts";
import { epochOf, launcherOf, type OwnerRecord, ownerInfo, ownerJson, parseOwner, sessionOf } from "./records.ts";
import type { Session } from "./session.ts";
import { type Life, SessionLives } from "./session-lives.ts";
import type { OwnerInfo } from "./types.ts";

export interface Holding {
  /** The session it is held under. */
  session: string;
  epoch: number;
  revision: number;
  since: number;
  changedHands: boolean;
}

/**
 * `mine`: it is ours, in the bucket. `owned`: somebody lives who has it. `unsure`: its owner seems dead, which only
 * time can tell. `ending`: what a dead owner on this host left has not ended yet. `unknown`: the broker did not answer.
 */
export type Verdict =
  | { kind: "mine"; holding: Holding }
  | { kind: "owned" | "unsure" | "ending"; owner: OwnerInfo }
  | { kind: "unknown"; message: string };

export interface ClaimerOptions {
  bucket: Bucket;
  session: Session;
  party: Party;
  prefix: string;
  alias: string | undefined;
  /** Whether the session of that key was this launcher's own, in an earlier boot of this machine. */
  isOfEarlierBoot: (session: string) => boolean;
  leaseMs: number;
  clock: () => number;
  now: () => number;
  connection: () => NatsConnection | undefined;
  /** Somebody's session was ended because it lived no more. */
  onEnded: (owner: OwnerRecord) => void;
}

/** What was read of a service, and when. */
interface Known {
  entry: Entry;
  owner: OwnerRecord | undefined;
  at: number;
}

/** A service that may be claimed, unless something is heard of it. */
interface Candidate {
  id: string;
  entry: Entry;
  owner: OwnerRecord | undefined;
  life: Extract<Life, { state: "gone" }> | undefined;
}

/** A claim that somebody else's write came before is looked at anew, this many times. */
const ROUNDS = 4;
const LISTEN_LIMIT_MS = 2_000;

export class Claimer {
  readonly #options: ClaimerOptions;
  readonly #lives: SessionLives;
  /** What was last read of the services that are waited for. Old news does no harm: a write tells. */
  readonly #known = new Map<string, Known>();

  constructor(options: ClaimerOptions) {
    this.#options = options;
    this.#lives = new SessionLives(options);
  }

  /** What was read of a service is old. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  /** Who has the service by the bucket; undefined when nobody does, or the broker does not tell. */
  async ownerOf(id: string): Promise<OwnerInfo | undefined> {
    const { bucket } = this.#options;
    const read = await bucket.read(id);
    const owner = read.ok && read.entry.kind === "value" ? parseOwner(read.entry.data) : undefined;
    if (!owner) return undefined;
    const session = await bucket.read(owner.session);
    return session.ok && session.entry.kind === "value" ? ownerInfo(owner) : undefined;
  }

  /**
   * Tries to make the services ours. Needs a session.
   * @param how `verify`: of what we run already, whether it is still ours; those who hold no lease do not count then.
   */
  async attempt(ids: readonly string[], how: "claim" | "verify"): Promise<Map<string, Verdict>> {
    const verdicts = new Map<string, Verdict>();
    let open = [...ids];
    for (let round = 0; round < ROUNDS && open.length > 0; round++) {
      const candidates = await this.#look(open, how, verdicts);
      const claimable = how === "claim" ? await this.#listen(candidates, verdicts) : candidates;
      const ended = await this.#endSessions(claimable);
      open = await this.#write(claimable, ended, verdicts);
    }
    for (const id of open) verdicts.set(id, { kind: "unknown", message: "others write there all the time" });
    return verdicts;
  }

  /** Reads who has them. @returns those nobody has who lives */
  async #look(ids: readonly string[], how: "claim" | "verify", verdicts: Map<string, Verdict>): Promise<Candidate[]> {
    const at = this.#options.clock();
    const rows: (Known & { id: string })[] = [];
    await inSlices(ids, async (id) => {
      const before = this.#known.get(id);
      if (before && at - before.at < this.#options.leaseMs) return void rows.push({ id, ...before });
      const read = await this.#options.bucket.read(id);
      if (!read.ok) return void verdicts.set(id, { kind: "unknown", message: read.message });
      const { entry } = read;
      const known = { entry, owner: entry.kind === "value" ? parseOwner(entry.data) : undefined, at };
      this.#known.set(id, known);
      rows.push({ id, ...known });
    });
    const lives = await this.#lives.of(rows.flatMap(({ owner }) => owner ?? []));
    return rows.flatMap(({ id, entry, owner }): Candidate[] => {
      if (!owner) return [{ id, entry, owner, life: undefined }];
      if (owner.session === this.#options.session.key) {
        // What we did not hold is written anew: a release of ours may still be on its way, and must come too late.
        if (how === "claim") return [{ id, entry, owner: undefined, life: undefined }];
        const { session, epoch, since } = owner;
        const holding = { session, epoch, revision: entry.revision, since, changedHands: false };
        verdicts.set(id, { kind: "mine", holding });
        return [];
      }
      const life = lives.get(owner.session) ?? { state: "unknown" };
      if (life.state === "gone") return [{ id, entry, owner, life }];
      verdicts.set(
        id,
        life.state === "unknown"
          ? { kind: "unknown", message: `whether ${owner.launcher} lives cannot be told` }
          : { kind: life.state === "alive" ? "owned" : "unsure", owner: ownerInfo(owner) },
      );
      return [];
    });
  }

  /** @returns those nothing is heard of */
  async #listen(candidates: readonly Candidate[], verdicts: Map<string, Verdict>): Promise<Candidate[]> {
    const { prefix, alias, party, session } = this.#options;
    const isOurs = ({ data }: { data: Uint8Array }) => sessionOf(data) === session.key;
    const connection = this.#options.connection();
    if (candidates.length === 0) return [];
    const now = await session.brokerNow();
    if (!connection || now === undefined) {
      for (const { id } of candidates) verdicts.set(id, { kind: "unknown", message: "the broker does not answer" });
      return [];
    }
    const questions = candidates.map(({ id, entry, owner, life }): Question => {
      return {
        id,
        // An entry of ours that we did not hold was written by an owner that handed it over, and had stopped it.
        releasedAt: entry.kind === "tombstone" || (entry.kind === "value" && isOurs(entry)) ? entry.time : undefined,
        gone: owner,
        early: life?.early === true,
      };
    });
    const against = await listen(questions, { connection, prefix, me: party, alias, now, limitMs: LISTEN_LIMIT_MS });
    return candidates.filter(({ id }) => {
      const evidence: Evidence | undefined = against.get(id);
      if (!evidence) return true;
      verdicts.set(id, evidence);
      return false;
    });
  }

  /**
   * Ends the sessions of the dead, each at the revision at which it was found dead: if it was renewed meanwhile, it
   * lives. Once ended it never comes back. @returns the sessions that are over
   */
  async #endSessions(candidates: readonly Candidate[]): Promise<Set<string>> {
    const over = new Set<string>();
    const dying = new Map<string, Candidate>();
    for (const candidate of candidates) {
      if (candidate.owner && !dying.has(candidate.owner.session)) dying.set(candidate.owner.session, candidate);
    }
    await inSlices([...dying], async ([key, { owner, life }]) => {
      if (!owner || !life) return;
      // To us alone its services pass before: others would not wait for what it has left here.
      if (life.early && !life.isEnded && this.#hasLeft(owner)) {
        over.add(key);
        this.#endLater(key, life.revision, owner.leaseMs);
        return;
      }
      if (!life.isEnded) {
        const removed = await this.#options.bucket.remove(key, life.revision);
        if (!removed.ok) return;
        if (life.revision > 0) this.#options.onEnded(owner);
      }
      over.add(key);
      this.#lives.forget(key);
      await this.#options.bucket.purge(key);
    });
    return over;
  }

  /** Whether something that a dead launcher of this host has started lives. */
  #hasLeft({ pid }: OwnerRecord): boolean {
    return pid !== this.#options.party.pid && isPidFree(pid) && leftBy([pid]).length > 0;
  }

  /** When its lease is over, others need no word of ours. */
  #endLater(key: string, revision: number, leaseMs: number): void {
    const { bucket } = this.#options;
    const end = async () => {
      if ((await bucket.remove(key, revision)).ok) await bucket.purge(key);
    };
    setTimeout(() => void end(), leaseMs).unref();
  }

  /** @returns the ids where somebody else was faster */
  async #write(
    candidates: readonly Candidate[],
    over: ReadonlySet<string>,
    verdicts: Map<string, Verdict>,
  ): Promise<string[]> {
    const { bucket, session, party, leaseMs, now } = this.#options;
    const { key } = session;
    const again: string[] = [];
    await inSlices(candidates, async ({ id, entry, owner }) => {
      this.forget(id);
      if (owner && !over.has(owner.session)) {
        again.push(id);
        return;
      }
      if (key === undefined) return void verdicts.set(id, LAPSED);
      const since = now();
      const epoch = (entry.kind === "none" ? 0 : epochOf(entry.data)) + 1;
      const record = ownerJson({ ...party, session: key, leaseMs, since, epoch });
      const written = await bucket.write(id, record, entry.revision);
      if (written.ok) {
        const changedHands = this.#hadAnother(entry);
        const holding = { session: key, epoch, revision: written.revision, since, changedHands };
        verdicts.set(id, session.key === key && session.isValid ? { kind: "mine", holding } : LAPSED);
      } else if (written.reason === "conflict") again.push(id);
      else verdicts.set(id, { kind: "unknown", message: written.message });
    });
    return again;
  }

  /** Whether the last who had the service was another launcher. What is written in our name already was handed over. */
  #hadAnother(entry: Entry): boolean {
    if (entry.kind === "none") return false;
    return (
      sessionOf(entry.data) === this.#options.session.key || launcherOf(entry.data) !== this.#options.party.launcher
    );
  }
}

const LAPSED: Verdict = { kind: "unknown", message: "our own lease ran out meanwhile" };
