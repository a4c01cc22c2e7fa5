// Reads the configuration again, judges the whole of it as at the start, and applies what is different. One at a time.
import { atMost } from "../../common/at-most.ts";
import { describeError } from "../../common/errors.ts";
import { ConfigError, type ConfigIssue, type FleetReading, type FleetSource } from "../../config/index.ts";
import type { FleetConfig } from "../../config/types.ts";
import { type LifeWord, lifeWord } from "../control/life-word.ts";
import type { CheckWarning } from "../fleet-check.ts";
import type { LauncherLock } from "../lock.ts";
import type { ServiceRunner } from "../service-runner.ts";
import type { ServicesLauncher } from "../services-launcher.ts";
import { type Applied, applyChange } from "./apply-change.ts";
import { type FleetChange, fleetChange, isEmpty, withoutIdle } from "./fleet-change.ts";
import { restartSome } from "./start-again.ts";
import { stillRefusing, type Told, withToldAsTheyAre } from "./told.ts";

export interface ReloadRequest {
  /** Who wants it: `ann@vm`, `SIGHUP`. */
  by: string;
  /** Only look. */
  dryRun?: boolean;
  /** When the outcome must be told at the latest, milliseconds from now; absent: whenever it is done. */
  limitMs?: number;
}

/** A service that was begun and does not run. */
export interface NotRunning {
  id: string;
  state: LifeWord;
  why: string;
}

export type ReloadOutcome =
  /** The configuration is not valid: one line for each issue, with its place. Nothing was changed. */
  | { result: "invalid"; issues: readonly string[] }
  /** It is valid, and cannot be applied by this launcher. Nothing was changed. */
  | { result: "refused"; reason: string }
  /** `checked`: it would be applied. */
  | {
      result: "reloaded" | "unchanged" | "checked";
      change: FleetChange;
      warnings: readonly string[];
      notRunning: readonly NotRunning[];
      /** Those that were told their new values, and those that have refused theirs before. */
      told: readonly Told[];
    };

export interface ReloaderOptions {
  source: FleetSource;
  /** What runs now. */
  reading: FleetReading;
  launcher: ServicesLauncher;
  lock: LauncherLock;
  /** Loads the files and checks the configurations of services; hides what is secret in them. @throws ConfigError */
  check: (reading: FleetReading) => Promise<CheckWarning[]>;
  /** Called with what runs from now on, before any service is started by it. */
  onAdopt: (now: FleetReading, before: FleetReading) => void;
}

/** What came of a request, while what was begun and told goes on. */
interface Taken {
  outcome: ReloadOutcome;
  applied?: Applied | undefined;
}

/** How long services may take to start until it is told that they still do, milliseconds. */
const START_LIMIT_MS = 30_000;

export class Reloader {
  readonly #options: ReloaderOptions;
  #reading: FleetReading;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#reading = options.reading;
  }

  /** The configuration that runs. */
  get fleet(): FleetConfig {
    return this.#reading.fleet;
  }

  /** Resolves when all stops are over and what was begun runs, has ended, or takes longer than the limit. Never rejects. */
  async reload(request: ReloadRequest): Promise<ReloadOutcome> {
    const askedAt = performance.now();
    const { outcome, applied } = await this.alone(() => this.#tryTo(request));
    // Not in turn: a service that does not come up must not keep away the configuration that mends it.
    if (outcome.result !== "reloaded" || !applied) return outcome;
    const leftMs = (request.limitMs ?? Number.POSITIVE_INFINITY) - (performance.now() - askedAt);
    const begun = [...applied.begun];
    let told: readonly Told[] = outcome.change.changed
      .filter(({ effect }) => effect === "told")
      .map(({ row, keys }) => ({ id: row.id, result: "pending", keys }));
    const answered = applied.told.then(async (answers) => {
      told = answers;
      begun.push(...(await this.#restartUnfit(answers, request.by)));
    });
    await this.#settled(begun, answered, Math.min(leftMs, START_LIMIT_MS));
    const { launcher } = this.#options;
    const concerned = new Set([...begun, ...told.flatMap(({ id }) => launcher.get(id) ?? [])]);
    const present = [...concerned].filter(({ id }) => launcher.get(id));
    return { ...outcome, told: [...outcome.told, ...told], notRunning: present.flatMap(notRunning) };
  }

  /** Does something while no reload is under way. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Those that could not take their new values while they run. */
  async #restartUnfit(answers: readonly Told[], by: string): Promise<ServiceRunner[]> {
    const { launcher } = this.#options;
    const unfit = answers.flatMap(({ id, result }) => (result === "restarted" ? (launcher.get(id) ?? []) : []));
    if (unfit.length > 0) await this.alone(() => restartSome(launcher, unfit, `reload by ${by}`));
    return unfit;
  }

  async #tryTo(request: ReloadRequest): Promise<Taken> {
    try {
      return await this.#take(request);
    } catch (error) {
      const outcome: ReloadOutcome =
        error instanceof ConfigError
          ? { result: "invalid", issues: error.lines }
          : { result: "refused", reason: describeError(error) };
      return { outcome };
    }
  }

  /** @throws ConfigError, AlreadyRunningError, StateFolderError with nothing changed */
  async #take({ by, dryRun = false }: ReloadRequest): Promise<Taken> {
    const { source, launcher, lock, check } = this.#options;
    const reading = await source.reread();
    const { refused } = fleetChange(this.#reading, reading);
    const refuse = (reason: string) => ({ outcome: { result: "refused", reason } as const });
    if (refused.length > 0) {
      return refuse(`${refused.join(" and ")} changed, which needs a restart of the launcher`);
    }
    const told = await check(reading);
    await launcher.claimed;
    if (launcher.isEnding) return refuse("the launcher is ending");
    // Only now: the check takes away what was said of all services and means others.
    const wanted = fleetChange(this.#reading, reading);
    const change = withToldAsTheyAre(
      withoutIdle(wanted, (id) => isIdle(launcher.get(id))),
      launcher,
    );
    this.#refuseBroken(change, told);
    const warnings = told.map(({ id, message }) => `${id}: ${message}`);
    const outcome = { change, warnings, notRunning: [], told: stillRefusing(change, launcher) };
    if (dryRun) return { outcome: { result: "checked", ...outcome, told: [] } };
    const now = reading.fleet.services.map(({ id }) => id);
    lock.update([...now, ...change.removed.map(({ id }) => id)]);
    this.#adopt(reading);
    let applied: Applied | undefined;
    try {
      applied = await applyChange(launcher, change, reading.fleet, by);
      lock.update(now);
    } catch (error) {
      // Of the state folder: by now the fleet is changed.
      warnings.push(describeError(error));
    }
    return { outcome: { result: isEmpty(change) ? "unchanged" : "reloaded", ...outcome }, applied };
  }

  #adopt(reading: FleetReading): void {
    const before = this.#reading;
    this.#reading = reading;
    this.#options.onAdopt(reading, before);
  }

  /** Waits until they run or are not going to; if other reloads come meanwhile, until these have done with them too. */
  async #settled(begun: readonly ServiceRunner[], answered: Promise<void>, limitMs: number): Promise<void> {
    const settle = async () => {
      await answered;
      for (let turn: Promise<unknown> | undefined; turn !== this.#turn; ) {
        turn = this.#turn;
        await turn;
        await this.#options.launcher.settled(() => begun);
      }
    };
    await atMost(limitMs, settle());
  }

  /** Nothing that runs is stopped for a file that cannot be loaded. @throws ConfigError */
  #refuseBroken({ changed }: FleetChange, warnings: readonly CheckWarning[]): void {
    const issues = changed.flatMap(({ row, effect }): ConfigIssue[] => {
      const warning = warnings.find(({ id }) => id === row.id);
      const runs = this.#options.launcher.get(row.id)?.pid !== undefined;
      if (!warning || effect !== "restart" || !runs) return [];
      const { file, line, column } = row.position ?? { file: row.type, line: 0, column: 0 };
      return [{ file, line, column, key: row.id, sentence: warning.message }];
    });
    if (issues.length > 0) throw new ConfigError(issues);
  }
}

/** Stopped by an operator, or another launcher's. */
function isIdle(runner: ServiceRunner | undefined): boolean {
  return runner?.heldBy !== undefined || runner?.elsewhere !== undefined;
}

function notRunning(runner: ServiceRunner): NotRunning[] {
  const { id, row, status, lastExit, elsewhere } = runner;
  const state = lifeWord(runner);
  const said = status.message ?? status.status;
  switch (state) {
    case "running":
    case "completed":
    case "idle":
    case "stopped":
      return [];
    case "standby":
      return row.standby ? [] : [{ id, state, why: elsewhere?.message ?? said }];
    case "elsewhere":
      return [{ id, state, why: elsewhere?.message ?? said }];
    case "failed":
    case "restarting":
      return [{ id, state, why: lastExit?.error ?? said }];
    case "pending":
      return [{ id, state, why: said }];
    case "starting":
    case "stopping":
      return [{ id, state, why: "it takes its time" }];
    default:
      return state satisfies never;
  }
}
