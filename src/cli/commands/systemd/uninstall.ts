// tcs systemd uninstall: takes away exactly what was written.
import { describeError, ExitCode } from "../../../common/errors.ts";
import {
  DEFAULT_USER,
  departure,
  type Installed,
  isSystemdHere,
  readManifest,
  remove,
  type SystemdMode,
  systemctl,
  unitFolder,
} from "../../../systemd/units/index.ts";
import { confirm, isInteractive } from "../../ask.ts";
import { defineCommand } from "../../define-command.ts";
import { tell, write } from "../../output.ts";
import { refuseBesideAll } from "../../strict-args.ts";
import { chooseInstalled } from "./installed.ts";
import { modeOf, whichArgs } from "./unit-args.ts";

export default defineCommand({
  meta: { name: "uninstall", description: "Stop the units of a configuration, and remove what was written for it" },
  examples: [
    ["sudo tcs systemd uninstall", "the only one that is installed"],
    ["tcs systemd uninstall services.yaml --user"],
  ],
  args: {
    ...whichArgs,
    all: { type: "boolean", description: "Of every configuration" },
    yes: { type: "boolean", alias: "y", description: "Ask nothing" },
  },
  async run({ args }): Promise<number> {
    refuseBesideAll(
      args.all,
      [args.file, args.config, args.launcher].filter((name) => name !== undefined),
      "systemd uninstall",
    );
    const mode = modeOf(args);
    const folder = unitFolder(mode);
    const { configurations } = readManifest(folder);
    const meant = args.all ? configurations : chooseInstalled(args, configurations, "systemd uninstall");
    if (meant.length === 0) {
      tell("nothing to change: no units were written");
      return ExitCode.ok;
    }
    const units = meant.flatMap((installed) => installed.units);
    if (!args.yes && isInteractive() && !(await confirm(`Stop and remove ${units.join(", ")}?`))) {
      tell("nothing was changed");
      return ExitCode.failure;
    }
    for (const installed of meant) await uninstall(installed, mode, folder);
    if (isSystemdHere()) await systemctl(mode, ["daemon-reload"]);
    const last = readManifest(folder).configurations.length === 0;
    if (mode === "system" && last && meant.some(({ runAs }) => runAs === DEFAULT_USER)) {
      tell(`the account ${DEFAULT_USER}, /var/lib/tcs and /var/log/tcs are left: they may hold what you need`);
    }
    return ExitCode.ok;
  },
});

async function uninstall(installed: Installed, mode: SystemdMode, folder: string): Promise<void> {
  const { units } = installed;
  const changes = departure(installed, readManifest(folder));
  if (isSystemdHere() && units.length > 0) {
    await systemctl(mode, ["stop", "--", ...units]);
    // By name alone: the unit file may have been taken away by somebody else.
    await systemctl(mode, ["disable", "--", ...units]).catch((error: unknown) => tell(describeError(error)));
    // One that had failed would be remembered as such. Those that had not are not known any more: that is no fault.
    await systemctl(mode, ["reset-failed", "--", ...units]).catch(() => undefined);
  }
  remove(installed, changes, folder);
  for (const { path, action } of changes) {
    if (action === "removed") write([`removed ${path}`]);
    else tell(`kept ${path}: it was changed by hand since it was written`);
  }
}
