// The systemd units of a configuration, written by the tcs that was just installed: what they call is its link.
import { resolve } from "node:path";
import { InstallError } from "../../install/errors.ts";
import { readManifest } from "../../systemd/units/manifest.ts";
import { type SystemdMode, unitFolder } from "../../systemd/units/mode.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";

export interface UnitsWish {
  /** What the units are to call. */
  link: string;
  /** What writes them, or shows what it would write: before anything is installed the link leads elsewhere. */
  program: string;
  config: string | undefined;
  yes: boolean;
  dryRun: boolean;
}

/** @throws TcsError when they could not be written; what is wrong was said */
export async function installUnits({ link, program, config, yes, dryRun }: UnitsWish): Promise<void> {
  const mode = process.getuid?.() === 0 ? "system" : "user";
  const file = resolve(config ?? DEFAULT_CONFIG);
  const options = ["--config", file, ...(mode === "user" ? ["--user"] : []), ...asBefore(file, mode)];
  const wish = dryRun ? ["--dry-run"] : yes ? ["--yes"] : [];
  const command = [program, "systemd", "install", "--program", link, ...options, ...wish];
  const child = Bun.spawn(command, { stdio: ["inherit", process.stderr.fd, "inherit"] });
  const code = await child.exited;
  if (code === 0) return;
  const how = `"tcs ${command.slice(1).join(" ")}" ended with code ${code}`;
  throw new InstallError(
    dryRun ? `its units would not be written: ${how}` : `tcs is installed, but its units are not: ${how}`,
  );
}

/** How the units of a configuration were chosen when they were written: they are brought up to date, not made others. */
function asBefore(file: string, mode: SystemdMode): string[] {
  const { configurations } = readManifest(unitFolder(mode));
  const before = configurations.find((one) => one.file === file && one.launcher === undefined);
  if (!before) return [];
  const { each, runAs, properties } = before;
  const account = mode === "system" ? ["--run-as", runAs] : [];
  return [...(each ? ["--each"] : []), ...account, ...properties.flatMap((property) => ["--property", property])];
}

/** Units that tcs systemd install has written and that call a link, of the system and of this user. */
export function unitsThatCall(link: string): string[] {
  const all = (["system", "user"] as const).flatMap((mode) => readManifest(unitFolder(mode)).configurations);
  return all.flatMap(({ program, units }) => (program[0] === link ? units : []));
}
