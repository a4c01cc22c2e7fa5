// What tests of `tcs new` do with the folders it wrote: compile them, run their tests, look at all of their files.
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

export interface Ran {
  code: number;
  output: string;
}

/** What an editor would say: `tsc --noEmit` in the folder. */
export function typeCheck(folder: string, ...args: string[]): Promise<Ran> {
  return run([process.execPath, join(ROOT, "node_modules/.bin/tsc"), "--noEmit", ...args], folder);
}

/** `bun test` in the folder, as in a project that has ocabox-tcs installed. */
export function runOwnTests(folder: string): Promise<Ran> {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, "ocabox-tcs"));
  symlinkSync(join(ROOT, "node_modules/zod"), join(modules, "zod"));
  return run([process.execPath, "test"], folder);
}

export async function run(command: string[], cwd: string): Promise<Ran> {
  const child = Bun.spawn(command, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, output: stdout + stderr };
}

/** Texts of the files in the folder by path, without those of `.tcs/`. */
export function textsIn(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const own = files.filter((path) => !path.includes("/.tcs/"));
  return Object.fromEntries(own.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}
