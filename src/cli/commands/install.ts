// tcs install: this executable in place on this host, with all that belongs to it; what runs is renewed.
import { UsageError } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { VERSION } from "../../common/version.ts";
import {
  currentVersion,
  defaultPrefix,
  EXTRAS,
  foreignFiles,
  InstallError,
  type InstalledLauncher,
  install,
  type Layout,
  layoutOf,
  outdatedLaunchers,
  rollBack,
  sortedProcesses,
  systemPrefix,
  uninstall,
  userPrefix,
  versionBefore,
  versionName,
  withPrefix,
} from "../../install/index.ts";
import { selfCommand } from "../../launcher/self-command.ts";
import { confirm, isInteractive } from "../ask.ts";
import { configArg, jsonArg, verboseArg } from "../common-args.ts";
import { defineCommand } from "../define-command.ts";
import { jsonText } from "../display/status-json.ts";
import { extraTexts } from "../install/extras.ts";
import { pathHints } from "../install/path-hints.ts";
import { remainingHints, renewAll } from "../install/renewal.ts";
import { installUnits, unitsThatCall } from "../install/units.ts";
import { tell, write } from "../output.ts";

interface Wishes {
  yes: boolean;
  filesOnly: boolean;
  dryRun: boolean;
}

/** What is printed: as a line each, or as one object. */
interface Report {
  lines: string[];
  json: JsonObject;
}

export default defineCommand({
  meta: {
    name: "install",
    description:
      "Put this tcs in place with completion and manual page, and renew the launchers that run another version",
  },
  examples: [
    ["./tcs install --dry-run", "what would be done"],
    ["./tcs install", "this file; launchers are renewed"],
    ["tcs install --rollback", "back to the version before"],
  ],
  args: {
    prefix: { type: "string", description: "Where to (/usr/local as root, else ~/.local)", valueHint: "FOLDER" },
    user: { type: "boolean", description: "Into ~/.local" },
    system: { type: "boolean", description: "Into /usr/local" },
    rollback: { type: "boolean", description: "Go back to the version before, launchers too" },
    uninstall: { type: "boolean", description: "Remove what was installed, and nothing else" },
    "files-only": { type: "boolean", description: "Leave launchers with the version that they run" },
    units: { type: "boolean", description: "Write the systemd units of a configuration, too" },
    config: { ...configArg.config, description: "Whose units (services.yaml)" },
    "dry-run": { type: "boolean", description: "Only tell what would be done" },
    yes: { type: "boolean", alias: "y", description: "Replace, remove and go back without asking" },
    ...jsonArg,
    ...verboseArg,
  },
  async run({ args }) {
    if (args.rollback && args.uninstall) throw new UsageError("tcs install: --rollback or --uninstall, not both");
    const layout = layoutOf(chosenPrefix(args));
    const wishes = { yes: args.yes ?? false, filesOnly: args["files-only"] ?? false, dryRun: args["dry-run"] ?? false };
    const act = args.uninstall ? remove : args.rollback ? goBack : put;
    const { lines, json } = wishes.dryRun
      ? await act(layout, wishes)
      : await withPrefix(layout, () => act(layout, wishes));
    write(args.json ? [jsonText({ format: 1, prefix: layout.prefix, ...json })] : lines);
    if (args.units && !args.uninstall) {
      const { link } = layout;
      const program = wishes.dryRun ? process.execPath : link;
      await installUnits({ link, program, config: args.config, ...wishes });
    }
    if (!args.uninstall) for (const hint of pathHints(layout.link, process.env.PATH)) tell(hint);
    if (!args.uninstall && !wishes.dryRun) for (const hint of remainingHints(layout)) tell(hint);
  },
});

/** Nobody there has not agreed. */
async function agreed(question: string): Promise<boolean> {
  return isInteractive() && (await confirm(question));
}

function chosenPrefix(args: {
  prefix?: string | undefined;
  user?: boolean | undefined;
  system?: boolean | undefined;
}): string {
  const { prefix, user = false, system = false } = args;
  if (Number(prefix !== undefined) + Number(user) + Number(system) > 1) {
    throw new UsageError("tcs install: one of --prefix, --user and --system");
  }
  if (user) return userPrefix(process.env);
  if (system) return systemPrefix();
  return prefix ?? defaultPrefix(process.env, process.getuid?.() === 0);
}

async function put(layout: Layout, { yes, filesOnly, dryRun }: Wishes): Promise<Report> {
  const executable = process.execPath;
  // From source it is Bun's.
  if (selfCommand().length > 1) {
    throw new InstallError("tcs install puts an executable in place: build one first", { hint: "npm run build" });
  }
  const version = await versionName(VERSION, executable);
  const content = { version, executable, extras: await extraTexts() };
  const foreign = foreignFiles(layout, content);
  if (dryRun) {
    const files = Object.values(EXTRAS).map((path) => `${layout.prefix}/${path}`);
    const launchers = filesOnly ? [] : outdatedLaunchers(layout, version);
    return {
      lines: [
        `would put ${executable} at ${layout.home}/${version}/tcs`,
        `would have ${layout.link} lead there (now: ${currentVersion(layout) ?? "nothing of tcs"})`,
        ...files.map((file) => `would write ${file}`),
        ...foreign.map((file) => `${file} is not of tcs install: would be replaced with --yes only`),
        ...launchers.map(wouldRenew),
      ],
      json: { version, dry_run: true, files, foreign, launchers: launchers.map(({ pid }) => pid) },
    };
  }
  if (foreign.length > 0 && !yes && !(await agreed(`replace ${foreign.join(", ")}?`))) {
    throw new InstallError(`${foreign.join(", ")}: not written by tcs install`, { hint: "--yes replaces it" });
  }
  const done = install(layout, content);
  const again = done.before === version ? " again" : "";
  tell(`${version} is in place${again}${done.before && again === "" ? `, after ${done.before}` : ""}`);
  const renewed = filesOnly ? [] : await renewAll(layout, { yes });
  return {
    lines: [
      `installed ${version} in ${layout.prefix}${again}`,
      ...(done.pruned.length === 0 ? [] : [`removed ${done.pruned.join(", ")}`]),
      ...renewed.map((launcher) => `renewed ${launcher}`),
    ],
    json: { version, before: done.before, removed: done.pruned, renewed },
  };
}

async function goBack(layout: Layout, { yes, filesOnly, dryRun }: Wishes): Promise<Report> {
  if (dryRun) {
    const version = versionBefore(layout);
    const before = currentVersion(layout);
    const launchers = filesOnly ? [] : outdatedLaunchers(layout, version);
    return {
      lines: [`would go back to ${version}, from ${before ?? "nothing"}`, ...launchers.map(wouldRenew)],
      json: { version, before, dry_run: true, launchers: launchers.map(({ pid }) => pid) },
    };
  }
  const { version, before, pruned } = rollBack(layout);
  tell(`back to ${version}, from ${before ?? "nothing"}`);
  const renewed = filesOnly ? [] : await renewAll(layout, { yes });
  return {
    lines: [`went back to ${version} in ${layout.prefix}`, ...renewed.map((launcher) => `renewed ${launcher}`)],
    json: { version, before, removed: pruned, renewed },
  };
}

function wouldRenew({ config, pid }: InstalledLauncher): string {
  return `would renew the launcher of ${config} (pid ${pid})`;
}

async function remove(layout: Layout, { yes, dryRun }: Wishes): Promise<Report> {
  const { launchers } = sortedProcesses(layout);
  if (dryRun) return { lines: [`would remove tcs from ${layout.prefix}`], json: { dry_run: true } };
  const running = launchers.map(({ config, pid }) => `the launcher of ${config} (pid ${pid})`);
  const units = unitsThatCall(layout.link);
  if (units.length > 0 && !yes && !(await agreed(`${units.join(", ")} would call nothing; remove all the same?`))) {
    throw new InstallError(`${units.join(", ")} would call what is removed`, {
      hint: '"tcs systemd uninstall" first takes them away; --yes removes all the same',
    });
  }
  if (running.length > 0 && !yes && !(await agreed(`${running.join(", ")} still runs; remove all the same?`))) {
    throw new InstallError(`${running.join(", ")} still runs what would be removed`, {
      hint: "end it first; --yes removes all the same, and its services can then not be restarted",
    });
  }
  const changed = uninstall(layout);
  for (const path of changed) tell(`${path} was changed since: it stays`);
  return { lines: [`removed tcs from ${layout.prefix}`], json: { removed: true, kept: changed } };
}
