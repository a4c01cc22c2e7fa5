// The versions of a prefix, side by side: put there, switched to, and removed when nobody needs them.
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { Glob } from "bun";
import { onDisk } from "./errors.ts";
import { EXTRA_NAMES, type ExtraTexts, executableOf, type Layout } from "./layout.ts";
import type { Manifest } from "./manifest.ts";
import { copyExecutable, linkTarget, makeFolder, SCRATCH, switchLink, writeWhole } from "./place.ts";

/** How many versions are kept, the current one included. */
export const KEPT = 3;

/** Name of a version's folder: `0.1.0+3f2a91c-5d41402a`; the same version built otherwise is another. */
export async function versionName(version: string, executable: string): Promise<string> {
  return `${version}-${(await hashOf(executable)).slice(0, 8)}`;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/** The version that the link leads to; undefined when it leads elsewhere, or is not there. */
export function currentVersion(layout: Layout): string | undefined {
  const target = linkTarget(layout.link);
  if (target === undefined) return undefined;
  const path = join(dirname(layout.link), target);
  const version = basename(dirname(path));
  return path === executableOf(layout, version) ? version : undefined;
}

/** The version that was current before, if it is still there. */
export function previousVersion(layout: Layout, { history }: Manifest): string | undefined {
  const current = currentVersion(layout);
  return history.find((version) => version !== current && existsSync(executableOf(layout, version)));
}

/** Puts an executable among the versions, unless it is there, and what belongs beside it. @throws InstallError */
export function store(layout: Layout, version: string, executable: string, extras: ExtraTexts): void {
  const target = executableOf(layout, version);
  makeFolder(dirname(target));
  for (const name of EXTRA_NAMES) writeWhole(join(dirname(target), name), extras[name]);
  const found = statSync(target, { throwIfNoEntry: false });
  // The name has its hash in it, and it appears only when it is whole.
  if (found?.size !== statSync(executable).size) copyExecutable(executable, target);
}

/** What belongs beside the executable of a version that is there. @throws InstallError */
export function storedExtras(layout: Layout, version: string): ExtraTexts {
  const folder = dirname(executableOf(layout, version));
  const read = (name: string) => onDisk(`read ${join(folder, name)}`, () => readFileSync(join(folder, name), "utf8"));
  return { bash: read("bash"), zsh: read("zsh"), fish: read("fish"), man: read("man") };
}

/** Makes a version current, in one step. @throws InstallError */
export function switchTo(layout: Layout, version: string): void {
  switchLink(layout.link, relative(dirname(layout.link), executableOf(layout, version)));
}

/** A version has become current. */
export function withCurrent(history: readonly string[], version: string): string[] {
  return [version, ...history.filter((other) => other !== version)];
}

/** All that are there, whole or not. */
export function versionsIn({ home }: Layout): string[] {
  if (!existsSync(home)) return [];
  return readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Removes versions that are neither among the latest nor run, and what an interrupted installation has left. */
export function prune(layout: Layout, { history }: Manifest, inUse: ReadonlySet<string>): string[] {
  const whole = history.filter((version) => existsSync(executableOf(layout, version)));
  const kept = new Set([...whole.slice(0, KEPT), ...inUse, currentVersion(layout)]);
  const removed = versionsIn(layout).filter((version) => !kept.has(version));
  onDisk(`remove old versions in ${layout.home}`, () => {
    for (const version of removed) rmSync(join(layout.home, version), { recursive: true, force: true });
    const left = new Glob(`{.,*}/${SCRATCH}*`).scanSync({ cwd: layout.home, dot: true });
    for (const path of left) rmSync(join(layout.home, path), { force: true });
  });
  return removed;
}
