// `overlap: allow`: runs of a periodic service that are due while others go on have instances of their own.
import type { Logger } from "../common/logger.ts";
import { MOST_RUNS, siblingId } from "../config/siblings.ts";
import type { ServiceRow } from "../config/types.ts";
import type { Possession } from "./possession.ts";
import type { ServiceRunner } from "./service-runner.ts";

/** What siblings need of a launcher. */
export interface Members {
  readonly isEnding: boolean;
  get(id: string): ServiceRunner | undefined;
  add(row: ServiceRow): ServiceRunner;
  /** It is not declared any more, and nothing starts it. */
  retire(runner: ServiceRunner, by: string): void;
  remove(runner: ServiceRunner): Promise<void>;
  possession: Pick<Possession, "claim" | "retry">;
}

/** The instance that has begun the run, or why none has. */
export type RunBeside = { ok: true; id: string } | { ok: false; why: string };

export class Siblings {
  readonly #members: Members;
  readonly #logger: Logger;
  /** By the id of the service itself, in order of their numbers. */
  readonly #families = new Map<string, ServiceRunner[]>();
  /** Chosen for a run that has not begun. */
  readonly #chosen = new Set<ServiceRunner>();

  constructor(members: Members, logger: Logger) {
    this.#members = members;
    this.#logger = logger;
  }

  /** Those of a service, without itself. */
  of(id: string): readonly ServiceRunner[] {
    return this.#families.get(id) ?? [];
  }

  has(runner: ServiceRunner): boolean {
    return [...this.#families.values()].some((family) => family.includes(runner));
  }

  /** Whether it is one that has done its work, and is there for the next that overlaps. */
  isResting(runner: ServiceRunner): boolean {
    return runner.isAtRest && !runner.hasFailed && this.has(runner);
  }

  /** Begins a run beside those that go on, in the first instance that is free, or in a new one. Never rejects. */
  async run(main: ServiceRunner): Promise<RunBeside> {
    const family = this.#families.get(main.id) ?? [];
    this.#families.set(main.id, family);
    const away = family.find((runner) => runner.elsewhere && !this.#chosen.has(runner));
    const refused = away && (await this.#members.possession.retry(away));
    if (refused !== undefined) return { ok: false, why: `${away?.id}: ${refused}` };
    const free = family.find((runner) => isFree(runner) && !this.#chosen.has(runner));
    if (!free && family.length + 1 >= MOST_RUNS) return { ok: false, why: `${MOST_RUNS} runs of it go on` };
    const unwanted = { ok: false, why: "it is not wanted any more" } as const;
    if (!this.#isWanted(main)) return unwanted;
    const runner = free ?? (await this.#make(main, family));
    if (!this.#isWanted(main)) return unwanted;
    if (runner.elsewhere) return { ok: false, why: `${runner.id}: ${runner.elsewhere.message}` };
    // An operator has stopped it, long ago maybe: it is left alone.
    if (runner.heldBy) return await this.run(main);
    void runner.start();
    return { ok: true, id: runner.id };
  }

  /** It may have been stopped, taken over or removed while an instance was made ready. */
  #isWanted(main: ServiceRunner): boolean {
    const isHere = this.#members.get(main.id) === main && !main.events.removed && !main.elsewhere;
    return isHere && !main.heldBy && !this.#members.isEnding;
  }

  async #make(main: ServiceRunner, family: ServiceRunner[]): Promise<ServiceRunner> {
    const runner = this.#members.add(siblingRow(main.row, family.length + 2));
    family.push(runner);
    this.#chosen.add(runner);
    try {
      await this.#members.possession.claim([runner]);
    } finally {
      this.#chosen.delete(runner);
    }
    return runner;
  }

  /** The row of a service has changed: theirs follow it, and they go when they are no longer wanted. */
  follow(main: ServiceRunner, reconfigure: (row: ServiceRow) => void): void {
    const family = this.of(main.id);
    for (const index of family.keys()) reconfigure(siblingRow(main.row, index + 2));
    if (main.row.timetable?.overlap === "allow") return;
    this.#families.delete(main.id);
    for (const runner of family) void this.#dismiss(runner);
  }

  /** Forgets one that is removed. */
  forget(runner: ServiceRunner): void {
    this.#families.delete(runner.id);
    for (const [id, family] of this.#families) {
      const others = family.filter((one) => one !== runner);
      if (others.length < family.length) this.#families.set(id, others);
    }
  }

  /** The service is another launcher's now: those beside it stop as it does. Never rejects. */
  async leave(id: string): Promise<void> {
    const family = this.of(id);
    this.#families.delete(id);
    await Promise.all(
      family.map(async (runner) => {
        await runner.stop(`${id} is run elsewhere`);
        await this.#members.remove(runner);
      }),
    );
  }

  /** Lets one go when its run is over. */
  async #dismiss(runner: ServiceRunner): Promise<void> {
    if (!runner.isAtRest) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const unobserve = runner.onState(() => {
        if (runner.isAtRest) resolve();
      });
      await promise;
      unobserve();
    }
    // It was removed with its service meanwhile.
    if (this.#members.get(runner.id) !== runner) return;
    this.#members.retire(runner, "its launcher");
    await this.#members.remove(runner);
    this.#logger.debug(`${runner.id} is not needed any more`);
  }
}

function siblingRow(row: ServiceRow, number: number): ServiceRow {
  return { ...row, id: siblingId(row.id, number), variant: siblingId(row.variant, number) };
}

function isFree(runner: ServiceRunner): boolean {
  return runner.isAtRest && !runner.heldBy && !runner.elsewhere && !runner.events.removed;
}
