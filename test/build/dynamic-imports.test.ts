// What the bundler makes of imports that are written where something is needed.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { isJsonObject } from "../../src/common/json.ts";

const ROOT = join(import.meta.dir, "../..");

/** Whether a package is written as CommonJS only, as far as its package.json says. */
async function isCommonJs(name: string): Promise<boolean> {
  if (name === "bun") return false;
  const about: unknown = await Bun.file(join(ROOT, "node_modules", name, "package.json")).json();
  return isJsonObject(about) && about.type !== "module" && about.module === undefined;
}

test("no CommonJS package is imported dynamically, but by a file of ours that imports it", async () => {
  const found: string[] = [];
  for await (const path of new Glob("src/**/*.ts").scan(ROOT)) {
    // The build runs from source.
    if (path.startsWith("src/build/")) continue;
    const source = await Bun.file(join(ROOT, path)).text();
    for (const [statement, name = ""] of source.matchAll(
      /(?<!typeof )\bimport\("((?:@[\w-]+\/)?[\w-]+)[^"]*"\)(?!\.)/g,
    )) {
      if (await isCommonJs(name)) found.push(`${path}: ${statement}`);
    }
  }
  expect(found).toEqual([]);
  expect(await isCommonJs("nats")).toBe(true);
});
