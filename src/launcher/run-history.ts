// When periodic services last ran, kept over restarts of their launcher.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../common/errors.ts";
import type { Logger } from "../common/logger.ts";
import { ensureStateFolder } from "../common/paths.ts";

export class RunHistory {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #runs: Record<string, number>;

  constructor(launcherId: string, logger: Logger) {
    this.#path = join(ensureStateFolder("launchers"), `${launcherId}.runs.json`);
    this.#logger = logger;
    this.#runs = read(this.#path);
  }

  /** When a service last began to run, milliseconds since the epoch. */
  lastRun(id: string): number | undefined {
    return Object.hasOwn(this.#runs, id) ? this.#runs[id] : undefined;
  }

  /** Notes a run. A disk that does not take it is told of, and no more: the run matters, not the note. */
  note(id: string, time: number): void {
    this.#runs[id] = time;
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#runs));
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      this.#logger.warning(`when ${id} ran could not be noted: ${describeError(error)}`);
    }
  }
}

function read(path: string): Record<string, number> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
    );
  } catch {
    // Missing at the first run; damaged, it holds nothing that cannot be done without.
    return {};
  }
}
