// The preload that belongs to this tcs. The build replaces this module by one that embeds the bundled framework
// (src/build/framework-bundle.ts); what stands here serves a tcs run from source.
import { join } from "node:path";
import type { EmbeddedFile } from "../../common/extract-file.ts";

/** Where this tcs has the framework for tests from. */
export type PreloadAsset =
  /** Inside the executable; to be extracted before use. */
  | {
      kind: "embedded";
      /** The archive of texts. */
      path: string;
      /** Changes whenever the contents do. */
      digest: string;
      /** Name of the file to preload. */
      entry: string;
      /** What is in the archive, by name. */
      files: Readonly<Record<string, EmbeddedFile>>;
    }
  | { kind: "source"; path: string };

export const preloadAsset: PreloadAsset = {
  kind: "source",
  path: join(import.meta.dir, "../../entry/test-preload.ts"),
};
