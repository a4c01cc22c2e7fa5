// tcs systemd install: writes the units of a configuration, and starts them if that is wanted.
import { existsSync } from "node:fs";
import { ExitCode, NotFoundError } from "../../../common/errors.ts";
import { shellWord } from "../../../common/shell-word.ts";
import {
  apply,
  type Change,
  compare,
  DEFAULT_USER,
  isSystemdHere,
  makeAccounts,
  type PlanOptions,
  readManifest,
  refuseTaken,
  showUnits,
  systemctl,
  type UnitPlan,
  unitFolder,
} from "../../../systemd/units/index.ts";
import { confirm, isInteractive } from "../../ask.ts";
import { defineCommand } from "../../define-command.ts";
import { tell, write } from "../../output.ts";
import { readableByOthers } from "./readable.ts";
import { showPlan, tellLeft } from "./show.ts";
import { planArgs, planFrom, whichArgs } from "./unit-args.ts";

export default defineCommand({
  meta: { name: "install", description: "Write the units of a configuration; again: bring them up to date" },
  examples: [
    ["tcs systemd install /etc/tcs/services.yaml --dry-run", "write nothing"],
    ["sudo tcs systemd install /etc/tcs/services.yaml --enable"],
    ["tcs systemd install services.yaml --user", "units of your own"],
  ],
  args: {
    ...whichArgs,
    ...planArgs,
    enable: { type: "boolean", description: "Start them too, now and whenever the machine starts" },
    yes: { type: "boolean", alias: "y", description: "The same: the answer to the question whether to" },
    "dry-run": { type: "boolean", description: "Print what would be written, and write nothing" },
  },
  async run({ args, rawArgs }): Promise<number> {
    const { plan, options } = await planFrom({ ...args, rawArgs }, "systemd install");
    const { mode } = options;
    const folder = unitFolder(mode);
    const manifest = readManifest(folder);
    const difference = compare(plan, options, manifest);
    const { changes, gone } = difference;
    if (args["dry-run"]) {
      showPlan(plan);
      for (const { path, action } of changes) tell(`${path}: ${WOULD[action]}`);
      return ExitCode.ok;
    }
    refuseUnknownUser(options);
    refuseTaken(plan.units, mode, folder);
    const changed = changes.filter(({ action }) => action !== "unchanged" && action !== "kept");
    const here = isSystemdHere();
    if (gone.length > 0 && here) await systemctl(mode, ["disable", "--now", "--", ...gone]);
    if (changed.length > 0 || gone.length > 0) apply(plan, difference, folder);
    for (const { path, action } of changed) write([`${action} ${path}`]);
    tellKept(changes);
    tellLeft(plan);
    tellUnreadable(options);
    if (changed.length === 0) tell("nothing to change");
    if (!here) {
      tell(`systemd does not run here: where it does, enable ${plan.units.join(" ")}`);
      return ExitCode.ok;
    }
    if (plan.accounts !== undefined && changed.some(({ path }) => path === plan.accounts)) {
      await makeAccounts(plan.accounts);
    }
    if (changed.length > 0) await systemctl(mode, ["daemon-reload"]);
    await start(plan, options, { wanted: args.enable || args.yes, changed: changed.length > 0 });
    return ExitCode.ok;
  },
});

const WOULD: Record<Change["action"], string> = {
  written: "would be written",
  updated: "would be updated",
  unchanged: "nothing to change",
  removed: "would be removed",
  kept: "would be kept as it is: it is not ours, or was changed by hand",
};

/** Enables and starts what is not, if that is wanted; or says how it is done. */
async function start(
  { units }: UnitPlan,
  { mode }: PlanOptions,
  { wanted, changed }: { wanted: boolean | undefined; changed: boolean },
): Promise<void> {
  if (units.length === 0) return;
  const states = await showUnits(mode, units, ["ActiveState", "UnitFileState", "NeedDaemonReload"]);
  // An installation before this one may have come no further than writing.
  if ([...states.values()].some(({ NeedDaemonReload }) => NeedDaemonReload === "yes")) {
    await systemctl(mode, ["daemon-reload"]);
  }
  const isOn = (unit: string) =>
    states.get(unit)?.ActiveState === "active" && states.get(unit)?.UnitFileState === "enabled";
  const off = units.filter((unit) => !isOn(unit));
  const on = units.filter(isOn);
  const ctl = mode === "user" ? "systemctl --user" : "systemctl";
  if (changed && on.length > 0) tell(`running units keep what they were started with: ${ctl} restart ${shell(on)}`);
  if (off.length === 0) return;
  const question = `Enable and start ${off.join(", ")}?`;
  if (!wanted && !(isInteractive() && (await confirm(question)))) {
    tell(`not started; to start now and with the machine: ${ctl} enable --now ${shell(off)}`);
    return;
  }
  await systemctl(mode, ["enable", "--now", "--", ...off]);
  write(off.map((unit) => `enabled ${unit}`));
  if (mode === "user") tell("your units run while you are logged in; always: loginctl enable-linger");
}

/** Units as words of a shell: the names of some have backslashes. */
function shell(units: readonly string[]): string {
  return units.map(shellWord).join(" ");
}

/** What was not written, and why. */
function tellKept(changes: readonly Change[]): void {
  for (const { path, action } of changes) {
    if (action === "kept")
      tell(`kept ${path}: it is not ours, or was changed by hand since (remove it, and run this again)`);
  }
}

/** @throws NotFoundError: a unit of nobody would not start */
function refuseUnknownUser({ mode, runAs }: PlanOptions): void {
  if (mode === "user" || runAs === DEFAULT_USER) return;
  if (Bun.spawnSync(["id", "-u", "--", runAs], { stderr: "ignore" }).exitCode === 0) return;
  throw new NotFoundError(`there is no account ${runAs}: expected one that exists, for --run-as`, {
    hint: `leave it out, and ${DEFAULT_USER} is made; or: useradd --system ${runAs}`,
  });
}

function tellUnreadable({ mode, runAs, file, program, fleet }: PlanOptions): void {
  if (mode === "user" || runAs === "root") return;
  const modules = fleet.services.flatMap(({ module }) => (module.kind === "file" ? [module.path] : []));
  for (const path of new Set([
    ...(fleet.files ?? [file]),
    ...program.filter((word) => word.startsWith("/")),
    ...modules,
  ])) {
    if (existsSync(path) && !readableByOthers(path)) tell(`${path} is not for everybody to read: ${runAs} needs to`);
  }
}
