// Who gives an order: the user at this terminal.
import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";

/** `ann@vm`; behind sudo the one who called it. */
export function whoAmI(env: Record<string, string | undefined> = process.env): string {
  const host = hostname().split(".")[0] ?? "";
  return `${env.SUDO_USER || userName(process.getuid?.())}@${host}`;
}

function userName(uid: number | undefined): string {
  // Bun's userInfo() knows no more than $USER, which is not there in every shell.
  const name = nameInPasswd(uid) ?? userInfo().username;
  return name === "" || name === "unknown" ? `uid-${uid ?? "unknown"}` : name;
}

function nameInPasswd(uid: number | undefined): string | undefined {
  try {
    // passwd(5): name:password:uid:…
    const lines = readFileSync("/etc/passwd", "utf8").split("\n");
    return lines.map((line) => line.split(":")).find(([, , id]) => id === String(uid))?.[0];
  } catch {
    // No such file on this system.
    return undefined;
  }
}
