// The file that `bun test` must load before an author's tests.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, StateFolderError } from "../../common/errors.ts";
import { extractFile } from "../../common/extract-file.ts";
import { ensureStateFolder } from "../../common/paths.ts";
import { unpackTexts } from "../../common/text-archive.ts";
import type { PreloadAsset } from "./asset.ts";

/**
 * Its path; that of an embedded one is in the state folder, where it is extracted on first use.
 * @throws StateFolderError when the state folder is read-only or full
 */
export function preloadPath(asset: PreloadAsset): string {
  if (asset.kind === "source") return asset.path;
  // Named as if it were installed: so coverage leaves it out, and it is known in a stack trace.
  const folder = ensureStateFolder("lib", asset.digest.slice(0, 12), "node_modules", "ocabox-tcs");
  let texts: Record<string, string> | undefined;
  for (const [name, file] of Object.entries(asset.files)) {
    const path = join(folder, name);
    try {
      extractFile(path, file, 0o644, () => {
        texts ??= unpackTexts(readFileSync(asset.path));
        return texts[name] ?? "";
      });
    } catch (cause) {
      throw new StateFolderError(`cannot extract the framework to ${path}: ${describeError(cause)}`, {
        cause,
        hint: "set TCS_STATE_DIR to a folder you can write to",
      });
    }
  }
  return join(folder, asset.entry);
}
