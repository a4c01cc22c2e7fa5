// What becomes of services whose files have changed: those that can be loaded are started anew, the others go on.
import { extname, relative } from "node:path";
import type { Logger } from "../../common/logger.ts";
import { listed } from "../../common/plural.ts";
import { SERVICE_EXTENSIONS, scanModule } from "../../config/module-files.ts";
import { lifeWord } from "../control/life-word.ts";
import type { ServiceRunner } from "../service-runner.ts";
import type { ServicesLauncher } from "../services-launcher.ts";
import type { ChangeVerdict } from "./dev-mode.ts";
import type { ChangedService } from "./sources.ts";

export interface FollowFilesOptions {
  launcher: Pick<ServicesLauncher, "get" | "settled" | "isEnding">;
  /** Loads the services as their files are now. @returns by id, why those cannot run that cannot */
  check: (runners: readonly ServiceRunner[]) => Promise<ReadonlyMap<string, readonly string[]>>;
  /** Stops services and begins them again. Resolves when they are begun. */
  restart: (runners: readonly ServiceRunner[], reason: string) => Promise<void>;
  /** Files are named from here. */
  folder: string;
  logger: Logger;
}

/** A service that is in the fleet, and what has changed of it. */
interface Concerned extends ChangedService {
  runner: ServiceRunner;
}

export class FollowFiles {
  readonly #options: FollowFilesOptions;
  /** The latest restart of each service: an earlier one is not told any more. */
  readonly #latest = new Map<string, number>();
  #restarts = 0;

  constructor(options: FollowFilesOptions) {
    this.#options = options;
  }

  /** @param sinceMs when the first change was heard of, monotonic milliseconds */
  async onChanged(changed: readonly ChangedService[], sinceMs: number): Promise<ChangeVerdict> {
    const { launcher, logger } = this.#options;
    const concerned = changed.flatMap((one): Concerned[] => {
      const runner = launcher.get(one.id);
      return runner ? [{ ...one, runner }] : [];
    });
    const undone = concerned.filter(({ isUndone, runner }) => isUndone && runner.pid !== undefined);
    this.#tell(undone, (files, ids) => logger.info(`${files} as before: nothing to do for ${ids}`));
    const good = await this.#loadable(concerned.filter((one) => !undone.includes(one)));
    const held = good.filter(({ runner }) => runner.heldBy ?? runner.elsewhere);
    this.#tell(held, (files, ids) => logger.info(`${files} changed: for ${ids} when started here`));
    const rest = good.filter((one) => !held.includes(one));
    const periodic = rest.filter(({ runner }) => runner.row.timetable);
    this.#tell(periodic, (files, ids) => logger.info(`${files} changed: for ${ids} at the next run`));
    await this.#restart(
      rest.filter((one) => !periodic.includes(one)),
      sinceMs,
    );
    return { accepted: [...undone, ...good].map(({ id }) => id) };
  }

  /** Those that can be loaded; of the others it is told why not. */
  async #loadable(concerned: readonly Concerned[]): Promise<Concerned[]> {
    const { logger, check } = this.#options;
    if (concerned.length === 0) return [];
    const broken = new Map<string, readonly string[]>();
    // Told by the place of the fault, which loading does not give.
    for (const { id, files } of concerned) {
      const faults = files.flatMap((file) => syntaxFault(file) ?? []);
      if (faults.length > 0) broken.set(id, faults);
    }
    const parsed = concerned.filter(({ id }) => !broken.has(id));
    if (parsed.length > 0) {
      for (const [id, faults] of await check(parsed.map(({ runner }) => runner))) broken.set(id, faults);
    }
    for (const fault of new Set([...broken.values()].flat())) logger.error(fault);
    const bad = concerned.filter(({ id }) => broken.has(id));
    this.#tell(bad, (files, ids, some) => {
      const how = some.every(({ runner }) => runner.pid !== undefined) ? "running as before" : "as before";
      logger.error(`${files} cannot be used: ${ids} left ${how}`);
    });
    return concerned.filter(({ id }) => !broken.has(id));
  }

  async #restart(concerned: readonly Concerned[], sinceMs: number): Promise<void> {
    const { logger, restart, launcher } = this.#options;
    if (concerned.length === 0 || launcher.isEnding) return;
    const names = this.#tell(concerned, (files, ids) => logger.info(`${files} changed: restarting ${ids}`));
    const runners = concerned.map(({ runner }) => runner);
    this.#restarts += 1;
    for (const { id } of runners) this.#latest.set(id, this.#restarts);
    await restart(runners, `${names.join(", ")} changed`);
    for (const runner of runners) void this.#tellEnd(runner, this.#restarts, sinceMs);
  }

  /** Says how long it took until the service was well again, or that it is not. Not waited for: it may start for ever. */
  async #tellEnd(runner: ServiceRunner, restart: number, sinceMs: number): Promise<void> {
    const { launcher, logger } = this.#options;
    await launcher.settled(() => [runner]);
    if (this.#latest.get(runner.id) !== restart || launcher.isEnding) return;
    const seconds = ((performance.now() - sinceMs) / 1000).toFixed(2);
    const state = lifeWord(runner);
    if (state === "running") logger.info(`${runner.id} is ${runner.status.status} again after ${seconds} s`);
    else if (state === "completed") logger.info(`${runner.id} has completed after ${seconds} s`);
    else logger.warning(`${runner.id} is ${state} after ${seconds} s`);
  }

  /** Calls `say` once for services with the same changed files. @returns the files, in words */
  #tell(
    concerned: readonly Concerned[],
    say: (files: string, ids: string, some: readonly Concerned[]) => void,
  ): string[] {
    const groups = Map.groupBy(concerned, ({ files }) => this.#names(files));
    for (const [files, some] of groups) say(files, listed(some.map(({ id }) => id)), some);
    return [...groups.keys()];
  }

  #names(files: readonly string[]): string {
    const names = files.map((file) => relative(this.#options.folder, file) || file);
    return listed(names.toSorted());
  }
}

function syntaxFault(file: string): string | undefined {
  const isModule = SERVICE_EXTENSIONS.some((extension) => extension === extname(file));
  return isModule ? scanModule(file) : undefined;
}
