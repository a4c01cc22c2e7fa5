// Writes what was exported into a folder: all files or none, and none over another's work.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeAll } from "../common/transaction.ts";
import { ChangedByHandError } from "./errors.ts";
import { isAsWritten } from "./stamp.ts";
import type { ExportedFile } from "./types.ts";

export type FileAction = "created" | "updated" | "unchanged";

export interface WriteOptions {
  folder: string;
  /** Also over files that were changed by hand. */
  force: boolean;
  /** Write nothing: only say what would be. */
  dryRun: boolean;
}

/** @throws ChangedByHandError naming every such file; WriteError. Then nothing was written */
export function writeExport(
  files: readonly ExportedFile[],
  { folder, force, dryRun }: WriteOptions,
): { path: string; action: FileAction }[] {
  const found = files.map(({ name, text }) => {
    const path = join(folder, name);
    const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    const action: FileAction = before === undefined ? "created" : before === text ? "unchanged" : "updated";
    return { path, text, before, action };
  });
  const byHand = found.filter(({ before, action }) => action === "updated" && !isAsWritten(before ?? ""));
  if (byHand.length > 0 && !force) {
    const names = byHand.map(({ path }) => path).join(", ");
    throw new ChangedByHandError(`${names}: not as an export has written ${byHand.length === 1 ? "it" : "them"}`, {
      hint: "--force writes over it; --out names another folder",
    });
  }
  if (!dryRun) {
    const changed = found.filter(({ action }) => action !== "unchanged");
    writeAll(
      changed.map(({ path, text, before }) => ({
        kind: "file",
        path: resolve(path),
        content: text,
        replaces: before === undefined ? "nothing" : { text: before },
      })),
    );
  }
  return found.map(({ path, action }) => ({ path, action }));
}
