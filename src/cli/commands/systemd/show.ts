// tcs systemd show: the unit files of a configuration, as they would be written.
import { ExitCode } from "../../../common/errors.ts";
import type { UnitPlan } from "../../../systemd/units/index.ts";
import { defineCommand } from "../../define-command.ts";
import { tell, write } from "../../output.ts";
import { planArgs, planFrom, whichArgs } from "./unit-args.ts";

export default defineCommand({
  meta: { name: "show", description: "Print the unit files of a configuration; nothing is written" },
  examples: [
    ["tcs systemd show", "of services.yaml here"],
    ["tcs systemd show services.yaml --user --each", "a unit for each service"],
  ],
  args: { ...whichArgs, ...planArgs },
  async run({ args, rawArgs }): Promise<number> {
    const { plan } = await planFrom({ ...args, rawArgs }, "systemd show");
    showPlan(plan);
    return ExitCode.ok;
  },
});

/** As `systemctl cat` does it: the path as a comment, then the file. */
export function showPlan(plan: UnitPlan): void {
  write(plan.files.map(({ path, text }) => `# ${path}\n${text}`));
  tellLeft(plan);
}

/** The services that the units are without. */
export function tellLeft({ left }: UnitPlan): void {
  for (const { id, reason } of left) tell(`${id} has no unit: ${reason}`);
}
