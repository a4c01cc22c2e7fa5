// A bundler plugin that puts other text in a module's place.
import { join, relative } from "node:path";
import type { BunPlugin } from "bun";

const ROOT = join(import.meta.dir, "../..");

/** @param path absolute path of the module; @param contents TypeScript */
export function replaceModule(path: string, contents: string): BunPlugin {
  return {
    name: `replace ${relative(ROOT, path)}`,
    setup(build) {
      build.onLoad({ filter: exactly(path) }, () => ({ loader: "ts", contents }));
    },
  };
}

/**
 * Like `replaceModule`, and a file is embedded.
 * @param contents TypeScript that has the embedded file's path in `path`
 * @param name of the file in the executable
 */
export function replaceWithFile(path: string, contents: string, name: string, bytes: Uint8Array): BunPlugin {
  // Not by its place on disk: names of chunks and the texts in source maps would tell one folder of a build from another.
  const specifier = `embedded:${name}`;
  const { setup, ...plugin } = replaceModule(
    path,
    `import path from "${specifier}" with { type: "file" };\n${contents}`,
  );
  return {
    ...plugin,
    setup(build) {
      build.onResolve({ filter: exactly(specifier) }, () => ({ path: name, namespace: "embedded" }));
      build.onLoad({ filter: exactly(name), namespace: "embedded" }, () => ({ loader: "file", contents: bytes }));
      return setup(build);
    },
  };
}

function exactly(text: string): RegExp {
  return new RegExp(`^${RegExp.escape(text)}$`);
}
