// The sessions that this launcher has had, as it wrote them down: one of an earlier boot of this machine is over for certain.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../../common/errors.ts";
import { isJsonObject } from "../../common/json.ts";
import type { Logger } from "../../common/logger.ts";
import { ensureStateFolder } from "../../common/paths.ts";
import { machineId, type Party } from "./place.ts";

/** What of a machine outlives a boot (machine-id(5)), and what does not. Empty where the system does not tell. */
interface Boot {
  machine: string;
  boot: string;
}

interface Noted extends Boot {
  session: string;
}

export interface FormerBootsOptions {
  /** Whose sessions these are. */
  party: Pick<Party, "launcher" | "place">;
  /** Default: as the system tells. */
  machine?: string | undefined;
  /** The other name that the launcher bears at times. */
  alias?: string | undefined;
  logger: Logger;
}

/** A launcher has a new session at each start, and whenever it lost one. */
const KEPT = 16;

export class FormerBoots {
  readonly #here: Boot;
  readonly #path: string;
  readonly #logger: Logger;
  readonly #noted: Noted[];
  readonly #over: ReadonlySet<string>;

  /** @throws StateFolderError */
  constructor({ party, machine = machineId(), alias, logger }: FormerBootsOptions) {
    const [boot = ""] = party.place.split("/");
    const here = { machine, boot };
    const folder = ensureStateFolder("sessions");
    const pathOf = (name: string) => join(folder, `${name.replaceAll(/[^\w.-]/g, "_")}.json`);
    this.#here = here;
    this.#path = pathOf(party.launcher);
    this.#logger = logger;
    this.#noted = read(this.#path);
    const all = alias === undefined ? this.#noted : [...this.#noted, ...read(pathOf(alias))];
    this.#over = new Set(all.filter((one) => isEarlier(one, here)).map(({ session }) => session));
  }

  /** Whether the launcher that had this session ended with an earlier boot of this machine. */
  has(session: string): boolean {
    return this.#over.has(session);
  }

  /** This launcher has a session. A disk that does not take it is told of, and no more: then a lease lapses as any other. */
  readonly note = (session: string): void => {
    this.#noted.push({ ...this.#here, session });
    try {
      const scratch = `${this.#path}.new`;
      writeFileSync(scratch, JSON.stringify(this.#noted.slice(-KEPT)), { mode: 0o600 });
      renameSync(scratch, this.#path);
    } catch (error) {
      this.#logger.warning(`its session could not be noted: ${describeError(error)}`);
    }
  };
}

function isEarlier(one: Boot, here: Boot): boolean {
  return (
    here.machine !== "" && one.machine === here.machine && one.boot !== "" && here.boot !== "" && one.boot !== here.boot
  );
}

function read(path: string): Noted[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!Array.isArray(value)) return [];
    return value.flatMap((one): Noted[] => {
      if (!isJsonObject(one)) return [];
      const { machine, boot, session } = one;
      const isNote = typeof machine === "string" && typeof boot === "string" && typeof session === "string";
      return isNote ? [{ machine, boot, session }] : [];
    });
  } catch {
    // Missing at the first run; damaged, it proves nothing.
    return [];
  }
}
