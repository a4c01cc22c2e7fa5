// Brings the unit files of a configuration to what they should be, or away; what somebody else has changed is kept.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { describeError, TcsError } from "../../common/errors.ts";
import { type FileEntry, writeAll } from "../../common/transaction.ts";
import { hashOf, type Installed, isSame, type Manifest, manifestPath, readManifest, stateOf } from "./manifest.ts";
import type { PlannedFile, PlanOptions, UnitPlan } from "./plan.ts";

/** `kept`: not ours, or changed by hand since. */
export type FileAction = "written" | "updated" | "unchanged" | "removed" | "kept";

export interface Change {
  path: string;
  action: FileAction;
}

/**
 * A unit could not be written or removed.
 * @cause A unit of systemd cannot be written or removed.
 * @remedy Units of the system take root (sudo); your own do not: --user, or systemd: {scope: user}.
 * @example the units in /etc/systemd/system cannot be changed: EACCES: permission denied
 */
export class UnitWriteError extends TcsError {
  override readonly code = "E_UNIT_WRITE";
}

/** How a configuration is installed: all of a plan's options that are remembered. */
export type InstallChoices = Omit<Installed, "units" | "paths" | "program" | "properties"> &
  Pick<PlanOptions, "program" | "properties">;

/** What an installation would do. Nothing is touched. */
export interface Difference {
  changes: Change[];
  /** Units that were installed for this configuration, and are no more asked for. */
  gone: string[];
  installed: Installed;
}

export function compare(plan: UnitPlan, options: InstallChoices, manifest: Manifest): Difference {
  const before = manifest.configurations.find((other) => isSame(other, options));
  const paths = plan.files.map(({ path }) => path);
  const changes = plan.files.map((file): Change => ({ path: file.path, action: actionFor(file, manifest) }));
  const leaving = (before?.paths ?? []).filter((path) => !paths.includes(path));
  return {
    changes: [...changes, ...removals(leaving, manifest, options)],
    gone: (before?.units ?? []).filter((unit) => !plan.units.includes(unit)),
    installed: {
      file: options.file,
      ...(options.launcher === undefined ? {} : { launcher: options.launcher }),
      each: options.each,
      runAs: options.runAs,
      program: [options.program[0], ...options.program.slice(1)],
      properties: [...options.properties],
      units: plan.units,
      paths,
    },
  };
}

function actionFor({ path, text }: PlannedFile, manifest: Manifest): FileAction {
  switch (stateOf(path, manifest)) {
    case "missing":
      return "written";
    case "ours":
      return manifest.files[path] === hashOf(text) ? "unchanged" : "updated";
    case "changed":
    case "foreign":
      return "kept";
  }
}

/** Of files that nothing of `leaver` needs any more. */
function removals(
  paths: readonly string[],
  manifest: Manifest,
  leaver: Pick<Installed, "file" | "launcher">,
): Change[] {
  const others = manifest.configurations.filter((other) => !isSame(other, leaver));
  const needed = new Set(others.flatMap((other) => other.paths));
  return paths
    .filter((path) => !needed.has(path))
    .flatMap((path): Change[] => {
      const state = stateOf(path, manifest);
      return state === "missing" ? [] : [{ path, action: state === "ours" ? "removed" : "kept" }];
    });
}

/** @throws UnitWriteError, with nothing written */
export function apply(plan: UnitPlan, { changes, installed }: Difference, unitFolder: string): void {
  const manifest = readManifest(unitFolder);
  const writing = new Set(changes.flatMap(({ path, action }) => (/written|updated/.test(action) ? [path] : [])));
  const files = { ...manifest.files };
  for (const { path, text } of plan.files) if (writing.has(path)) files[path] = hashOf(text);
  for (const { path, action } of changes) if (action === "removed") delete files[path];
  const configurations = [...manifest.configurations.filter((other) => !isSame(other, installed)), installed];
  guarded(unitFolder, () => {
    for (const { path, action } of changes) if (action === "removed") removeFile(path);
    const entries = plan.files.filter(({ path }) => writing.has(path)).map(({ path, text }) => entry(path, text));
    writeAll([...entries, entry(manifestPath(unitFolder), manifestText({ version: 1, files, configurations }))]);
  });
}

/** What leaves with a configuration. Nothing is touched. */
export function departure(installed: Installed, manifest: Manifest): Change[] {
  return removals(installed.paths, manifest, installed);
}

/** @throws UnitWriteError */
export function remove(installed: Installed, changes: readonly Change[], unitFolder: string): void {
  const manifest = readManifest(unitFolder);
  const files = { ...manifest.files };
  const configurations = manifest.configurations.filter((other) => !isSame(other, installed));
  const needed = new Set(configurations.flatMap(({ paths }) => paths));
  for (const path of installed.paths) if (!needed.has(path)) delete files[path];
  guarded(unitFolder, () => {
    for (const { path, action } of changes) if (action === "removed") removeFile(path);
    if (configurations.length === 0) rmSync(manifestPath(unitFolder), { force: true });
    else writeAll([entry(manifestPath(unitFolder), manifestText({ version: 1, files, configurations }))]);
  });
}

function entry(path: string, content: string): FileEntry {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  return { kind: "file", path, content, mode: 0o644, replaces: "anything" };
}

function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function removeFile(path: string): void {
  rmSync(path, { force: true });
  const folder = dirname(path);
  // A folder of drop-ins that has nothing else in it.
  if (folder.endsWith(".d") && !folder.endsWith("sysusers.d") && existsSync(folder) && readdirSync(folder).length === 0)
    rmdirSync(folder);
}

function guarded(unitFolder: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new UnitWriteError(`the units in ${unitFolder} cannot be changed: ${describeError(cause)}`, {
      cause,
      hint: "units of the system take root (sudo); your own need no right: --user",
    });
  }
}
