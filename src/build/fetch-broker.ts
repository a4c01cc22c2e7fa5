// Finds a nats-server to embed: given, installed, from Debian's archive, or the official release; then keeps it.
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describeError } from "../common/errors.ts";
import { unpackDebianPackage } from "./broker-debian.ts";
import { unpackRelease } from "./broker-release.ts";
import { readElf } from "./elf.ts";
import { run } from "./run.ts";
import type { Arch } from "./targets.ts";

/** A nats-server in the cache. */
export interface FetchedBroker {
  path: string;
  sha256: string;
  /** Bytes. */
  size: number;
  version: string;
  /** File that says whose work it is and under which license, if its source had one. */
  copyright?: string;
  /** With which versions of what Debian built it: see `goModules`. */
  builtUsing?: string;
}

export interface FetchOptions {
  arch: Arch;
  /** Refuse one that needs a dynamic loader. */
  mustBeStatic: boolean;
  /** Folder that keeps what was fetched, by platform. */
  cache: string;
  /** Told of each source that failed, one line each. */
  say: (line: string) => void;
  env?: Record<string, string | undefined>;
}

/** What a source may have beside the executable. */
const BESIDE = ["copyright", "built-using"] as const;

/** `put` leaves a nats-server (and what it has of `BESIDE`) in a folder; returns its version or throws why it cannot. */
type Source = { name: string; put: (folder: string) => Promise<string> };

/**
 * A nats-server for `arch`: the one `TCS_NATS_SERVER` names, else the cached one, else from the first source that has one.
 * @returns undefined when no source has one (each failure has been said)
 */
export async function fetchBroker(options: FetchOptions): Promise<FetchedBroker | undefined> {
  const folder = cacheFolder(options);
  const given = (options.env ?? process.env).TCS_NATS_SERVER;
  // Taken anew each time: the variable may name another file today.
  if (given && (await take({ name: "TCS_NATS_SERVER", put: (to) => copyInstalled(given, to) }, options))) {
    return inspect(folder);
  }
  if (existsSync(join(folder, "version"))) return inspect(folder);
  for (const source of sourcesFor(options)) {
    if (await take(source, options)) return inspect(folder);
  }
  return undefined;
}

function cacheFolder({ cache, arch, mustBeStatic }: FetchOptions): string {
  return join(cache, `linux-${arch}${mustBeStatic ? "-static" : ""}`);
}

function sourcesFor({ arch, mustBeStatic }: FetchOptions): Source[] {
  const sources: Source[] = [];
  if (arch === process.arch) {
    sources.push({ name: "PATH", put: (folder) => copyInstalled(Bun.which("nats-server"), folder) });
  }
  // Debian's is linked against glibc: not worth a download where a static one is needed.
  if (!mustBeStatic) sources.push({ name: "Debian", put: (folder) => unpackDebianPackage(arch, folder) });
  sources.push({ name: "the official release", put: (folder) => unpackRelease(arch, folder) });
  return sources;
}

/** Brings what `source` has into the cache, if it fits; else says why not. */
async function take(source: Source, options: FetchOptions): Promise<boolean> {
  const folder = cacheFolder(options);
  mkdirSync(options.cache, { recursive: true });
  const scratch = mkdtempSync(join(options.cache, ".fetch-"));
  try {
    const version = await source.put(scratch);
    assertFits(join(scratch, "nats-server"), options);
    keep(scratch, folder, version);
    return true;
  } catch (error) {
    options.say(`no nats-server for ${basename(folder)} from ${source.name}: ${describeError(error)}`);
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function copyInstalled(path: string | null, folder: string): Promise<string> {
  if (!path) throw new Error("not installed");
  copyFileSync(path, join(folder, "nats-server"));
  try {
    return (await run([path, "--version"])).trim().replace(/^nats-server: v/, "");
  } catch {
    // One for another processor does not run here; whether it fits the target is checked by its headers.
    return "unknown";
  }
}

function assertFits(path: string, { arch, mustBeStatic }: FetchOptions): void {
  const elf = readElf(path);
  if (!elf) throw new Error("it is not a 64-bit Linux executable");
  if (elf.arch !== arch) throw new Error(`it is built for processor ${elf.arch}`);
  if (mustBeStatic && !elf.static) throw new Error("it is not statically linked");
}

/** Moves what is wanted of `scratch` to `folder`; the version goes last and marks the folder as complete. */
function keep(scratch: string, folder: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, "version"), { force: true });
  chmodSync(join(scratch, "nats-server"), 0o755);
  renameSync(join(scratch, "nats-server"), join(folder, "nats-server"));
  for (const name of BESIDE) {
    rmSync(join(folder, name), { force: true });
    if (existsSync(join(scratch, name))) renameSync(join(scratch, name), join(folder, name));
  }
  writeFileSync(join(folder, "version"), `${version}\n`);
}

function inspect(folder: string): FetchedBroker {
  const path = join(folder, "nats-server");
  const bytes = readFileSync(path);
  const [copyright, builtUsing] = [join(folder, "copyright"), join(folder, "built-using")];
  return {
    path,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    size: bytes.length,
    version: readFileSync(join(folder, "version"), "utf8").trim(),
    ...(existsSync(copyright) && { copyright }),
    ...(existsSync(builtUsing) && { builtUsing: readFileSync(builtUsing, "utf8").trim() }),
  };
}
