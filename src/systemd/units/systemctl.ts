// systemd, asked and told by its own command.
import { existsSync } from "node:fs";
import { TcsError } from "../../common/errors.ts";
import type { SystemdMode } from "./mode.ts";

/**
 * systemctl has failed.
 * @cause The program systemctl, or systemd-sysusers, refused or is not there.
 * @remedy Read its own words behind the command; on a machine without systemd, "tcs systemd show" prints the unit
 *   files.
 * @example systemctl was not found: this machine has no systemd
 */
export class SystemctlError extends TcsError {
  override readonly code = "E_SYSTEMCTL";
}

/** Whether systemd is what runs this machine: sd_booted(3). */
export function isSystemdHere(): boolean {
  return existsSync("/run/systemd/system");
}

/** Its version; undefined where it is not installed. */
export async function systemdVersion(): Promise<number | undefined> {
  if (Bun.which("systemctl") === null) return undefined;
  const { stdout } = await command(["systemctl", "--version"]);
  const version = /^systemd (\d+)/.exec(stdout)?.[1];
  return version === undefined ? undefined : Number(version);
}

/** Runs `systemctl`. @returns what it wrote @throws SystemctlError with its own words */
export async function systemctl(mode: SystemdMode, args: readonly string[]): Promise<string> {
  const words = ["systemctl", ...(mode === "user" ? ["--user"] : []), "--no-pager", "--no-ask-password", ...args];
  return await run(words);
}

/** Makes the accounts of a file of sysusers.d(5), those that are missing. @throws SystemctlError */
export async function makeAccounts(path: string): Promise<void> {
  await run(["systemd-sysusers", path]);
}

/** Some properties of units, by unit. */
export async function showUnits<Name extends string>(
  mode: SystemdMode,
  units: readonly string[],
  names: readonly Name[],
): Promise<Map<string, Record<Name, string>>> {
  if (units.length === 0) return new Map();
  const text = await systemctl(mode, ["show", `--property=${["Id", ...names].join(",")}`, "--", ...units]);
  return new Map(
    text.split(/\n\n+/).flatMap((block): [string, Record<Name, string>][] => {
      const fields = new Map(block.split("\n").map((line) => splitLine(line)));
      const id = fields.get("Id");
      if (id === undefined) return [];
      const entries = names.map((name): [Name, string] => [name, fields.get(name) ?? ""]);
      // Each name is there.
      return [[id, Object.fromEntries(entries) as Record<Name, string>]];
    }),
  );
}

function splitLine(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

async function run(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command(words);
  if (code === 0) return stdout;
  const said = stderr.trim().replaceAll(/\s*\n\s*/g, "; ") || `it ended with code ${code}`;
  throw new SystemctlError(`${words.join(" ")}: ${said}`);
}

async function command(words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [program = ""] = words;
  if (Bun.which(program) === null) {
    throw new SystemctlError(`${program} was not found: this machine has no systemd`, {
      hint: 'see "tcs systemd show" for the unit files alone',
    });
  }
  const child = Bun.spawn([...words], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}
