// A service manager: systemd's own, or the user's. Orders to it, and what becomes of units.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeError, TcsError } from "../../common/errors.ts";
import type { Logger } from "../../common/logger.ts";
import type { SystemdMode } from "../../systemd/units/mode.ts";
import { Bus, BusError } from "./bus.ts";
import { asText, type BusMessage } from "./dbus-message.ts";
import type { BusValue } from "./dbus-types.ts";
import { unitPath } from "./unit-path.ts";
import { NO_VIEW, type UnitView, viewWith } from "./unit-view.ts";

/**
 * systemd is not here, or not to be reached.
 * @cause A service is to be a unit of systemd, and no systemd runs here, or not for this user.
 * @remedy Choose another home (launcher: process), or log in so that a user manager runs (loginctl enable-linger).
 * @example this host was not started by systemd (no /run/systemd/system)
 */
export class NoSystemdError extends TcsError {
  override readonly code = "E_NO_SYSTEMD";
}

const ROOT = "org.freedesktop.systemd1";
const MANAGER = `${ROOT}.Manager`;
const UNIT = `${ROOT}.Unit`;
const SERVICE = `${ROOT}.Service`;
const PROPERTIES = "org.freedesktop.DBus.Properties";
const MANAGER_PATH = "/org/freedesktop/systemd1";
/** systemd that is being exchanged (daemon-reexec) is back in less; milliseconds between two attempts. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 5_000;

interface Watch {
  name: string;
  view: UnitView;
  onView: (view: UnitView) => void;
  onJob: JobListener;
}

/** A job is over. @param job its path */
type JobListener = (job: string, result: string) => void;

export class Manager {
  readonly scope: SystemdMode;
  readonly #path: string;
  readonly #logger: Logger;
  readonly #watches = new Map<string, Watch>();
  #bus: Promise<Bus>;
  #closed = false;

  private constructor(scope: SystemdMode, path: string, logger: Logger) {
    this.scope = scope;
    this.#path = path;
    this.#logger = logger;
    this.#bus = this.#connect();
  }

  /** @throws NoSystemdError with what to do */
  static async open(scope: SystemdMode, logger: Logger, env: Record<string, string | undefined>): Promise<Manager> {
    const manager = new Manager(scope, socketOf(scope, env), logger);
    try {
      await manager.#bus;
      return manager;
    } catch (error) {
      manager.close();
      throw new NoSystemdError(describeError(error), {
        cause: error,
        hint:
          scope === "user"
            ? "log in so that a user manager runs (loginctl enable-linger keeps it), or choose launcher: process"
            : "a launcher that is not root says systemd: {scope: user}; or choose launcher: process",
      });
    }
  }

  /** @returns the path of the job */
  async start(unit: string): Promise<string> {
    const [job] = await this.#order("StartUnit", "ss", [unit, "replace"]);
    return String(job);
  }
  async stop(unit: string): Promise<void> {
    await this.#order("StopUnit", "ss", [unit, "replace"]);
  }
  /** Signals all processes of a unit. */
  async kill(unit: string, signal: number): Promise<void> {
    await this.#order("KillUnit", "ssi", [unit, "all", signal]);
  }
  /** It has not failed, and its starts are not counted any more. */
  async resetFailed(unit: string): Promise<void> {
    await this.#order("ResetFailedUnit", "s", [unit]);
  }
  /** Reads unit files again. */
  async reload(): Promise<void> {
    await this.#order("Reload", "", []);
  }
  async enable(files: string[]): Promise<void> {
    await this.#order("EnableUnitFiles", "asbb", [files, false, true]);
  }
  async disable(units: string[]): Promise<void> {
    await this.#order("DisableUnitFiles", "asb", [units, false]);
  }

  /** Whether the machine, or the user's session, is being shut down: then every unit is stopped, and nobody has asked for it. */
  async isShuttingDown(): Promise<boolean> {
    return (await this.#property(MANAGER_PATH, MANAGER, "SystemState")) === "stopping";
  }

  /** Path of the job that a unit has now; undefined when it has none. */
  async jobOf(unit: string): Promise<string | undefined> {
    const job = await this.#property(unitPath(unit), UNIT, "Job");
    return Array.isArray(job) && Number(job[0]) !== 0 ? String(job[1]) : undefined;
  }
  /** `start`, `stop`, `restart`, …; undefined when the job is over. */
  async jobType(path: string): Promise<string | undefined> {
    try {
      return asText(await this.#property(path, `${ROOT}.Job`, "JobType"));
    } catch {
      // It is done already: there is no such object any more.
      return undefined;
    }
  }

  /**
   * Tells how a unit is, now and at each change. @returns a function that ends it
   * @throws BusError
   */
  async watch(name: string, onView: (view: UnitView) => void, onJob: JobListener): Promise<() => void> {
    const path = unitPath(name);
    const watch: Watch = { name, view: NO_VIEW, onView, onJob };
    this.#watches.set(path, watch);
    await this.#look(await this.#bus, path, watch);
    return () => {
      if (this.#watches.get(path) === watch) this.#watches.delete(path);
    };
  }

  close(): void {
    this.#closed = true;
    this.#watches.clear();
    this.#bus.then((bus) => bus.close()).catch(() => undefined /* There was none. */);
  }

  async #order(member: string, signature: string, body: BusValue[]): Promise<BusValue[]> {
    const bus = await this.#bus;
    return await bus.call({ path: MANAGER_PATH, interface: MANAGER, member, signature, body });
  }

  async #property(path: string, of: string, name: string): Promise<BusValue | undefined> {
    const bus = await this.#bus;
    const call = { path, interface: PROPERTIES, member: "Get", signature: "ss", body: [of, name] };
    return (await bus.call(call))[0];
  }

  async #connect(): Promise<Bus> {
    return await Bus.open({
      path: this.#path,
      onSignal: (message) => this.#onSignal(message),
      onLost: (why) => {
        this.#logger.warning(`systemd is away (${why}): what it does meanwhile is told when it is back`);
        this.#bus = this.#reconnect();
        this.#bus.catch(() => undefined /* Closed meanwhile. */);
      },
    });
  }

  async #reconnect(): Promise<Bus> {
    for (let pauseMs = RETRY_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS)) {
      await Bun.sleep(pauseMs);
      if (this.#closed) throw new BusError("the launcher is ending");
      const bus = await this.#connect().catch(() => undefined /* Not yet back. */);
      if (!bus) continue;
      for (const [path, watch] of this.#watches) await this.#look(bus, path, watch);
      this.#logger.info("systemd is back");
      return bus;
    }
  }

  /** Reads all of a unit: what changes from then on is signalled. */
  async #look(bus: Bus, path: string, watch: Watch): Promise<void> {
    const all = (of: string) => bus.call({ path, interface: PROPERTIES, member: "GetAll", signature: "s", body: [of] });
    const replies = await Promise.all([all(SERVICE), all(UNIT)]);
    for (const [properties] of replies) if (properties instanceof Map) watch.view = viewWith(watch.view, properties);
    watch.onView(watch.view);
  }

  #onSignal({ path = "", member, body }: BusMessage): void {
    if (member === "JobRemoved") {
      const [, job, unit, result] = body;
      this.#watches.get(unitPath(String(unit)))?.onJob(String(job), String(result));
      return;
    }
    const watch = member === "PropertiesChanged" ? this.#watches.get(path) : undefined;
    const [of, changed] = body;
    if (!watch || !(changed instanceof Map)) return;
    watch.view = viewWith(watch.view, changed);
    // Of the two that come together this is the last.
    if (of === UNIT) watch.onView(watch.view);
  }
}

/** @throws NoSystemdError where there can be none */
function socketOf(scope: SystemdMode, env: Record<string, string | undefined>): string {
  if (scope === "system") {
    if (!existsSync("/run/systemd/system")) {
      throw new NoSystemdError("this host was not started by systemd (no /run/systemd/system)", {
        hint: "choose launcher: process, which restarts and watches services itself",
      });
    }
    return "/run/systemd/private";
  }
  const folder = env.XDG_RUNTIME_DIR;
  if (folder) return join(folder, "systemd", "private");
  throw new NoSystemdError("no service manager of this user: XDG_RUNTIME_DIR is not set", {
    hint: "log in (ssh, not su), or loginctl enable-linger; or choose launcher: process",
  });
}
