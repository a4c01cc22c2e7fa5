// The files of a soak's fleet: one configuration for each launcher, and the programs beside them.
import { chmodSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAMS } from "./programs.ts";
import type { LauncherName, Row } from "./rows.ts";

/** Seconds a launcher may be silent before another may have what it shares. */
export const LEASE_SEC = 10;

export class FleetFiles {
  readonly folder: string;
  readonly #rows: readonly Row[];
  readonly #ports: ReadonlyMap<LauncherName, number>;

  /** @param ports where each launcher finds the broker */
  constructor(folder: string, rows: readonly Row[], ports: ReadonlyMap<LauncherName, number>) {
    this.folder = folder;
    this.#rows = rows;
    this.#ports = ports;
    for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, name), text);
    chmodSync(join(folder, "foreign.sh"), 0o755);
    for (const name of ports.keys()) this.write(name);
  }

  path(name: LauncherName): string {
    return join(this.folder, `${name}.yaml`);
  }

  /** Writes it as an editor does: a new file in place of the old one. @param broken something that is no configuration */
  write(name: LauncherName, broken = ""): void {
    const rows = this.#rows.filter(({ launchers, isListed }) => isListed && launchers.includes(name));
    const scratch = `${this.path(name)}.new`;
    writeFileSync(scratch, `${head(this.#ports.get(name))}${rows.map(rowText).join("")}${broken}`);
    renameSync(scratch, this.path(name));
  }
}

// Logs must be small: they are in the state folder, which is small too.
const head = (port: number | undefined) => `nats: {host: 127.0.0.1, port: ${port}}
lease_sec: ${LEASE_SEC}
logs: {max_size: 32KB, files: 1}
defaults: {restart: always, restart_sec: 0.2}
services:
`;

function rowText({ id, kind, home, launchers, tempo }: Row): string {
  const [type, variant] = id.split(".");
  const own = home === "exec" ? 'command: [./foreign.sh, "{service_id}"]' : `launcher: ${home}, tempo: ${tempo}`;
  const parts = [`type: ${type}, variant: ${variant}`, own];
  if (kind === "periodic") parts.push("schedule: every 7s, restart: no");
  if (home === "worker" || home === "process") parts.push("watchdog_sec: 4");
  if (launchers.length > 1) parts.push("standby: true");
  return `  - {${parts.join(", ")}}\n`;
}
