// What this launcher holds, on what ground, and how it lets go of it.
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { Bucket } from "../../messaging/bucket.ts";
import type { Holding } from "./claimer.ts";
import type { Successor } from "./handover.ts";
import type { HostTable } from "./host-table.ts";
import type { Keeper } from "./keeper.ts";
import { epochOf, ownerJson, releasedJson, sessionOf } from "./records.ts";
import type { Session } from "./session.ts";
import { describeOwner, type Lease, type OwnerInfo, type Permission } from "./types.ts";

export interface HoldingsOptions {
  bucket: Bucket;
  session: Session;
  keeper: Keeper;
  table: HostTable;
  logger: Logger;
  launcher: string;
  now: () => number;
}

/** `session`: the one it was held under when last looked at; undefined for what is held on this host only. */
type Held = Omit<Holding, "session"> & { session: string | undefined };

export class Holdings {
  readonly #options: HoldingsOptions;
  readonly #held = new Map<string, Held>();
  /** Not ours any more, but the bucket may still say so. */
  readonly #disowned = new Set<string>();
  readonly #listeners = new Set<(serviceId: string, owner: OwnerInfo) => void>();
  /** Called with what was held on this host only, and had another owner by the broker's word. */
  onConfirmed: (ids: readonly string[]) => void = () => undefined;
  #tableFails = false;

  constructor(options: HoldingsOptions) {
    this.#options = options;
  }

  /** Some entries name us wrongly: `tidy()`. */
  get isUntidy(): boolean {
    return this.#disowned.size > 0;
  }
  ids(): string[] {
    return [...this.#held.keys()];
  }
  has(id: string): boolean {
    return this.#held.has(id);
  }

  lease(id: string): Lease | undefined {
    const held = this.#held.get(id);
    if (!held) return undefined;
    const { session, ...rest } = held;
    return { serviceId: id, scope: session === undefined ? "host" : "broker", ...rest };
  }

  permission(id: string): Permission {
    const held = this.#held.get(id);
    if (!held) return { ok: false, ground: "not claimed" };
    const { session, keeper } = this.#options;
    if (held.session === undefined) {
      return keeper.reached ? { ok: false, ground: "lapsed" } : { ok: true, ground: "host" };
    }
    const isOurs = held.session === session.key && session.isValid;
    return isOurs ? { ok: true, ground: "lease" } : { ok: false, ground: "lapsed" };
  }

  onLost(listener: (serviceId: string, owner: OwnerInfo) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ours by the broker's word. */
  hold(claims: ReadonlyMap<string, Holding>): void {
    if (claims.size === 0) return;
    const isNews = ([id, { changedHands }]: [string, Holding]) =>
      changedHands && this.#held.has(id) && this.#held.get(id)?.session === undefined;
    const confirmed = [...claims].filter(isNews).map(([id]) => id);
    for (const [id, holding] of claims) {
      this.#held.set(id, holding);
      this.#disowned.delete(id);
    }
    this.#tell((table) => table.note([...claims.keys()], this.#options.now()));
    if (confirmed.length > 0) this.onConfirmed(confirmed);
  }

  /**
   * Takes what nobody on this host has.
   * @returns who has the others; not those that are still ending @throws StateFolderError
   */
  holdHere(ids: readonly string[]): Map<string, OwnerInfo> {
    const since = this.#options.now();
    const { taken, ending } = this.#options.table.take(ids, since);
    for (const id of ids) {
      if (!taken.has(id) && !ending.has(id))
        this.#held.set(id, { epoch: 0, revision: 0, since, session: undefined, changedHands: false });
    }
    return taken;
  }

  /** Those of which a dead launcher of this host has left something that has not ended yet. */
  ending(ids: readonly string[]): ReadonlySet<string> {
    let ending = new Set<string>();
    this.#tell((table) => {
      ending = table.ending(ids);
    });
    return ending;
  }

  /** Another's by the broker's word. */
  lose(id: string, owner: OwnerInfo): void {
    if (!this.#held.delete(id)) return;
    this.#tell((table) => table.drop([id]));
    this.#options.logger.warning(`${id} is run by ${describeOwner(owner)} now`);
    for (const listener of [...this.#listeners]) {
      try {
        listener(id, owner);
      } catch (error) {
        this.#options.logger.error(`ownership: a listener failed: ${describeError(error)}`);
      }
    }
  }

  async release(ids: readonly string[], successor?: Successor): Promise<void> {
    const { session } = this.#options;
    const ours = ids.flatMap((id) => {
      const held = this.#held.get(id);
      return held ? [{ id, held }] : [];
    });
    for (const { id } of ours) this.#held.delete(id);
    if (ours.length > 0) this.#tell((table) => table.drop(ours.map(({ id }) => id)));
    await Promise.all(
      ours.map(async ({ id, held }) => {
        if (held.session !== undefined && held.session === session.key)
          await this.#letGo(id, held.epoch, held.revision, successor);
        else this.#disowned.add(id);
      }),
    );
  }

  /** An entry names us though we hold nothing, as after a write whose answer was lost. */
  disownUnheld(id: string): void {
    if (!this.#held.has(id)) this.#disowned.add(id);
  }

  /** Takes our name out of entries that have it wrongly. */
  async tidy(): Promise<void> {
    const { bucket, session } = this.#options;
    await Promise.all(
      [...this.#disowned].map(async (id) => {
        const read = await bucket.read(id);
        if (!read.ok || !this.#disowned.delete(id) || this.#held.has(id)) return;
        const { entry } = read;
        if (entry.kind !== "value" || session.key === undefined || sessionOf(entry.data) !== session.key) return;
        await this.#letGo(id, epochOf(entry.data), entry.revision);
      }),
    );
  }

  close(): void {
    this.#options.table.close();
  }

  async #letGo(id: string, epoch: number, revision: number, successor?: Successor): Promise<void> {
    const { bucket, launcher, now } = this.#options;
    const written = successor
      ? await bucket.write(id, ownerJson({ ...successor, since: now(), epoch: epoch + 1 }), revision)
      : await bucket.remove(id, revision, releasedJson(epoch, launcher));
    // A conflict: somebody else has written since, so it does not name us.
    if (!written.ok && written.reason !== "conflict") this.#disowned.add(id);
  }

  /** The table of this host only helps while the broker is away: a full disk does not stop what the broker decides. */
  #tell(what: (table: HostTable) => void): void {
    try {
      what(this.#options.table);
      this.#tableFails = false;
    } catch (error) {
      if (!this.#tableFails) this.#options.logger.warning(describeError(error));
      this.#tableFails = true;
    }
  }
}
