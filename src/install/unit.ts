// A launcher that systemd runs is restarted by systemd: it would take a successor for a stray process.
import { readFileSync } from "node:fs";
import { RenewError } from "./errors.ts";

export interface Unit {
  name: string;
  /** Of a user's manager. */
  isUsers: boolean;
}

/** The unit whose main process a pid is. */
export async function unitOf(pid: number): Promise<Unit | undefined> {
  const path = cgroupOf(pid);
  const name = path.split("/").at(-1) ?? "";
  if (!name.endsWith(".service") || Bun.which("systemctl") === null) return undefined;
  const unit = { name, isUsers: path.includes("/user@") };
  const { stdout } = await systemctl(unit, "show", "--property=MainPID", "--value");
  return stdout.trim() === String(pid) ? unit : undefined;
}

/** Resolves when it has started: for one with Type=notify, when it said that it is ready. @throws RenewError */
export async function restartUnit(unit: Unit): Promise<void> {
  const { code, stderr } = await systemctl(unit, "restart");
  if (code === 0) return;
  throw new RenewError(`systemctl restart ${unit.name} failed: ${stderr.trim().split("\n")[0] ?? ""}`, {
    hint: `see "systemctl status ${unit.name}"`,
  });
}

async function systemctl({ name, isUsers }: Unit, verb: string, ...options: string[]) {
  const command = ["systemctl", ...(isUsers ? ["--user"] : []), verb, ...options, "--", name];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout, stderr, code };
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
