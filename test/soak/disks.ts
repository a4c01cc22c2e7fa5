// The disks of a soak's hosts: small file systems that can be filled, and that outlive the hosts.
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { within } from "../support/wait.ts";

const SIZE = "24m";
/** They are mounted for one process and what enters its namespace; with us they go. */
const MOUNT = `for disk; do mount -t tmpfs -o size=${SIZE} tmpfs "$disk" || exit; done; echo up; exec sleep infinity`;

export class Disks implements AsyncDisposable {
  readonly #folder: string;
  #holder: Bun.Subprocess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param canMount it takes root; else they are folders as any other, and cannot be filled */
  static async open(folder: string, names: readonly string[], canMount: boolean): Promise<Disks> {
    const disks = new Disks(folder);
    for (const name of names) mkdirSync(disks.path(name));
    if (!canMount) return disks;
    const words = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "sh", "-c", MOUNT, "disks"];
    const holder = Bun.spawn([...words, ...names.map((name) => disks.path(name))], {
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "inherit"],
    });
    disks.#holder = holder;
    const { done } = await within("the disks", holder.stdout.getReader().read());
    if (done) throw new Error("no disks could be mounted");
    return disks;
  }

  /** Where a host finds its own. */
  path(name: string): string {
    return join(this.#folder, `state-${name}`);
  }

  /** What begins a command that is to see them. */
  get enter(): string[] {
    return this.#holder ? ["nsenter", "-t", String(this.#holder.pid), "-m"] : [];
  }

  /** To the last byte. @returns false where it cannot be done */
  fill(name: string): boolean {
    if (!this.#holder) return false;
    const file = openSync(this.#filling(name), "w");
    try {
      const block = Buffer.alloc(65_536, 1);
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ENOSPC") throw error;
      return statfsSync(this.#filling(name)).bavail === 0;
    } finally {
      closeSync(file);
    }
  }

  free(name: string): void {
    if (this.#holder) rmSync(this.#filling(name), { force: true });
  }

  #filling(name: string): string {
    return `/proc/${this.#holder?.pid}/root${this.path(name)}/filling`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder?.kill("SIGKILL");
    await this.#holder?.exited;
  }
}
