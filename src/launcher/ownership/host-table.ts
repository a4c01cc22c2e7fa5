// What the launchers of this host run, known without a broker: one small database, whose locks end with their process.
import type { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { readdirSync, renameSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describeError, StateFolderError } from "../../common/errors.ts";
import { ensureStateFolder } from "../../common/paths.ts";
import { withReserve } from "../reserve.ts";
import { type LeftProcess, leftBy } from "./left-processes.ts";
import { bootId, isCertainlyGone, isPidFree, type Party } from "./place.ts";
import type { OwnerInfo } from "./types.ts";

/** A launcher. */
interface Holder {
  launcher: string;
  pid: number;
  start_time: number;
  place: string;
  config: string;
}

/** A service, and whose it is. */
interface Row extends Holder {
  id: string;
  since: number;
}

/** How long another launcher may hold the table, milliseconds. */
const BUSY_LIMIT_MS = 2_000;

/** What a dead launcher has left is ended by then: its guard waits for 3 s. Milliseconds. */
const ENDING_LIMIT_MS = 10_000;

/** What SQLite calls a file that is no database, or no longer a whole one. */
const DAMAGED: readonly unknown[] = ["SQLITE_NOTADB", "SQLITE_CORRUPT"];

export class HostTable {
  /** Where the table was put that could not be read, if this one was begun for it. */
  readonly setAside: string | undefined;
  readonly #database: Database;
  readonly #fleet: string;
  readonly #me: Party;
  /** Launchers that were found dead, and when, by the monotonic clock. */
  readonly #dead = new Map<string, { pid: number; foundAt: number }>();

  private constructor(database: Database, fleet: string, me: Party, setAside: string | undefined) {
    this.#database = database;
    this.#fleet = fleet;
    this.#me = me;
    this.setAside = setAside;
  }

  /**
   * A damaged table is set aside, and a new one begun: it is of use while there is no broker only, and no reason not to run.
   * @param fleet what else distinguishes fleets with equal service ids: prefix and broker
   * @throws StateFolderError
   */
  static async open(fleet: readonly string[], me: Party): Promise<HostTable> {
    const { Database } = await import("bun:sqlite");
    const folder = ensureStateFolder("owners");
    const host = hostname().replaceAll(/[^\w-]/g, "_");
    // Of this boot only: what a crash of the machine may have damaged is not read again, and pids begin anew.
    const name = `${host}.${bootId() || "boot"}.sqlite`;
    for (const old of readdirSync(folder)) {
      if (old.startsWith(`${host}.`) && !old.startsWith(name)) rmSync(join(folder, old), { force: true });
    }
    const path = join(folder, name);
    const key = createHash("sha256").update(fleet.join("\n")).digest("hex").slice(0, 16);
    const create = () => new Database(path, { create: true });
    try {
      const database = create();
      try {
        withReserve(() => prepare(database));
        return new HostTable(database, key, me, undefined);
      } catch (error) {
        database.close();
        if (!DAMAGED.includes((error as { code?: unknown }).code)) throw error; // bun:sqlite throws errors only
        const setAside = `${path}.damaged`;
        renameSync(path, setAside);
        rmSync(`${path}-journal`, { force: true }); // of the damaged one
        const fresh = create();
        prepare(fresh);
        return new HostTable(fresh, key, me, setAside);
      }
    } catch (cause) {
      throw new StateFolderError(`cannot use ${path}: ${describeError(cause)}`, {
        cause,
        hint: "set TCS_STATE_DIR to a folder you can write to",
      });
    }
  }

  /**
   * Takes each service that no living launcher of this host has.
   * @returns who has the others, and what dead launchers have left of some, which has not ended yet
   */
  take(ids: readonly string[], now: number): { taken: Map<string, OwnerInfo>; ending: Set<string> } {
    const taken = new Map<string, OwnerInfo>();
    const ending = new Set<string>();
    this.#write(() => {
      const free = ids.filter((id) => {
        const { gone = [], here: [other] = [] } = Object.groupBy(this.#others(id), (row) =>
          this.#isGone(row) ? "gone" : "here",
        );
        for (const row of gone) this.#forget(row);
        if (other) taken.set(id, ownerOf(other));
        return !other;
      });
      const left = this.#left();
      // A group's host, or what a service has started: it may be of any of them.
      const isUnknown = ({ serviceId, hostName = "" }: LeftProcess) =>
        serviceId === undefined && !ids.includes(hostName);
      const mayBeOfAny = left.some(isUnknown);
      for (const id of free) {
        if (mayBeOfAny || left.some(({ serviceId, hostName }) => (serviceId ?? hostName) === id)) ending.add(id);
        else this.#put(id, now);
      }
    });
    return { taken, ending };
  }

  /**
   * Those of which a launcher of this host that is dead has left something that has not ended yet. The broker need not
   * know of it: it may have been away when that was started.
   * @throws StateFolderError, SQLiteError when the table cannot be used
   */
  ending(ids: readonly string[]): Set<string> {
    const { pid, startTime, place } = this.#me;
    const others = this.#database.query<Holder, [string, number, number, string]>(
      `SELECT DISTINCT launcher, pid, start_time, place, config FROM owners
       WHERE fleet = ? AND NOT (pid = ? AND start_time = ? AND place = ?)`,
    );
    const gone = others.all(this.#fleet, pid, startTime, place).filter((holder) => this.#isGone(holder));
    // Nobody is kept waiting by a look.
    if (gone.length > 0) {
      this.#write(() => {
        for (const holder of gone) this.#forget(holder);
      });
    }
    const left = new Set(this.#left().map(({ serviceId, hostName }) => serviceId ?? hostName));
    return new Set(ids.filter((id) => left.has(id)));
  }

  /** Says that this process runs them: the broker has decided so. */
  note(ids: readonly string[], now: number): void {
    this.#write(() => {
      for (const id of ids) this.#put(id, now);
    });
  }

  drop(ids: readonly string[]): void {
    const { pid, startTime, place } = this.#me;
    const remove = this.#database.query(
      "DELETE FROM owners WHERE fleet = ? AND id = ? AND pid = ? AND start_time = ? AND place = ?",
    );
    this.#write(() => {
      for (const id of ids) remove.run(this.#fleet, id, pid, startTime, place);
    });
  }

  close(): void {
    this.#database.close();
  }

  #others(id: string): Row[] {
    const { pid, startTime, place } = this.#me;
    return this.#database
      .query<Row, [string, string]>("SELECT * FROM owners WHERE fleet = ? AND id = ?")
      .all(this.#fleet, id)
      .filter((row) => row.pid !== pid || row.start_time !== startTime || row.place !== place);
  }

  /** What launchers that were found dead a short time ago have left. */
  #left(): LeftProcess[] {
    const now = performance.now();
    // A pid that was given to somebody else says nothing any more.
    const dead = [...this.#dead.values()].filter(
      ({ pid, foundAt }) => now - foundAt < ENDING_LIMIT_MS && pid !== this.#me.pid && isPidFree(pid),
    );
    return dead.length === 0 ? [] : leftBy(dead.map(({ pid }) => pid));
  }

  /** Where start times are not known (no /proc), a pid that is not free counts as its owner. */
  #isGone({ launcher, config, pid, start_time: startTime, place }: Holder): boolean {
    const me = this.#me;
    // This launcher under other pids, as in a container that is started again: there is one of it at a time.
    if (launcher === me.launcher && config === me.config && place !== me.place) return true;
    return startTime === 0 ? isPidFree(pid) : isCertainlyGone({ pid, startTime, place }, me.place);
  }

  /** Of one that is gone; what it has left here is remembered. */
  #forget({ pid, start_time: startTime, place }: Holder): void {
    if (place === this.#me.place) this.#dead.set(`${pid} ${startTime}`, { pid, foundAt: performance.now() });
    this.#database
      .query("DELETE FROM owners WHERE pid = ? AND start_time = ? AND place = ?")
      .run(pid, startTime, place);
  }

  #put(id: string, now: number): void {
    const { launcher, pid, startTime, place, config } = this.#me;
    this.#database
      .query("INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .run(this.#fleet, id, launcher, pid, startTime, place, config, now);
  }

  /** All of it or nothing; one launcher at a time. @throws StateFolderError */
  #write(work: () => void): void {
    try {
      withReserve(() => this.#database.transaction(work).immediate());
    } catch (cause) {
      throw new StateFolderError(`cannot write the table of this host's launchers: ${describeError(cause)}`, {
        cause,
        hint: "set TCS_STATE_DIR to a folder you can write to",
      });
    }
  }
}

/** @throws SQLiteError of a file that is damaged, or cannot be written */
function prepare(database: Database): void {
  // A crash of this program loses nothing; a crash of the machine ends the boot, and the table with it.
  database.run(`PRAGMA busy_timeout = ${BUSY_LIMIT_MS}`);
  database.run("PRAGMA synchronous = OFF");
  database.run(`CREATE TABLE IF NOT EXISTS owners (
    fleet TEXT, id TEXT, launcher TEXT, pid INTEGER, start_time INTEGER, place TEXT, config TEXT, since REAL,
    PRIMARY KEY (fleet, id, pid, start_time, place)) WITHOUT ROWID`);
  // Finds damage behind the first page, which would otherwise come to light at the first write.
  database.query("SELECT count(*) FROM owners WHERE launcher <> ''").get();
}

function ownerOf({ launcher, pid, config, since }: Row): OwnerInfo {
  return { kind: "host", launcher, host: hostname(), pid, config, since };
}
