// Run with Node before anything that needs Bun: where npm was told to ignore install scripts, the bun package is
// still the stub it came as, and its own install script puts the executable in place.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SMALLEST_BUN_BYTES = 1_000_000;
const bun = fileURLToPath(new URL("../../node_modules/bun/", import.meta.url));

const size = statSync(`${bun}bin/bun.exe`, { throwIfNoEntry: false })?.size;
if (size === undefined) {
  console.error("Bun is not installed here: run npm ci first");
  process.exitCode = 1;
} else if (size < SMALLEST_BUN_BYTES) {
  process.exitCode = spawnSync(process.execPath, ["install.js"], { cwd: bun, stdio: "inherit" }).status ?? 1;
}
