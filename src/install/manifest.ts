// What was written where, so that exactly that can be removed; written before the files themselves are.
import { existsSync, readFileSync } from "node:fs";
import { InstallError, onDisk } from "./errors.ts";
import type { Layout } from "./layout.ts";
import { writeWhole } from "./place.ts";

export interface Manifest {
  format: 1;
  /** SHA-256 of each file by its path; the link has none. */
  files: Record<string, string>;
  /** Folders that were made for them, outermost first. */
  folders: string[];
  /** Versions by their last use, latest first; what is current, the link tells. */
  history: string[];
}

/** @throws InstallError when there is one that cannot be read */
export function readManifest({ manifest }: Layout): Manifest {
  if (!onDisk(`look for ${manifest}`, () => existsSync(manifest)))
    return { format: 1, files: {}, folders: [], history: [] };
  const text = onDisk(`read ${manifest}`, () => readFileSync(manifest, "utf8"));
  const found = parse(text);
  if (found) return found;
  throw new InstallError(`${manifest} is damaged: it cannot be told which files are of tcs`, {
    hint: "remove the file, and install again with --yes",
  });
}

export function writeManifest({ manifest }: Layout, content: Manifest): void {
  writeWhole(manifest, `${JSON.stringify(content, undefined, 2)}\n`);
}

function parse(text: string): Manifest | undefined {
  try {
    const { format, files, folders, history } = JSON.parse(text) as Partial<Manifest>;
    const isWhole = format === 1 && typeof files === "object" && Array.isArray(folders) && Array.isArray(history);
    return isWhole ? { format, files, folders, history } : undefined;
  } catch {
    // No JSON: as good as not there.
    return undefined;
  }
}
