// Other versions of the executable under test: the same program with another commit stamped on it.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const BUILT = join(import.meta.dir, "../../dist/tcs");
const SHARED = `tcs-version-${process.getuid?.()}-`;

/** An executable that calls itself version `0.1.0+<stamp>`; built once for all test processes. */
export async function binaryOfVersion(stamp: string): Promise<string> {
  const { ino, mtimeMs } = statSync(BUILT);
  const build = `${SHARED}${ino}-${Math.round(mtimeMs)}`;
  const path = join(tmpdir(), build, stamp, "tcs");
  if (existsSync(path)) return path;
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(SHARED) && name !== build) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  mkdirSync(dirname(path), { recursive: true });
  const scratch = `${path}.${process.pid}`;
  const script = join(import.meta.dir, "build-version.ts");
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, script, scratch, stamp], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (exitCode !== 0) throw new Error(`no version ${stamp} could be built: ${stderr.toString()}`);
  renameSync(scratch, path);
  return path;
}
