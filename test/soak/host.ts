// A host of a soak, as far as programs can tell, and its launcher: pids, host name and a disk of its own.
import { appendFileSync, closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { ExitCode } from "../../src/common/errors.ts";
import { tcsBinary } from "../support/binary.ts";
import { canMakeHosts } from "../support/hosts.ts";
import { catches, childrenOf } from "../support/processes.ts";
import { waitFor, within } from "../support/wait.ts";
import type { Disks } from "./disks.ts";
import type { LauncherName } from "./fleet/rows.ts";

/** The first process of a host waits for whatever is orphaned there. It ends with us, and with it everything on it. */
const BOOT = 'hostname "$1" && echo up && while :; do sleep 3600 & wait $!; done';
const UNSHARE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts"];
const LIMIT_MS = 60_000;
/** A launcher that could not start is started again after this, milliseconds. */
const AGAIN_MS = 1_000;

export interface HostOptions {
  name: LauncherName;
  /** Of the whole run. */
  folder: string;
  disks: Disks;
  config: string;
  env: Record<string, string>;
}

export class Host implements AsyncDisposable {
  readonly name: LauncherName;
  readonly #options: HostOptions;
  readonly #log: string;
  #machine: Bun.Subprocess | undefined;
  #init: number | undefined;
  #starter: Bun.Subprocess | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.name = options.name;
    this.#log = join(options.folder, `${this.name}.log`);
  }

  /** Without root there is none: its launcher runs beside the others. */
  async boot(): Promise<void> {
    if (!canMakeHosts) return;
    const words = ["setpriv", "--pdeathsig", "KILL", ...this.#options.disks.enter, ...UNSHARE];
    const machine = Bun.spawn([...words, "sh", "-c", BOOT, "init", this.name], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: process.env.PATH },
    });
    this.#machine = machine;
    await within(`host ${this.name}`, machine.stdout.getReader().read(), LIMIT_MS);
    this.#init = childrenOf(machine.pid)[0];
  }

  /** Starts its launcher; does not wait for its services. */
  async launch(): Promise<void> {
    const { folder, disks, config, env } = this.#options;
    const inside = this.#init === undefined ? [] : ["nsenter", "-t", String(this.#init), "-p", "-m", "-u"];
    const log = openSync(this.#log, "a");
    const starter = Bun.spawn([...inside, tcsBinary(), "run", "--config", config], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        LANG: "C.UTF-8",
        TCS_STATE_DIR: disks.path(this.name),
        TCS_SOAK_HOST: this.name,
        ...env,
      },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#starter = starter;
    void starter.exited.then(async (code) => {
      appendFileSync(this.#log, `-- ended with ${code}\n`);
      // As the unit that tcs systemd install writes: a disk that was full in that moment may have room again.
      if (code !== ExitCode.failure) return;
      await Bun.sleep(AGAIN_MS);
      if (this.#starter === starter && !this.needsBoot) await this.launch();
    });
    await waitFor(`the launcher of ${this.name}`, () => this.launcherPid, LIMIT_MS);
  }

  /** Its launcher, as seen from here; undefined when it does not run. */
  get launcherPid(): number | undefined {
    const starter = this.#starter;
    if (!starter || starter.exitCode !== null || starter.signalCode !== null) return undefined;
    return this.#init === undefined ? starter.pid : childrenOf(starter.pid)[0];
  }

  /** Its power was cut. */
  get needsBoot(): boolean {
    return canMakeHosts && this.#machine === undefined;
  }

  /** Processes that are ours, and may have those of a fleet for children. */
  get ownPids(): number[] {
    return [this.#machine?.pid, this.#starter?.pid].filter((pid) => pid !== undefined);
  }

  /** @returns whether its launcher was there */
  signal(name: NodeJS.Signals): boolean {
    const pid = this.launcherPid;
    if (pid === undefined) return false;
    process.kill(pid, name);
    // nsenter stops itself when what it runs is stopped.
    if (name === "SIGCONT") this.#starter?.kill(name);
    return true;
  }

  /**
   * Has its launcher read its files again. One that has begun so lately that it does not listen yet would end by it, as any
   * program does; it has not read them either.
   */
  hangUp(): void {
    const pid = this.launcherPid;
    if (pid !== undefined && catches(pid, constants.signals.SIGHUP)) this.signal("SIGHUP");
  }

  /** The exit code of its launcher, when it has ended. */
  async ended(limitMs = LIMIT_MS): Promise<number> {
    return this.#starter ? await within(`the end of the launcher of ${this.name}`, this.#starter.exited, limitMs) : 0;
  }

  /** Nothing that runs on it is left; its disk is. */
  async powerOff(): Promise<void> {
    if (!this.#machine) return;
    this.#machine.kill("SIGKILL");
    await this.#machine.exited;
    await this.#starter?.exited;
    this.#machine = undefined;
    this.#init = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#machine) return await this.powerOff();
    this.signal("SIGKILL");
    await this.#starter?.exited;
  }
}
