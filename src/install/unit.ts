// A launcher that systemd runs is restarted by systemd: it would take a successor for a stray process.
import { readFileSync } from "node:fs";
import { describeError } from "../common/errors.ts";
import { RenewalError } from "../launcher/renewal/renewal-error.ts";
import type { SystemdMode } from "../systemd/units/mode.ts";
import { SystemctlError, showUnits, systemctl } from "../systemd/units/systemctl.ts";

export interface Unit {
  name: string;
  /** Whose manager runs it. */
  mode: SystemdMode;
}

/** The unit whose main process a pid is. */
export async function unitOf(pid: number): Promise<Unit | undefined> {
  const path = cgroupOf(pid);
  const name = path.split("/").at(-1) ?? "";
  if (!name.endsWith(".service")) return undefined;
  const unit: Unit = { name, mode: path.includes("/user@") ? "user" : "system" };
  try {
    const [properties] = (await showUnits(unit.mode, [name], ["MainPID"])).values();
    return properties?.MainPID === String(pid) ? unit : undefined;
  } catch (error) {
    // No manager can be asked here, as in a container: then none minds.
    if (error instanceof SystemctlError) return undefined;
    throw error;
  }
}

/** Resolves when it has started: for one with Type=notify, when it said that it is ready. @throws RenewalError */
export async function restartUnit({ name, mode }: Unit): Promise<void> {
  try {
    await systemctl(mode, ["restart", "--", name]);
  } catch (cause) {
    const ctl = mode === "user" ? "systemctl --user" : "systemctl";
    throw new RenewalError(describeError(cause), { cause, hint: `see "${ctl} status ${name}"` });
  }
}

function cgroupOf(pid: number): string {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
    // Version 2 of cgroups; else systemd's own hierarchy.
    const line = lines.find((one) => one.startsWith("0::")) ?? lines.find((one) => one.includes("name=systemd"));
    return line?.split(":").slice(2).join(":") ?? "";
  } catch {
    // It has ended, or this is no Linux.
    return "";
  }
}
