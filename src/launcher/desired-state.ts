// What operators want of the services of a fleet, kept on disk: who was stopped stays stopped until started again.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../common/errors.ts";
import { fleetKey } from "../common/fleet-key.ts";
import type { Logger } from "../common/logger.ts";
import { ensureStateFolder } from "../common/paths.ts";
import { toDisk, writeToDisk } from "../common/to-disk.ts";
import { withReserve } from "./reserve.ts";

/** An operator's stop. */
export interface HeldBy {
  /** Who: `ann@vm`. */
  by: string;
  /** When, milliseconds since the epoch. */
  at: number;
  reason?: string;
}

/** `%` is no part of a file name that a crash could leave half made: scratch names begin with it. */
const SCRATCH = "%new";
const DAMAGED = ".damaged";
const RECORD = ".json";

/**
 * One small file per stopped service in `launchers/<fleet>.stopped/`. That the file is there is what counts, so that no
 * damage to it, no crash between two writes, and no second launcher of the same file (which runs other services of it)
 * can start what an operator has stopped. The fleet is named by its configuration file: neither the home chosen on the
 * command line nor the part of the file that is run makes a difference.
 */
export class DesiredState {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #held = new Map<string, HeldBy>();

  /**
   * Reads what is there.
   * @param file the configuration file
   * @throws StateFolderError when the state folder cannot be used
   */
  constructor(file: string, logger: Logger) {
    this.#folder = join(ensureStateFolder("launchers"), `${fleetKey(file)}.stopped`);
    this.#logger = logger;
    for (const name of filesIn(this.#folder)) if (name.endsWith(RECORD)) this.#read(name);
  }

  /** The stop that holds a service; undefined when nobody has stopped it. */
  heldBy(id: string): HeldBy | undefined {
    return this.#held.get(id);
  }

  /** Remembers a stop. @returns why it could not be written; it holds for this launcher all the same */
  hold(id: string, held: HeldBy): string | undefined {
    this.#held.set(id, held);
    return this.#attempt(`that ${id} is to stay stopped`, () => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const scratch = join(this.#folder, `${SCRATCH}.${process.pid}`);
      const { by, at, reason } = held;
      const record = { service_id: id, target: "stopped", set_by: by, set_at: new Date(at).toISOString(), reason };
      writeToDisk(join(this.#folder, fileName(id)), `${JSON.stringify(record, undefined, 2)}\n`, scratch);
    });
  }

  /** Forgets a stop. @returns why that could not be written */
  release(id: string): string | undefined {
    if (!this.#held.delete(id)) return undefined;
    return this.#attempt(`that ${id} is no longer to stay stopped`, () => {
      rmSync(join(this.#folder, fileName(id)), { force: true });
      toDisk(this.#folder);
    });
  }

  #attempt(what: string, write: () => void): string | undefined {
    try {
      withReserve(write);
      return undefined;
    } catch (error) {
      const fault = `${what} could not be written to ${this.#folder}: ${describeError(error)}`;
      this.#logger.error(fault);
      return fault;
    }
  }

  #read(name: string): void {
    const path = join(this.#folder, name);
    const id = serviceOf(name);
    if (id === undefined) return;
    try {
      this.#held.set(id, parse(readFileSync(path, "utf8")));
    } catch (error) {
      const held = { by: "unknown", at: Date.now(), reason: "the record of who stopped it was damaged" };
      this.#logger.warning(
        `${path} is damaged (${describeError(error)}): ${id} stays stopped until started; the file is kept as ${name}${DAMAGED}`,
      );
      this.#attempt(`the damaged record of ${id}`, () => writeFileSync(path + DAMAGED, readFileSync(path)));
      this.hold(id, held);
    }
  }
}

/** @throws Error when it is no record */
function parse(text: string): HeldBy {
  const record: unknown = JSON.parse(text);
  if (typeof record !== "object" || record === null) throw new Error("no object");
  const { set_by: by, set_at: at, reason } = record as Partial<Record<string, unknown>>;
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (typeof by !== "string" || Number.isNaN(time)) throw new Error("set_by or set_at is missing");
  return { by, at: time, ...(typeof reason === "string" ? { reason } : {}) };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not made yet: nobody has stopped anything.
    return [];
  }
}

/** Ids may hold what file names may not. */
function fileName(id: string): string {
  return `${encodeURIComponent(id)}${RECORD}`;
}

function serviceOf(name: string): string | undefined {
  try {
    return decodeURIComponent(name.slice(0, -RECORD.length));
  } catch {
    // Not a name of ours.
    return undefined;
  }
}
