// Whose service manager, and what is different with the one and the other.
import { homedir } from "node:os";
import { join } from "node:path";

/** The machine's, or that of a user. */
export type SystemdMode = "system" | "user";

/** Where units are kept that an administrator, or the user, has made. */
export function unitFolder(mode: SystemdMode, env: Record<string, string | undefined> = process.env): string {
  if (mode === "system") return "/etc/systemd/system";
  return join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), ".config"), "systemd", "user");
}

/** What wants the units that start by themselves: with the machine, or with the user's manager. */
export function startTarget(mode: SystemdMode): string {
  return mode === "system" ? "multi-user.target" : "default.target";
}
