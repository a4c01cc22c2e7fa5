// The compiled executable for tests: alone in a folder without sources or node_modules, with state of its own.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childrenOf } from "./processes.ts";
import { tempFolder } from "./temp.ts";
import { LIMIT_MS, within } from "./wait.ts";

const BUILT = join(import.meta.dir, "../../dist/tcs");

const SHARED = `tcs-binary-${process.getuid?.()}-`;

let alone: string | undefined;

/** `dist/tcs` under another path: one for all test processes, until there is another build. */
export function tcsBinary(): string {
  alone ??= existsSync(BUILT) ? linkedBinary() : undefined;
  if (!alone) throw new Error(`${BUILT} is missing: run "npm run build" first`);
  return alone;
}

function linkedBinary(): string {
  const { ino, dev, mtimeMs } = statSync(BUILT);
  const folder = join(tmpdir(), `${SHARED}${ino}-${Math.round(mtimeMs)}`);
  const path = join(folder, "tcs");
  if (existsSync(path)) return path;
  removeOldBuilds(dev);
  mkdirSync(folder, { recursive: true });
  // Other users run it too.
  chmodSync(folder, 0o755);
  try {
    linkSync(BUILT, path);
  } catch (error) {
    // Another process was faster; or another file system: 100 MB more to write, the same otherwise.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") copyWhole(BUILT, path);
  }
  return path;
}

function copyWhole(from: string, to: string): void {
  const scratch = `${to}.${process.pid}`;
  copyFileSync(from, scratch);
  renameSync(scratch, to);
}

/** Of a build that was replaced nothing is left but the link here, on the same file system. */
function removeOldBuilds(dev: number): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(SHARED)) continue;
    const folder = join(tmpdir(), name);
    const found = statSync(join(folder, "tcs"), { throwIfNoEntry: false });
    if (found?.nlink === 1 && found.dev === dev) rmSync(folder, { recursive: true, force: true });
  }
}

export interface TcsOptions {
  /** Working directory; default: an empty temporary folder. */
  cwd?: string;
  /** Added to a bare environment (PATH, HOME, LANG); undefined removes. */
  env?: Record<string, string | undefined>;
  /** Text for standard input; default: none (end of file at once). */
  stdin?: string;
  /** What comes before it on the command line, as `onHost` gives it. */
  under?: string[];
  /** Default: the executable of `tcsBinary()`. */
  program?: string;
}

export interface TcsResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** A running `tcs`. Disposing ends it (SIGTERM, after 10 s SIGKILL) and removes its folders. */
export interface TcsProcess extends AsyncDisposable {
  readonly pid: number;
  /** Its working directory. */
  readonly cwd: string;
  /** Its TCS_STATE_DIR. */
  readonly stateDir: string;
  /** All it wrote so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code; 128 + signal when killed. */
  readonly exited: Promise<number>;
  signal(signal: NodeJS.Signals): void;
  /** The first match in what it wrote, or will write, to either stream. */
  waitForLine(pattern: RegExp, limitMs?: number): Promise<RegExpMatchArray>;
}

const END_LIMIT_MS = 10_000;
/** After the end of `tcs`, how long a process it left behind may hold its pipes open. */
const PIPES_LIMIT_MS = 1000;

/** Starts `tcs` with a state folder of its own (unless `env` names one). */
export function spawnTcs(args: string[], options: TcsOptions = {}): TcsProcess {
  const folder = tempFolder("tcs-run-");
  const cwd = options.cwd ?? folder.path;
  const env: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    HOME: folder.path,
    LANG: "C.UTF-8",
    TCS_STATE_DIR: join(folder.path, ".state"),
    ...options.env,
  };
  const child = Bun.spawn([...(options.under ?? []), options.program ?? tcsBinary(), ...args], {
    cwd,
    env,
    stdin: options.stdin === undefined ? "ignore" : new TextEncoder().encode(options.stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  const read = async (name: keyof typeof said) => {
    const decoder = new TextDecoder();
    for await (const chunk of child[name]) {
      said[name] += decoder.decode(chunk, { stream: true });
      for (const listener of listeners) listener();
    }
  };
  const outputEnded = Promise.all([read("stdout"), read("stderr")]);
  let ended = false;
  const exited = child.exited.then(async (code) => {
    await Promise.race([outputEnded, Bun.sleep(PIPES_LIMIT_MS)]);
    ended = true;
    for (const listener of listeners) listener();
    return code;
  });
  const name = `tcs ${args.join(" ")}`;
  const waitForLine = (pattern: RegExp, limitMs: number) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const settle = (why?: string) => {
        const match = said.stdout.match(pattern) ?? said.stderr.match(pattern);
        if (!match && !why && !ended) return;
        clearTimeout(limit);
        listeners.delete(look);
        if (match) resolve(match);
        else reject(new Error(`${name} ${why ?? "ended"} without ${pattern}; it said:\n${said.stdout}${said.stderr}`));
      };
      const look = () => settle();
      const limit = setTimeout(() => settle(`ran ${limitMs} ms`), limitMs);
      listeners.add(look);
      look();
    });
  const signal = (name: NodeJS.Signals) => {
    // What it runs under dies of SIGKILL with everything it started, and takes no other signal.
    const [inner] = options.under && name !== "SIGKILL" ? childrenOf(child.pid) : [];
    if (inner === undefined) child.kill(name);
    else process.kill(inner, name);
  };
  return {
    pid: child.pid,
    cwd,
    stateDir: env.TCS_STATE_DIR ?? "",
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    exited,
    signal,
    waitForLine: (pattern, limitMs = LIMIT_MS) => waitForLine(pattern, limitMs),
    async [Symbol.asyncDispose]() {
      signal("SIGTERM");
      const limit = setTimeout(() => child.kill("SIGKILL"), END_LIMIT_MS);
      await within(`the end of ${name}`, exited);
      clearTimeout(limit);
      folder[Symbol.dispose]();
    },
  };
}

/** Runs `tcs` to its end. @throws Error when it does not end within the tests' limit */
export async function runTcs(args: string[], options: TcsOptions = {}): Promise<TcsResult> {
  await using tcs = spawnTcs(args, options);
  const code = await within(`tcs ${args.join(" ")}`, tcs.exited);
  return { code, stdout: tcs.stdout, stderr: tcs.stderr };
}
