// The types an editor needs in a folder without node_modules, from the archive that the build made.
import { readFileSync } from "node:fs";
import { unpackTexts } from "../common/text-archive.ts";

/** Put in by the build (src/build/compile.ts); not there when run from source. */
declare const TCS_COMMIT: string;

export interface TypesArchive {
  /** Changes whenever the contents do. */
  digest: string;
  /** Texts by path: `ocabox-tcs/index.d.ts`, `zod/package.json`. */
  unpack(): Record<string, string>;
}

/** The archive of this tcs. From source it is made, or made anew, when needed. */
export async function openTypesArchive(): Promise<TypesArchive> {
  // Written out here, so that the build drops the generator and its compiler from the executable.
  if (typeof TCS_COMMIT === "undefined") await (await import("./assets.ts")).writeScaffoldAssets();
  const { archivePath } = await import("./embedded.ts");
  const bytes = readFileSync(archivePath);
  return { digest: Bun.hash(bytes).toString(16), unpack: () => unpackTexts(bytes) };
}
