// The timetables of a launcher's periodic services: each kept from when the service is begun until it is dropped.
import type { JsonObject } from "../common/json.ts";
import type { Logger } from "../common/logger.ts";
import { describeSchedule } from "../common/schedule.ts";
import type { ServiceRow } from "../config/types.ts";
import { toWireTimestamp } from "../messaging/timestamp.ts";
import { RunHistory } from "./run-history.ts";
import type { ServiceRunner } from "./service-runner.ts";
import { type Members, Siblings } from "./siblings.ts";
import { TimetableKeeper } from "./timetable.ts";

export interface TimetablesOptions {
  /** Names the file in which the last runs are noted. */
  launcherId: string;
  logger: Logger;
  /** Services are run as if they had no timetable. */
  ignored: boolean;
  /** For runs that overlap. */
  members: Members;
}

export class Timetables {
  readonly #options: TimetablesOptions;
  readonly #keepers = new Map<string, TimetableKeeper>();
  readonly siblings: Siblings;
  #history: RunHistory | undefined;

  constructor(options: TimetablesOptions) {
    this.#options = options;
    this.siblings = new Siblings(options.members, options.logger);
  }

  /** Whether the service runs when it is due, and not as soon as it may. */
  isPeriodic({ row }: { row: ServiceRow }): boolean {
    return row.timetable !== undefined && !this.#options.ignored;
  }

  /** Begins to keep the timetable of a periodic service; one that is kept already is kept on. Siblings have none. */
  keep(runner: ServiceRunner): void {
    if (this.siblings.has(runner)) return;
    if (!this.#keepers.has(runner.id)) this.#make(runner)?.begin();
  }

  /** The row of a periodic service has another timetable now. */
  renew(runner: ServiceRunner): void {
    if (this.siblings.has(runner)) return;
    const lastRun = this.#keepers.get(runner.id)?.lastRun;
    this.drop(runner.id);
    // What would have been due by the new one before now was not missed.
    this.#make(runner, lastRun)?.begin({ catchUp: false });
  }

  drop(id: string): void {
    this.#keepers.get(id)?.stop();
    this.#keepers.delete(id);
  }

  /** Nothing is due any more. */
  stop(): void {
    for (const keeper of this.#keepers.values()) keeper.stop();
  }

  /** What events tell of a service's timetable. A sibling that rests is not waiting for anything. */
  fieldsOf(runner: ServiceRunner): JsonObject {
    const { id, timetable } = runner.row;
    if (!timetable || this.siblings.has(runner)) return {};
    const { nextRun, lastRun } = this.#keepers.get(id) ?? {};
    return {
      schedule: describeSchedule(timetable.schedule),
      ...(nextRun === undefined ? {} : { next_run: toWireTimestamp(nextRun) }),
      ...(lastRun === undefined ? {} : { last_run: toWireTimestamp(lastRun) }),
    };
  }

  #make(runner: ServiceRunner, lastRun?: number): TimetableKeeper | undefined {
    const { id, row } = runner;
    if (!row.timetable || !this.isPeriodic(runner)) return undefined;
    const { launcherId, logger } = this.#options;
    this.#history ??= new RunHistory(launcherId, logger);
    const history = this.#history;
    const keeper = new TimetableKeeper({
      runner,
      timetable: row.timetable,
      logger,
      onRun: (time) => history.note(id, time),
      lastRun: lastRun ?? history.lastRun(id),
      runBeside: () => this.siblings.run(runner),
    });
    this.#keepers.set(id, keeper);
    return keeper;
  }
}
