// What a run has from its first moment on, before anything is opened: its names, its log, and the check of what it reads.
import { join } from "node:path";
import { Logger } from "../common/logger.ts";
import { FleetLog, logsFolder } from "../logs/index.ts";
import type { FleetRunOptions } from "./fleet-run-options.ts";
import type { StartHost } from "./homes/home.ts";
import { workerHome } from "./homes/worker.ts";
import { type LauncherName, launcherName } from "./launcher-id.ts";
import { RunCheck } from "./run-check.ts";

export class RunBasics {
  readonly options: FleetRunOptions;
  readonly name: LauncherName;
  readonly log: FleetLog;
  /** The launcher's own voice: what it says is kept and published with the rest. */
  readonly logger: Logger;
  /** The worker home. */
  readonly startWorker: StartHost;
  readonly check: RunCheck;

  constructor(options: FleetRunOptions) {
    const { fleet } = options.reading;
    this.options = options;
    this.name = this.nameAt(options.succession?.turn ?? 0);
    // By whichever of its names: it is one fleet's log.
    const folder = join(logsFolder(), this.nameAt(0).id);
    this.log = new FleetLog({ print: options.log, folder, ownId: this.name.monitorName, limits: fleet.logs });
    this.log.mask.addFleet(fleet);
    this.logger = new Logger("tcs", this.log.sink);
    this.startWorker = workerHome(options.workerEntry);
    this.check = new RunCheck(this.log.mask, this.startWorker);
  }

  /** The launcher's name when it is its turn, 0 or 1: its successor bears the other. */
  nameAt(turn: number): LauncherName {
    const { source, reading } = this.options;
    const { home, name } = reading.fleet.launcher;
    return launcherName(source.path, home, name, undefined, turn);
  }
}
