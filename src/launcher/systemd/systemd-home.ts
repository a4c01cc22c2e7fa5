// Home under systemd: a unit for each service, which systemd starts, watches and restarts, also while no launcher runs.
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { describeError, InternalError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { FleetConfig, ServiceRow } from "../../config/types.ts";
import { Subjects } from "../../messaging/index.ts";
import type { SystemdMode } from "../../systemd/units/mode.ts";
import { serviceUnit } from "../../systemd/units/names.ts";
import { UnitTakenError } from "../../systemd/units/taken.ts";
import type { StartHost } from "../homes/home.ts";
import type { Ear } from "../homes/own-voice.ts";
import type { LauncherName } from "../launcher-id.ts";
import { Manager } from "./manager.ts";
import { type OwnDoing, ServiceUnit } from "./service-unit.ts";
import { UnitFiles } from "./unit-files.ts";
import { UnitHost } from "./unit-host.ts";

/** Of which any `tcs@….service` is made that has no file of its own. */
const TEMPLATE = "tcs@.service";

export interface SystemdHomeOptions {
  fleet: () => FleetConfig;
  name: LauncherName;
  /** As in `UnitFilesOptions`. */
  folder: string;
  logFolder: string;
  logger: Logger;
  env: Record<string, string | undefined>;
  /** Somebody did something to a service past the launcher. @param at when, milliseconds since the epoch */
  onOwnDoing: (id: string, doing: OwnDoing, at: number) => void;
  /** An operator has stopped it: it does not start with the machine. */
  isHeld: (id: string) => boolean;
}

export class SystemdHome {
  readonly #options: SystemdHomeOptions;
  readonly #units = new Map<string, ServiceUnit>();
  readonly #scope: SystemdMode;
  readonly #files: UnitFiles;
  #ear: Ear | undefined;
  #opening: Promise<Manager> | undefined;
  #reloading: Promise<void> | undefined;

  constructor(options: SystemdHomeOptions) {
    this.#options = options;
    const { fleet, name, folder, logFolder, env } = options;
    // As root the machine's systemd, else the user's.
    this.#scope = fleet().systemd?.scope ?? (process.getuid?.() === 0 ? "system" : "user");
    this.#files = new UnitFiles({ fleet, name, folder, logFolder, env, scope: this.#scope });
  }

  /**
   * Makes sure that systemd is there, and ends what units an earlier configuration has left.
   * @throws NoSystemdError with what to do
   */
  async open(): Promise<void> {
    const rows = this.#options.fleet().services.filter(({ home }) => home === "systemd");
    const left = this.#files.writtenIds().filter((id) => !rows.some((row) => row.id === id));
    if (rows.length === 0 && left.length === 0) return;
    await this.#manager();
    for (const id of left) await this.remove(id);
  }

  /** Where services are heard, once there is a messenger. */
  set ear(ear: Ear) {
    this.#ear = ear;
  }

  readonly start: StartHost = ({ row, spec, onMessage }) => {
    if (!row || !spec) throw new InternalError("a unit of systemd is for one service");
    return new UnitHost({
      row,
      ear: this.#ear,
      subjects: new Subjects(spec.subjectPrefix),
      parent: this.#options.name.monitorName,
      begin: (life) => this.#begin(row, spec.runnerId ?? "", life),
      stop: () => this.#stop(row.id),
      kill: () => this.#units.get(row.id)?.kill(),
      onEnded: () => this.#files.forgetStop(row.id),
      tell: onMessage,
    });
  };

  /** The service is not in the configuration any more: ends its unit, and takes its files away. Never rejects. */
  async remove(id: string): Promise<void> {
    try {
      const manager = await this.#manager();
      this.#units.get(id)?.leave();
      this.#units.delete(id);
      const name = serviceUnit(id);
      if (existsSync(this.#files.pathOf(id)) && !this.#files.isAnothers(id)) {
        await stopped(manager, name);
        if (this.#files.persistent) await manager.disable([name]);
      }
      this.#files.remove(id);
      await this.#reload(manager);
    } catch (error) {
      this.#options.logger.error(`${serviceUnit(id)} is left behind: ${describeError(error)}`);
    }
  }

  /**
   * Another launcher has the service, and it has stopped here. Never rejects.
   * @param isHeir that is this one's successor, whose unit it is from now on
   */
  async letGo(id: string, isHeir: boolean): Promise<void> {
    const unit = this.#units.get(id);
    if (!unit) return;
    this.#units.delete(id);
    unit.leave();
    if (isHeir || this.#files.isAnothers(id)) return;
    try {
      const manager = await this.#manager();
      if (this.#files.persistent) await manager.disable([serviceUnit(id)]);
      // Nobody is to start it here past its new launcher.
      this.#files.remove(id);
      await this.#reload(manager);
    } catch (error) {
      this.#options.logger.error(`${serviceUnit(id)} is left behind: ${describeError(error)}`);
    }
  }

  /** The launcher ends, and its units run on: nothing more is told of them. */
  leave(): void {
    for (const unit of this.#units.values()) unit.leave();
  }

  /** The launcher ends. @param keep its units run on, or are to start with the machine */
  async close(keep: boolean): Promise<void> {
    const manager = await this.#opening?.catch(() => undefined /* That was told when it was opened. */);
    if (!manager) return;
    if (!keep && !this.#files.persistent) {
      for (const id of this.#units.keys()) this.#files.remove(id);
      await manager.reload().catch((error) => this.#options.logger.warning(`systemd: ${describeError(error)}`));
    }
    manager.close();
  }

  async #begin(row: ServiceRow, runnerId: string, life: UnitHost): Promise<void> {
    const { id } = row;
    const manager = await this.#manager();
    const isFirst = !this.#units.has(id);
    const unit = this.#unitOf(id, manager);
    await unit.look();
    this.#refuseOthers(unit, id);
    const stoppedAt = isFirst && !unit.isUp ? this.#files.stoppedAt(id) : undefined;
    const change = this.#files.write(row, runnerId);
    // Stopped while nobody looked: the life that is asked for here ends before it has begun.
    if (stoppedAt !== undefined) this.#options.onOwnDoing(id, "stop", stoppedAt);
    const how = await unit.begin(life, async () => {
      // What systemd has never read it reads by itself.
      if (change.unit && (unit.file !== "" || !isFirst)) await this.#reload(manager);
      if (this.#files.persistent) await this.#setEnabled(manager, id, true);
    });
    if (isFirst && how === "joined") this.#tellAdopted(id, change.unit || change.order);
  }

  #tellAdopted(id: string, changed: boolean): void {
    const { logger } = this.#options;
    logger.info(`${id}: ${serviceUnit(id)} runs already, and goes on`);
    if (changed) logger.warning(`${id} runs as it was configured before: "tcs restart ${id}" applies what has changed`);
  }

  /** @throws UnitTakenError when a unit of this name is not ours */
  #refuseOthers(unit: ServiceUnit, id: string): void {
    const expected = this.#files.pathOf(id);
    const installed = this.#files.installedPart(id);
    if (installed !== undefined) {
      throw new UnitTakenError(`${serviceUnit(id)} is a unit of tcs systemd install --each already: ${installed}`, {
        hint: "remove that (tcs systemd uninstall), or choose another home for the service",
      });
    }
    const isElsewhere = unit.file !== "" && unit.file !== expected && existsSync(unit.file);
    // A template stands back behind a unit of the very name, unless it is in use.
    if (isElsewhere && (unit.isUp || basename(unit.file) !== TEMPLATE)) {
      throw new UnitTakenError(`${serviceUnit(id)} is a unit of somebody else already: ${unit.file}`, {
        hint: "remove that, or choose another home for the service",
      });
    }
    if (unit.isUp && this.#files.isAnothers(id)) {
      throw new UnitTakenError(`${serviceUnit(id)} runs for another configuration: ${expected}`, {
        hint: "stop that one first, or give the service another variant",
      });
    }
  }

  #unitOf(id: string, manager: Manager): ServiceUnit {
    const known = this.#units.get(id);
    if (known) return known;
    const { logger, onOwnDoing } = this.#options;
    const unit = new ServiceUnit({
      name: serviceUnit(id),
      manager,
      logger,
      onOwnDoing: (doing) => onOwnDoing(id, doing, Date.now()),
    });
    this.#units.set(id, unit);
    return unit;
  }

  #stop(id: string): void {
    this.#files.orderStop(id);
    this.#units.get(id)?.stop();
    if (!this.#files.persistent || !this.#options.isHeld(id)) return;
    this.#manager()
      .then((manager) => this.#setEnabled(manager, id, false))
      .catch((error: unknown) =>
        this.#options.logger.error(`${serviceUnit(id)} still starts with the machine: ${describeError(error)}`),
      );
  }

  /** Whether it starts with the machine. */
  async #setEnabled(manager: Manager, id: string, wanted: boolean): Promise<void> {
    if (wanted) await manager.enable([this.#files.pathOf(id)]);
    else await manager.disable([serviceUnit(id)]);
    await this.#reload(manager);
  }

  /** Many units that change together are read once. */
  #reload(manager: Manager): Promise<void> {
    this.#reloading ??= Promise.resolve().then(async () => {
      this.#reloading = undefined;
      await manager.reload();
    });
    return this.#reloading;
  }

  #manager(): Promise<Manager> {
    this.#opening ??= Manager.open(this.#scope, this.#options.logger, this.#options.env);
    return this.#opening;
  }
}

/** Stops a unit, and waits for its end. @throws BusError */
async function stopped(manager: Manager, name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unwatch = await manager.watch(
    name,
    ({ active }) => {
      if (active === "inactive" || active === "failed") resolve();
    },
    () => undefined,
  );
  await manager.stop(name);
  await promise;
  unwatch();
}
