// The build's stand-in for src/cli/test-runner/asset.ts: the same export, with the framework for tests embedded.
import { basename, join, relative, resolve } from "node:path";
import type { BunPlugin } from "bun";
import type { PreloadAsset } from "../cli/test-runner/asset.ts";
import { TcsError } from "../common/errors.ts";
import { type EmbeddedFile, sha256 } from "../common/extract-file.ts";
import { packTexts } from "../common/text-archive.ts";
import { replaceModule, replaceWithFile } from "./replace-module.ts";

const ROOT = join(import.meta.dir, "../..");
const ENTRY = "test-preload";
const ASSET_MODULE = join(ROOT, "src/cli/test-runner/asset.ts");
const MAIN = join(ROOT, "src/main.ts");

/**
 * A bundler plugin that embeds the framework as `tcs test` loads it.
 */
export async function embedFramework(define: Record<string, string>): Promise<BunPlugin> {
  const texts = await bundleFramework(define);
  const archive = packTexts(texts);
  const files = Object.fromEntries([...texts].map(([name, text]) => [name, embeddedFile(text)]));
  const about = { digest: sha256(archive), entry: `${ENTRY}.js`, files } satisfies Partial<PreloadAsset>;
  const contents = `export const preloadAsset = { kind: "embedded", path, ...${JSON.stringify(about)} };`;
  return replaceWithFile(ASSET_MODULE, contents, "framework.zst", archive);
}

/**
 * The preload and all it can reach, as texts by file name: split, so that all tests share one instance of each module
 * and load what they use; not minified, with source maps, for the stack traces of test authors.
 */
export async function bundleFramework(define: Record<string, string>): Promise<Map<string, string>> {
  const { success, logs, outputs } = await Bun.build({
    entrypoints: [join(ROOT, `src/entry/${ENTRY}.ts`)],
    target: "bun",
    format: "esm",
    splitting: true,
    sourcemap: "linked",
    naming: { entry: "[name].[ext]", chunk: "[name]-[hash].[ext]" },
    define,
    // In a test main() does nothing: all that it would run (hosts, YAML, the broker) can be left out.
    plugins: [replaceModule(MAIN, "export async function main() {}")],
    throw: false,
  });
  if (!success) throw new TcsError(`the framework for tests cannot be bundled:\n${logs.map(String).join("\n")}`);
  const texts = await Promise.all(
    outputs.map(async (output): Promise<[string, string]> => {
      const text = await output.text();
      return [basename(output.path), output.kind === "sourcemap" ? withOwnSources(text) : text];
    }),
  );
  return new Map(texts);
}

/** Names sources from our root, and keeps the texts of our own only: those of zod and nats would double the size. */
function withOwnSources(text: string): string {
  // Made by the bundler.
  const map = JSON.parse(text) as { sources: string[]; sourcesContent: (string | null)[] };
  map.sources = map.sources.map((source) => relative(ROOT, resolve(source)));
  map.sourcesContent = map.sourcesContent.map((content, index) =>
    map.sources[index]?.startsWith("src/") ? content : null,
  );
  return JSON.stringify(map);
}

function embeddedFile(text: string): EmbeddedFile {
  return { sha256: sha256(text), size: Buffer.byteLength(text) };
}
