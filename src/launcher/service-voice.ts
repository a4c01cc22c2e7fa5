// What a launcher says of one service: its events, lines in the log, and its status where it does not tell it itself.
import type { Logger } from "../common/logger.ts";
import type { RestartSettings } from "../config/types.ts";
import { Status, type StatusReport } from "../monitoring/index.ts";
import type { ServiceExit } from "../service/index.ts";
import type { OrderedBy, RegistryEvents } from "./registry-events.ts";
import { describeDecision, type RestartDecision } from "./restart-policy.ts";

export interface ServiceVoiceOptions {
  /** Of the service. */
  id: string;
  events: RegistryEvents;
  logger: Logger;
}

export class ServiceVoice {
  readonly #options: ServiceVoiceOptions;
  #status: StatusReport;
  #pid = process.pid;
  #isUp = false;
  /** Why it is to stop, if that has not been told yet. */
  #stopReason: string | undefined;

  constructor(options: ServiceVoiceOptions) {
    this.#options = options;
    this.#status = { name: options.id, status: Status.UNKNOWN, time: Date.now() };
  }

  /** The last known status of the service. */
  get status(): StatusReport {
    return this.#status;
  }
  /** Of its latest life; before the first, the launcher's. */
  get pid(): number {
    return this.#pid;
  }

  /** The service has told its status itself. */
  heard(report: StatusReport): void {
    this.#status = report;
  }

  /** Publishes the true status of a service that did not say it itself. */
  speakFor(status: Status, message: string): void {
    this.#status = { name: this.#options.id, status, message, time: Date.now() };
    this.#options.events.statusOnBehalf(status, message, this.#pid);
  }

  /** Tells again how the service is: somebody has said otherwise. */
  repeat(): void {
    this.#options.events.repeat(this.#status, this.#pid);
  }

  /** It has a process or thread. @param since when it was started, if that was not now */
  up(pid: number, order: OrderedBy | undefined, since: number | undefined): void {
    this.#pid = pid;
    this.#isUp = true;
    this.#options.events.start(pid, order, since);
    if (this.#stopReason !== undefined) this.#options.events.stopping(this.#stopReason);
    this.#stopReason = undefined;
  }

  /** It is to stop: told when its start has been, if it is still on its way. */
  stopping(reason: string): void {
    if (this.#isUp) this.#options.events.stopping(reason);
    else this.#stopReason = reason;
  }

  /** It does not run, and will not: an operator has stopped it. */
  held({ by, reason }: OrderedBy): void {
    this.speakFor(Status.SHUTDOWN, `Stopped by ${by}${reason === undefined ? "" : `: ${reason}`}`);
  }

  /** It was stopped when no life was under way. */
  stoppedAtRest(message: string): void {
    this.#options.events.stop("terminated", 0);
    this.speakFor(Status.SHUTDOWN, message);
  }

  /** A life has ended that was to be stopped. */
  stopped(exit: ServiceExit, forced: boolean): void {
    this.#down();
    this.#options.events.stop(forced ? "force_killed" : "terminated", forced ? -9 : exit.code);
    if (forced) this.speakFor(Status.SHUTDOWN, "Service force-killed: it did not stop in time");
    else if (!exit.reported) this.speakFor(Status.SHUTDOWN, "Service stopped");
  }

  /**
   * A life has ended by itself.
   * @param decision what follows
   * @param ahead how many others that crash start before it
   */
  ended(exit: ServiceExit, { policy }: RestartSettings, decision: RestartDecision, ahead: number): void {
    this.#down();
    const { id, events, logger } = this.#options;
    const next = describeDecision(decision, policy, ahead);
    if (exit.code === 0) {
      // Only that it starts again all the same (`restart: always`) is news.
      if (decision.restart) logger.info(`${id} ended well; ${next}`);
      events.stop(exit.phase === "completed" ? "completed" : "terminated", 0);
      if (!exit.reported) this.speakFor(Status.SHUTDOWN, "Service exited");
      return;
    }
    const error = exit.error ?? `exited with code ${exit.code}`;
    events.crashed({ exitCode: exit.code, restartPolicy: policy, willRestart: decision.restart, error });
    logger.error(`${id} ended: ${error}; ${next}`);
    if (exit.reported) return;
    const what = exit.phase === "startup" ? "Startup failed" : "Crashed";
    this.speakFor(decision.restart ? Status.ERROR : Status.FAILED, `${what}: ${error}`);
  }

  /** It has crashed too often, and is not started again. */
  givenUp(exit: ServiceExit, { max, windowMs }: RestartSettings, restarts: number): void {
    this.#options.events.failed("restart_limit_reached", restarts);
    const last = exit.error ? `; last: ${exit.error}` : "";
    this.speakFor(Status.FAILED, `Restart limit reached (${max} in ${windowMs / 1000} s)${last}`);
  }

  /** A life is over. */
  #down(): void {
    this.#isUp = false;
    this.#stopReason = undefined;
  }
}
