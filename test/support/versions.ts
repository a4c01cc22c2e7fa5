// Other versions of the executable under test: the same program with another commit stamped on it.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const BUILT = join(import.meta.dir, "../../dist/tcs");
const VERSIONS = join(import.meta.dir, "../../dist/versions");

/** An executable that calls itself version `0.1.0+<stamp>`; built once for all test processes. */
export async function binaryOfVersion(stamp: string): Promise<string> {
  const { ino, mtimeMs } = statSync(BUILT);
  const build = `${ino}-${Math.round(mtimeMs)}`;
  const path = join(VERSIONS, build, stamp, "tcs");
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  for (const name of readdirSync(VERSIONS)) {
    if (name !== build) rmSync(join(VERSIONS, name), { recursive: true, force: true });
  }
  const scratch = `${path}.${process.pid}`;
  const script = join(import.meta.dir, "build-version.ts");
  const child = Bun.spawn([process.execPath, script, scratch, stamp], { stdio: ["ignore", "ignore", "pipe"] });
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`no version ${stamp} could be built: ${said}`);
  renameSync(scratch, path);
  return path;
}
