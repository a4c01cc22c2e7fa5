// A bundler plugin that puts other text in a module's place.
import { relative } from "node:path";
import type { BunPlugin } from "bun";

/** @param path absolute path of the module; @param contents TypeScript */
export function replaceModule(path: string, contents: string): BunPlugin {
  const filter = new RegExp(`^${RegExp.escape(path)}$`);
  return {
    name: `replace ${relative(".", path)}`,
    setup(build) {
      build.onLoad({ filter }, () => ({ loader: "ts", contents }));
    },
  };
}
