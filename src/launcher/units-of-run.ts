// The units of a fleet's run: what others do to them counts as orders, and whether they end with their launcher.
import { hostname } from "node:os";
import { describeError } from "../common/errors.ts";
import type { Logger, LogRecord } from "../common/logger.ts";
import type { FleetConfig } from "../config/types.ts";
import { type FleetLog, tailOf } from "../logs/index.ts";
import type { LauncherControl } from "./control/index.ts";
import type { FleetVoice } from "./fleet-voice.ts";
import type { Ear } from "./homes/own-voice.ts";
import type { LauncherName } from "./launcher-id.ts";
import type { ServiceRunner } from "./service-runner.ts";
import type { ServicesLauncher } from "./services-launcher.ts";
import { type OwnDoing, SystemdHome } from "./systemd/index.ts";

export interface UnitsOfRunOptions {
  name: LauncherName;
  /** As in `UnitFilesOptions`. */
  folder: string;
  log: FleetLog;
  logger: Logger;
  /** The configuration until there is a launcher. */
  fleet: FleetConfig;
}

/** What units need of whoever has the command of the fleet. */
export interface UnitsCommand {
  readonly launcher: Pick<ServicesLauncher, "get" | "runners" | "fleet" | "isEnding">;
  readonly control: Pick<LauncherControl, "carryOut">;
  readonly voice: Pick<FleetVoice, "sink">;
}

export class UnitsOfRun {
  readonly home: SystemdHome;
  readonly #options: UnitsOfRunOptions;
  #left = false;
  #command: UnitsCommand | undefined;

  constructor(options: UnitsOfRunOptions) {
    const { name, folder, log, logger } = options;
    this.#options = options;
    this.home = new SystemdHome({
      fleet: () => this.#fleet,
      name,
      folder,
      logFolder: log.folder,
      logger,
      env: process.env,
      onOwnDoing: (id, doing, at) => this.#onOwnDoing(id, doing, at),
      isHeld: (id) => this.#command?.launcher.get(id)?.heldBy !== undefined,
    });
  }

  /** There is a launcher now. @param ear where services are heard that speak for themselves */
  follow(command: UnitsCommand, ear: Ear): void {
    this.#command = command;
    this.home.ear = ear;
  }

  /** The last lines of a service, oldest first: of units, which write their logs themselves, from their files. */
  lastLines(id: string, count?: number): LogRecord[] {
    const { log } = this.#options;
    return isUnit(this.#command?.launcher.get(id)) ? tailOf(log.folder, id, count) : log.last(id, count);
  }

  /** A service has come into the configuration, or is not in it any more. */
  onMember(runner: ServiceRunner, change: "added" | "removed"): void {
    if (change === "removed" && isUnit(runner)) void this.home.remove(runner.id);
  }

  /** Another launcher has a service, which has stopped here. @param isHeir this one's successor */
  async onLeft(runner: ServiceRunner, isHeir: boolean): Promise<void> {
    if (isUnit(runner)) await this.home.letGo(runner.id, isHeir);
  }

  /** The launcher ends: what is left to systemd goes on, and not a word is said about it from here. */
  leaveIfWanted(): void {
    if (this.#fleet.systemd?.onExit !== "leave") return;
    this.#left = true;
    const { launcher, voice } = this.#command ?? {};
    for (const runner of launcher?.runners ?? []) if (isUnit(runner)) voice?.sink.mute(runner.id);
    this.home.leave();
  }

  async close(): Promise<void> {
    await this.home.close(this.#left);
  }

  get #fleet(): FleetConfig {
    return this.#command?.launcher.fleet ?? this.#options.fleet;
  }

  /** Somebody has done something to a unit past us: it is what tcs would have been told to do. */
  #onOwnDoing(id: string, doing: OwnDoing, at: number): void {
    const { logger } = this.#options;
    const { launcher, control } = this.#command ?? {};
    // Whatever is done to units then, the launcher does, or it is of no interest any more.
    if (launcher?.isEnding) return;
    if (doing === "shutdown") {
      void launcher?.get(id)?.stop("the host shuts down");
      return;
    }
    const order = { kind: doing, by: `systemctl@${hostname()}`, at };
    control?.carryOut(id, order).catch((error: unknown) => logger.error(describeError(error)));
  }
}

function isUnit(runner: ServiceRunner | undefined): boolean {
  return runner?.row.home === "systemd";
}
