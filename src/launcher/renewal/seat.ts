// A launcher's place on its host: the fleet's lock, and what a successor has only when its predecessor has ended.
import { describeError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import { type LauncherLock, type LockedFleet, lockLauncher } from "../lock.ts";
import type { Holder, RenewalNote, RenewalProgress } from "./messages.ts";
import type { Succession } from "./succession.ts";

export interface SeatOptions extends LockedFleet {
  logger: Logger;
  succession: Succession | undefined;
}

export class Seat implements Omit<Holder, "leave"> {
  readonly #options: SeatOptions;
  #lock: LauncherLock | undefined;
  #services: readonly string[];
  #later: (() => Promise<void> | void)[] = [];
  #isReleased = false;
  /** The process that takes over from this one. */
  #heir: number | undefined;
  #begun = 0;
  /** Called with the pid of a successor that has ended before it had everything. */
  onHeirGone: (pid: number) => void = () => undefined;

  /** @throws AlreadyRunningError, StateFolderError; a successor takes the lock when its predecessor has given it back */
  constructor(options: SeatOptions) {
    this.#options = options;
    this.#services = options.services;
    const { succession } = options;
    if (!succession) this.#lock = lockLauncher(options);
    succession?.onMessage(({ kind }) => {
      if (kind === "yours") void this.#own();
    });
  }

  /** The fleet's lock, also before it is had. */
  readonly lock: LauncherLock = {
    update: (services) => {
      this.#lock?.update(services);
      this.#services = services;
    },
    note: (about) => this.#lock?.note(about),
    release: () => {
      this.#isReleased = true;
      this.#lock?.release();
    },
  };

  /** Does something as soon as this launcher is alone: now, or when its predecessor has ended. */
  async whenAlone(action: () => Promise<void> | void): Promise<void> {
    if (this.#lock) await action();
    else this.#later.push(action);
  }

  /** Whether a process that asks for a service is this launcher's successor. */
  isHeir(pid: number): boolean {
    return this.#heir === pid;
  }

  expect(pid: number): void {
    this.#heir = pid;
    this.#begun = Date.now();
    this.#note({});
    this.#options.logger.info(`a new launcher (pid ${pid}) takes the services over, one by one`);
  }

  progress({ service, done, of }: RenewalProgress): void {
    this.#note({ service, done, of });
  }

  lost(error: string): void {
    if (this.#heir !== undefined) this.onHeirGone(this.#heir);
    this.#heir = undefined;
    this.#note({ error });
    this.#options.logger.error(`not renewed, this launcher goes on: ${error}`);
  }

  /** It cannot be renewed: said where whoever asked looks. */
  refuse(why: string): void {
    this.#begun = Date.now();
    this.lost(why);
  }

  #note(state: Omit<RenewalNote, "begun">): void {
    const renewal: RenewalNote = { begun: this.#begun, ...state };
    this.lock.note({ renewal });
  }

  async #own(): Promise<void> {
    if (this.#isReleased) return;
    const { logger } = this.#options;
    try {
      this.#lock = lockLauncher({ ...this.#options, services: this.#services });
    } catch (error) {
      // The services are ours by their leases: somebody else's lock is no reason to end them.
      logger.error(describeError(error));
    }
    for (const action of this.#later.splice(0)) await action();
  }
}
