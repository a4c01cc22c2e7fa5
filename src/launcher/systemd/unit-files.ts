// The files of a service under systemd: the unit, what it runs, and its environment.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describeError } from "../../common/errors.ts";
import { ensureStateFolder, stateFolder } from "../../common/paths.ts";
import type { FleetConfig, ServiceRow } from "../../config/types.ts";
import { fileName, idOfFileName } from "../../logs/file-name.ts";
import { UnitWriteError } from "../../systemd/units/install.ts";
import { type SystemdMode, startTarget, unitFolder } from "../../systemd/units/mode.ts";
import { serviceUnit } from "../../systemd/units/names.ts";
import { dropInOf } from "../../systemd/units/plan.ts";
import type { LauncherName } from "../launcher-id.ts";
import { lastingCommand } from "../self-command.ts";
import { forgetStop, notedStop, orderStop, UNIT_COMMAND, type UnitOrder } from "./unit-order.ts";
import { environmentText, serviceUnitText } from "./unit-text.ts";

/** In the state folder; below it a folder for each launcher. */
const FOLDER = "units";

export interface UnitFilesOptions {
  fleet: () => FleetConfig;
  /** Name of the folder in which it writes down what units run: by whichever of its names, it is one launcher. */
  folder: string;
  name: LauncherName;
  logFolder: string;
  scope: SystemdMode;
  env: Record<string, string | undefined>;
}

/** What of a unit differs from what was there. */
export interface UnitChange {
  /** systemd must read it again, if it has read it. */
  unit: boolean;
  /** What runs already runs as before. */
  order: boolean;
}

export class UnitFiles {
  readonly #options: UnitFilesOptions;

  constructor(options: UnitFilesOptions) {
    this.#options = options;
  }

  /** Whether units outlive a reboot. */
  get persistent(): boolean {
    return this.#options.fleet().systemd?.persistent === true;
  }

  /** @throws UnitWriteError, StateFolderError */
  write(row: ServiceRow, runnerId: string): UnitChange {
    const { name, logFolder, env, scope } = this.#options;
    ensureStateFolder(FOLDER, this.#options.folder);
    const { services, ...fleet } = this.#options.fleet();
    const { timetable: _, ...plain } = row;
    const order: UnitOrder = { version: 1, row: plain, fleet, parent: name.monitorName, runnerId, logFolder };
    const orderFile = this.#orderFile(row.id);
    const text = serviceUnitText({
      row,
      terminateDelayMs: fleet.launcher.terminateDelayMs,
      command: [...lastingCommand(), UNIT_COMMAND, orderFile],
      cwd: process.cwd(),
      environmentFile: `${orderFile}.env`,
      configFile: fleet.file ?? "",
      unitIds: new Set(services.filter(({ home }) => home === "systemd").map(({ id }) => id)),
      properties: fleet.systemd?.properties ?? {},
      ...(this.persistent ? { wantedBy: startTarget(scope) } : {}),
    });
    const isNew = replace(orderFile, `${JSON.stringify(order)}\n`, 0o600);
    const isElsewhere = replace(`${orderFile}.env`, environmentText(env), 0o600);
    return { unit: replace(this.pathOf(row.id), text, 0o644), order: isNew || isElsewhere };
  }

  /** Services whose units this launcher has written, in this run or an earlier one. */
  writtenIds(): string[] {
    const folder = this.#folder();
    return existsSync(folder) ? readdirSync(folder).flatMap((name) => idOfFileName(name) ?? []) : [];
  }

  /** Where the unit file of a service is. */
  pathOf(id: string): string {
    return join(this.#folderOf(this.persistent), serviceUnit(id));
  }

  /** What `tcs systemd install --each` has written for the service, if it has: systemd would add it to ours. */
  installedPart(id: string): string | undefined {
    const path = dropInOf(this.#folderOf(true), serviceUnit(id));
    return existsSync(path) ? path : undefined;
  }

  /** Whether the unit file of a service is another fleet's. */
  isAnothers(id: string): boolean {
    const text = read(this.pathOf(id));
    return text !== undefined && !text.includes(this.#orderFile(id));
  }

  /** When the service was stopped while no launcher looked, milliseconds since the epoch. */
  stoppedAt(id: string): number | undefined {
    return read(this.pathOf(id)) === undefined ? undefined : notedStop(this.#orderFile(id));
  }

  /** This launcher is about to end the service. */
  orderStop(id: string): void {
    orderStop(this.#orderFile(id));
  }

  /** A launcher has seen how the service was stopped. */
  forgetStop(id: string): void {
    forgetStop(this.#orderFile(id));
  }

  /** Takes the files of a service away. */
  remove(id: string): void {
    const order = this.#orderFile(id);
    this.forgetStop(id);
    for (const path of [this.pathOf(id), `${order}.env`, order]) rmSync(path, { force: true });
  }

  #orderFile(id: string): string {
    return join(this.#folder(), fileName(id));
  }

  /** Only this user can read what is in there: environments have secrets. */
  #folder(): string {
    return join(stateFolder(), FOLDER, this.#options.folder);
  }

  #folderOf(persistent: boolean): string {
    const { scope, env } = this.#options;
    if (persistent) return unitFolder(scope, env);
    // Gone with the next start of the machine.
    return scope === "system" ? "/run/systemd/system" : join(env.XDG_RUNTIME_DIR ?? "/run", "systemd", "user");
  }
}

/** @returns whether anything was to be changed. @throws UnitWriteError */
function replace(path: string, text: string, mode: number): boolean {
  if (read(path) === text) return false;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const scratch = `${path}.new`;
    rmSync(scratch, { force: true });
    writeFileSync(scratch, text, { mode });
    // Whatever this process's umask is: everybody may read a unit.
    chmodSync(scratch, mode);
    renameSync(scratch, path);
    return true;
  } catch (cause) {
    throw new UnitWriteError(`cannot write ${path}: ${describeError(cause)}`, {
      cause,
      hint: "units of the whole machine take root; without it, systemd: {scope: user}",
    });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not there yet, or not to be read: then it is written.
    return undefined;
  }
}
