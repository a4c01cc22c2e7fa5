// What a launcher loads at once: memory and time that every fleet pays for.
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { ROOT } from "../docs/markdown.ts";

/** Packages and files that the module at `path` and what it imports load at once; types and `import()` do not count. */
async function loadedWith(path: string): Promise<{ packages: Set<string>; files: Set<string> }> {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  const packages = new Set<string>();
  const files = new Set([join(ROOT, path)]);
  // A set grows while it is gone through.
  for (const file of files) {
    for (const { kind, path: target } of transpiler.scanImports(await Bun.file(file).text())) {
      if (kind !== "import-statement") continue;
      if (!target.startsWith(".")) packages.add(target);
      else if (target.endsWith(".ts")) files.add(join(dirname(file), target));
    }
  }
  return { packages, files };
}

test("a launcher does without zod until an inline service needs it, and without nats until it connects", async () => {
  const { packages, files } = await loadedWith("src/launcher/index.ts");
  expect(files).toContain(join(ROOT, "src/launcher/homes/inline.ts"));
  expect([...packages].filter((name) => !name.startsWith("node:"))).toEqual([]);
});

test("a host does without nats: its launcher has the connection", async () => {
  for (const entry of ["src/entry/worker.ts", "src/entry/child.ts"]) {
    const { packages, files } = await loadedWith(entry);
    expect(files.size).toBeGreaterThan(20);
    expect([...packages].filter((name) => !name.startsWith("node:"))).toEqual(["zod"]);
  }
});
