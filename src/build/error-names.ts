// A bundler plugin that keeps the names of our error classes: the minifier would take them, and users read and log them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BunPlugin } from "bun";

const SOURCES = new RegExp(`^${RegExp.escape(join(import.meta.dir, ".."))}/.*\\.ts$`);
const ERROR_CLASS = /^((?:export )?(?:abstract )?class (\w+) extends \w*Error \{)$/gm;

export const errorNames: BunPlugin = {
  name: "names of error classes",
  setup(build) {
    build.onLoad({ filter: SOURCES }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = withErrorNames(source);
      // As it would be loaded without us.
      return contents === source ? undefined : { loader: "ts", contents };
    });
  },
};

/** Says the name of each error class once more, where no minifier takes it: on the same line, for the source map. */
export function withErrorNames(source: string): string {
  return source.replace(ERROR_CLASS, '$1 static override readonly name: string = "$2";');
}
