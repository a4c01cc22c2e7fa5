// The generators of `tcs new`, for plop: bunx plop --plopfile generators/plopfile.mjs
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

// Plop's first line asks for Node, which cannot read our TypeScript: then plop starts once more, under Bun.
if (!process.versions.bun) {
  const bun = fileURLToPath(new URL("../node_modules/.bin/bun", import.meta.url));
  const { status, error } = spawnSync(bun, process.argv.slice(1), { stdio: "inherit" });
  if (error) throw error;
  process.exit(status ?? 1);
}

const { defineGenerators } = await import("../src/scaffold/index.ts");

export default defineGenerators;
