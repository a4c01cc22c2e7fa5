// A configuration file that is read again and again: by whoever runs its fleet.
import { resolve } from "node:path";
import { configFolder, filesOf, isFolder } from "./config-files.ts";
import { loadEnv } from "./dotenv.ts";
import type { Env } from "./expand.ts";
import { type FleetOptions, loadFleet } from "./load-fleet.ts";
import type { ConfigOverlay } from "./overlay.ts";
import { noteFlag } from "./provenance/row-origins.ts";
import type { FleetConfig, ServiceRow } from "./types.ts";
import { whenWritten } from "./when-written.ts";

export interface FleetSourceOptions extends FleetOptions {
  /** What the command line says of it, milliseconds: stronger than the file. */
  terminateDelayMs?: number | undefined;
  /** Every service is on standby, whatever its row says. */
  standby?: boolean | undefined;
  /** Every service has a thread or process of its own, whatever its row says: then it can be loaded anew. */
  apart?: boolean | undefined;
}

/** The file, and all that belongs to it, as it was at one moment. */
export interface FleetReading {
  fleet: FleetConfig;
  /** The environment that its services are to have: `.env`, and over it that of this process when it started. */
  env: Env;
  /** Ids of the services that their rows would have put together with others. */
  apart: string[];
}

/**
 * The environment counts as it was when the source was made: what a reading adds to `process.env` is not taken for the
 * process's own at the next.
 */
export class FleetSource {
  /** Absolute path of the file (of several the first), or of the folder of them: it names the fleet. */
  readonly path: string;
  readonly #more: readonly string[];
  /** Of the last reading: what includes name, too. */
  #last: { files: readonly string[]; folders: readonly string[] } = { files: [], folders: [] };
  readonly #options: FleetSourceOptions;
  /** What NATS says of the services, asked at each reading; undefined while that is not known: then the file alone counts. */
  overlay: (() => ConfigOverlay | undefined) | undefined;

  constructor(options: FleetSourceOptions) {
    this.#options = { ...options, env: { ...options.env } };
    this.path = resolve(options.file);
    this.#more = (options.more ?? []).map((file) => resolve(file));
  }

  /** Reads it for the first time: messages name the file as the user did. @throws ConfigError with all issues */
  read(): Promise<FleetReading> {
    return this.#read(this.#options.file, this.#options.more ?? []);
  }

  /**
   * Reads it again, when nobody has written to any of its files for a moment: messages name them in full, since they may
   * be read elsewhere.
   * @throws ConfigError with all issues
   */
  async reread(): Promise<FleetReading> {
    await Promise.all(this.#written().map(whenWritten));
    return await this.#read(this.path, this.#more);
  }

  /** What the services have, or would have had of a file that is not valid. @throws ConfigError when `.env` is not valid */
  environment(): Env {
    return loadEnv(configFolder(this.path), this.#options.env);
  }

  /** What the configuration may be of: the files of the last reading, and those that its folders have by now. */
  #written(): string[] {
    const { files, folders } = this.#last;
    const known = [this.path, ...this.#more, ...files, ...folders];
    return [...new Set([...known, ...known.filter(isFolder).flatMap(filesOf)])];
  }

  /** Changes the rows as the command line says: the rows themselves, not copies, since they know their places. */
  #adjust(rows: readonly ServiceRow[]): string[] {
    const { standby, apart } = this.#options;
    for (const row of standby ? rows : []) {
      row.standby = true;
      noteFlag(row, { key: "standby", value: true, flag: "--standby" });
    }
    const together = apart ? rows.filter(({ home, group }) => home === "inline" || group !== undefined) : [];
    for (const row of together) {
      if (row.home === "inline") {
        row.home = "worker";
        noteFlag(row, { key: "launcher", value: "worker", flag: "--dev" });
      }
      if (row.group !== undefined) noteFlag(row, { key: "group", value: null, flag: "--dev" });
      delete row.group;
    }
    return together.map(({ id }) => id);
  }

  async #read(file: string, more: readonly string[]): Promise<FleetReading> {
    const { terminateDelayMs } = this.#options;
    const overlay = this.overlay?.();
    const loaded = await loadFleet({ ...this.#options, file, more, ...(overlay && { overlay }) });
    this.#last = { files: loaded.files ?? [], folders: loaded.folders ?? [] };
    const launcher = { ...loaded.launcher, ...(terminateDelayMs === undefined ? {} : { terminateDelayMs }) };
    const apart = this.#adjust(loaded.services);
    return { fleet: { ...loaded, launcher }, env: this.environment(), apart };
  }
}

/** Changes the environment of this process by what differs between two readings; what else it has stays as it is. */
export function adoptEnv(after: Env, before: Env = {}): void {
  for (const name of changedNames(before, after)) {
    const value = after[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** The variables that are not the same in both. */
export function changedNames(before: Env, after: Env): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).sort();
}
