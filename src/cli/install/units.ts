// The systemd units of a configuration, written by the tcs that was just installed: what they call is its link.
import { TcsError, UsageError } from "../../common/errors.ts";
import { allCommands } from "../command-table.ts";

export interface UnitsWish {
  link: string;
  config: string | undefined;
  yes: boolean;
}

/** @throws TcsError when they could not be written; what is wrong was said */
export async function installUnits({ link, config, yes }: UnitsWish): Promise<void> {
  if (!("systemd" in allCommands())) throw new UsageError("tcs install: this tcs writes no systemd units");
  const isRoot = process.getuid?.() === 0;
  const options = [...(config === undefined ? [] : ["--config", config]), ...(isRoot ? [] : ["--user"])];
  const command = [link, "systemd", "install", "--program", link, ...options, ...(yes ? ["--yes"] : [])];
  const child = Bun.spawn(command, { stdio: ["inherit", process.stderr.fd, "inherit"] });
  const code = await child.exited;
  if (code !== 0) {
    throw new TcsError(
      `tcs is installed, but its units are not: "${command.slice(1).join(" ")}" ended with code ${code}`,
    );
  }
}
