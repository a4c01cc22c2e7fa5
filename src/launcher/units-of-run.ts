// The units of a fleet's run: what others do to them counts as orders, and whether they end with their launcher.
import { hostname } from "node:os";
import { describeError } from "../common/errors.ts";
import type { Logger, LogRecord } from "../common/logger.ts";
import type { FleetConfig } from "../config/types.ts";
import { type FleetLog, tailOf } from "../logs/index.ts";
import type { LauncherControl } from "./control/index.ts";
import type { Ear } from "./homes/own-voice.ts";
import { SystemdHome } from "./homes/systemd.ts";
import type { LauncherName } from "./launcher-id.ts";
import type { MutedSink } from "./muted-sink.ts";
import type { ServiceRunner } from "./service-runner.ts";
import type { ServicesLauncher } from "./services-launcher.ts";
import type { OwnDoing } from "./systemd/index.ts";

export interface UnitsOfRunOptions {
  name: LauncherName;
  log: FleetLog;
  logger: Logger;
  fleet: () => FleetConfig;
  launcher: () => ServicesLauncher | undefined;
  control: () => LauncherControl | undefined;
}

export class UnitsOfRun {
  readonly home: SystemdHome;
  readonly #options: UnitsOfRunOptions;
  #left = false;
  #sink: MutedSink | undefined;

  constructor(options: UnitsOfRunOptions) {
    const { name, log, logger, fleet, launcher } = options;
    this.#options = options;
    this.home = new SystemdHome({
      fleet,
      name,
      logFolder: log.folder,
      logger,
      env: process.env,
      onOwnDoing: (id, doing, at) => this.#onOwnDoing(id, doing, at),
      isHeld: (id) => launcher()?.get(id)?.heldBy !== undefined,
    });
  }

  /** Where services are heard, and where the launcher speaks of them. */
  speakBy(ear: Ear, sink: MutedSink): void {
    this.home.ear = ear;
    this.#sink = sink;
  }

  /** The last lines of a service, oldest first: of units, which write their logs themselves, from their files. */
  lastLines(id: string, count?: number): LogRecord[] {
    const { launcher, log } = this.#options;
    return isUnit(launcher()?.get(id)) ? tailOf(log.folder, id, count) : log.last(id, count);
  }

  /** A service has come into the configuration, or is not in it any more. */
  onMember(runner: ServiceRunner, change: "added" | "removed"): void {
    if (change === "removed" && isUnit(runner)) void this.home.remove(runner.id);
  }

  /** The launcher ends: what is left to systemd goes on, and not a word is said about it from here. */
  leaveIfWanted(): void {
    const { launcher, fleet } = this.#options;
    if (fleet().systemd?.onExit !== "leave") return;
    this.#left = true;
    for (const runner of launcher()?.runners ?? []) if (isUnit(runner)) this.#sink?.mute(runner.id);
    this.home.leave();
  }

  async close(): Promise<void> {
    await this.home.close(this.#left);
  }

  /** Somebody has done something to a unit past us: it is what tcs would have been told to do. */
  #onOwnDoing(id: string, doing: OwnDoing, at: number): void {
    const { launcher, control, logger } = this.#options;
    // Whatever is done to units then, the launcher does, or it is of no interest any more.
    if (launcher()?.isEnding) return;
    if (doing === "shutdown") {
      void launcher()?.get(id)?.stop("the host shuts down");
      return;
    }
    const order = { kind: doing, by: `systemctl@${hostname()}`, at };
    control()
      ?.carryOut(id, order)
      .catch((error: unknown) => logger.error(describeError(error)));
  }
}

function isUnit(runner: ServiceRunner | undefined): boolean {
  return runner?.row.home === "systemd";
}
