// Build time: makes the archive of types that `tcs new` unpacks for editors, in .cache/scaffold/.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InternalError } from "../common/errors.ts";
import { packTexts } from "../common/text-archive.ts";
import { type Declarations, reachableDeclarations } from "./declarations.ts";

const ROOT = join(import.meta.dir, "../..");
const ARCHIVE = join(ROOT, ".cache/scaffold/types.zst");

interface ShippedPackage {
  /** Folder in node_modules. */
  from: string;
  /** Folder among the unpacked types. */
  to: string;
  entries: [main: string, ...others: string[]];
}

const PACKAGES: readonly ShippedPackage[] = [
  { from: "zod", to: "zod", entries: ["index.d.ts", "v4/index.d.ts"] },
  { from: "nats", to: "nats", entries: ["lib/src/mod.d.ts"] },
  { from: "bun-types", to: "bun-types", entries: ["index.d.ts"] },
  { from: "@types/node", to: "node", entries: ["index.d.ts"] },
  { from: "undici-types", to: "undici-types", entries: ["index.d.ts"] },
];

/** Names of the npm packages whose types are in the archive. */
export const PACKAGES_OF_TYPES: readonly string[] = PACKAGES.map(({ from }) => from);

/**
 * Writes `.cache/scaffold/types.zst`, unless it is newer than all it is made from. Needs the development packages.
 * @returns its path
 * @throws TcsError when the public API needs a package whose types are not shipped
 */
export async function writeScaffoldAssets(): Promise<string> {
  if (isFresh()) return ARCHIVE;
  mkdirSync(dirname(ARCHIVE), { recursive: true });
  const files = new Map<string, string>();
  for (const shipped of PACKAGES) addPackage(shipped, files);
  await addFramework(files);
  const staged = `${ARCHIVE}.${process.pid}.new`;
  writeFileSync(staged, packTexts(files));
  renameSync(staged, ARCHIVE);
  return ARCHIVE;
}

function isFresh(): boolean {
  if (!existsSync(ARCHIVE)) return false;
  const made = statSync(ARCHIVE).mtimeMs;
  const sources = new Bun.Glob("src/**/*.ts").scanSync({ cwd: ROOT, absolute: true });
  return ["package.json", "package-lock.json"]
    .map(fromRoot)
    .concat(...sources)
    .every((path) => statSync(path).mtimeMs < made);
}

function addPackage({ from, to, entries }: ShippedPackage, files: Map<string, string>): void {
  const root = join(ROOT, "node_modules", from);
  for (const [name, text] of reachableDeclarations(root, entries).files) files.set(`${to}/${name}`, text);
  const { name, version, license } = readPackage(root);
  files.set(`${to}/package.json`, JSON.stringify({ name, version, license, types: entries[0] }));
  for (const licence of ["LICENSE", "LICENSE.md"].map((file) => join(root, file)).filter(existsSync)) {
    files.set(`${to}/LICENSE`, readFileSync(licence, "utf8"));
  }
}

/** The declarations of the public API: of the modules in package.json's `exports`, and what they reach. */
async function addFramework(files: Map<string, string>): Promise<void> {
  const { name, version, license, exports = {} } = readPackage(ROOT);
  const sources = Object.values(exports)
    .map((target) => (typeof target === "string" ? target : target.bun))
    .filter((path) => path.endsWith(".ts") && existsSync(fromRoot(path)));
  const { files: declarations, packages } = await declarationsOf(sources);
  const shipped = new Set(PACKAGES.map(({ from }) => from));
  for (const used of packages) {
    if (shipped.has(used) || /^(node|bun)(:|$)/.test(used)) continue;
    throw new InternalError(`the types of the public API import "${used}", whose types are not shipped to editors`, {
      hint: "keep it out of the API's signatures, or add it to PACKAGES in src/scaffold/assets.ts",
    });
  }
  for (const [path, text] of declarations) files.set(`${name}/${path}`, text);
  files.set(`${name}/package.json`, JSON.stringify({ name, version, license, types: "index.d.ts" }));
}

/** Makes the declarations of `sources` (as `./src/index.ts`) and of what they reach, by path under src/. @throws TcsError */
export async function declarationsOf(sources: readonly string[]): Promise<Declarations> {
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  // Inside the tree, so that packages resolve from there as they do for the sources.
  const scratch = mkdtempSync(join(ROOT, ".cache", "declarations-"));
  try {
    await emitDeclarations(sources, scratch);
    const entries = sources.map((path) => path.replace(/^\.\/src\//, "").replace(/\.ts$/, ".d.ts"));
    return reachableDeclarations(join(scratch, "src"), entries);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function fromRoot(path: string): string {
  return join(ROOT, path);
}

interface PackageFile {
  name: string;
  version: string;
  license?: string;
  /** Sources: of an entry with conditions, the one for Bun. */
  exports?: Record<string, string | { bun: string }>;
}

function readPackage(root: string): PackageFile {
  // Our own, or npm's: those it would not have installed otherwise.
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageFile;
}

async function emitDeclarations(sources: readonly string[], outDir: string): Promise<void> {
  const config = join(outDir, "tsconfig.json");
  const output = { noEmit: false, declaration: true, emitDeclarationOnly: true, stripInternal: true };
  const compilerOptions = { ...output, rootDir: ROOT, outDir };
  const base = join(ROOT, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ extends: base, compilerOptions, files: sources.map(fromRoot), include: [] }));
  const tsc = Bun.spawn([process.execPath, join(ROOT, "node_modules/.bin/tsc"), "-p", config], {
    env: { ...process.env, BUN_BE_BUN: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [said] = await Promise.all([new Response(tsc.stdout).text(), tsc.exited]);
  // Type errors do not stop the output: finding them is the type check's business, not the build's.
  const missing = sources.find((path) => !existsSync(join(outDir, path.replace(/\.ts$/, ".d.ts"))));
  if (missing !== undefined) throw new InternalError(`no declarations of ${missing} were made: ${said.trim()}`);
}
