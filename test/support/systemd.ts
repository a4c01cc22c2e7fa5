// A real systemd for a test: pid 1 of namespaces of its own, over a copy of this machine's /etc and /var.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess, isAlive } from "../../src/common/process-info.ts";
import { childrenOf } from "./processes.ts";
import { tempFolder } from "./temp.ts";
import { waitFor, within } from "./wait.ts";

const SYSTEMD = "/usr/lib/systemd/systemd";
const BOOT_LIMIT_MS = 60_000;

export interface SystemdOptions {
  /**
   * Folders that are there under the same path, or as `FOLDER:PATH` under another, and shared with this machine: binaries,
   * the test's own files.
   */
  folders?: string[];
}

export interface RunOptions {
  /** Text for standard input; default: none (end of file at once). */
  input?: string;
  /** Added to a bare environment (PATH, LANG, HOME). */
  env?: Record<string, string>;
  /** Default: /. */
  cwd?: string;
  /** Default: root. With XDG_RUNTIME_DIR, so that `systemctl --user` finds the user's manager when it runs. */
  user?: string;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Systemd extends AsyncDisposable {
  /** As this machine counts; after `reboot` another. */
  readonly pid: number;
  /** Runs a command beside systemd, to its end. It sees what units see: this network, a /tmp and /run of its own. */
  run(argv: string[], options?: RunOptions): Promise<RunResult>;
  /** The same; returns what it wrote to standard output. @throws Error when it fails, with all it wrote */
  ok(argv: string[], options?: RunOptions): Promise<string>;
  /** Writes a file that everybody may read; folders are made as needed. */
  write(path: string, text: string): Promise<void>;
  /** The power fails, and comes back: what was written to /etc, /var, /home, /opt, /root, /srv, /usr/local is kept. */
  reboot(): Promise<void>;
  /** Ends it and all it has started, at once. */
  stop(): Promise<void>;
}

/**
 * Boots systemd and waits until it has started everything. It ends with this process, however that ends.
 * @throws Error when it does not come up
 */
export async function startSystemd(options: SystemdOptions = {}): Promise<Systemd> {
  const folder = tempFolder("tcs-systemd-");
  counter += 1;
  const name = `tcs-test-${process.pid}-${counter}`;
  // A mount namespace that outlives a boot: in it is what a reboot finds again.
  const keeper = Bun.spawn(
    [...DIES_WITH_US, "unshare", "--mount", "--propagation", "private", "sh", "-c", KEEP, "keep", folder.path],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  await within("the folder of systemd", keeper.stdout.getReader().read());
  const dispose = async () => {
    keeper.kill("SIGKILL");
    await keeper.exited;
    await removeGroups(name);
    rmSync(folder.path, { recursive: true, force: true });
  };
  const bootAgain = () => boot(keeper.pid, folder.path, name, options.folders ?? []);
  let machine = await bootAgain().catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  const run = (argv: string[], how: RunOptions = {}) => runIn(machine.pid, argv, how);
  const down = async () => {
    const identity = identifyProcess(machine.pid);
    if (identity && isAlive(identity)) process.kill(machine.pid, "SIGKILL");
    await within("the end of systemd", machine.ended);
  };
  const stop = async () => {
    await down();
    await dispose();
  };
  const ok = async (argv: string[], how?: RunOptions) => {
    const result = await run(argv, how);
    if (result.code === 0) return result.stdout;
    throw new Error(`${argv.join(" ")} ended with ${result.code}:\n${result.stdout}${result.stderr}`);
  };
  return {
    get pid() {
      return machine.pid;
    },
    run,
    ok,
    async write(path, text) {
      await ok(["sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1"', "write", path], { input: text });
    },
    async reboot() {
      await down();
      await removeGroups(name);
      machine = await bootAgain();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
let counter = 0;

const DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL"];
const KEEP = 'mount -t tmpfs -o mode=755 tmpfs "$1" && echo ready && exec cat';
const SCRIPT = join(import.meta.dir, "systemd-boot.sh");
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

async function boot(keeper: number, keep: string, name: string, folders: string[]) {
  const outside = Bun.spawn(
    [...DIES_WITH_US, "nsenter", "-t", String(keeper), "-m", "sh", SCRIPT, "outside", keep, name, ...folders],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const said = Promise.all([outside.stdout.text(), outside.stderr.text()]);
  const end = outside.exited.then(async () => (await said).join(""));
  const died = end.then((text) => Promise.reject(new Error(`systemd did not start: ${text}`)));
  died.catch(() => undefined);
  try {
    const up = waitFor(
      "systemd as pid 1",
      async () => {
        const [first] = childrenOf(outside.pid);
        if (first === undefined) return undefined;
        // It says "running", or "degraded" where a unit of this machine does not work in a namespace.
        const state = await runIn(first, ["systemctl", "is-system-running", "--wait"], {});
        return /^(running|degraded)$/m.test(state.stdout) ? first : undefined;
      },
      BOOT_LIMIT_MS,
    );
    return { pid: await Promise.race([up, died]), ended: end };
  } catch (error) {
    outside.kill("SIGKILL");
    throw error;
  }
}

async function runIn(pid: number, argv: string[], options: RunOptions): Promise<RunResult> {
  const user = options.user ? await accountOf(pid, options.user) : undefined;
  const as = user ? ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--init-groups"] : [];
  const env = {
    PATH,
    LANG: "C.UTF-8",
    HOME: user?.home ?? "/root",
    ...(user && {
      XDG_RUNTIME_DIR: `/run/user/${user.uid}`,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${user.uid}/bus`,
    }),
    ...options.env,
  };
  const words = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const inside = ["nsenter", "-t", String(pid), "-p", "-m", "-u", "-i", "-C", `--wd=${options.cwd ?? "/"}`, "--"];
  const child = Bun.spawn([...inside, "env", "-i", ...words, ...as, ...argv], {
    stdin: options.input === undefined ? "ignore" : new TextEncoder().encode(options.input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const all = Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const [stdout, stderr, code] = await within(argv.join(" "), all, BOOT_LIMIT_MS).finally(() => child.kill("SIGKILL"));
  return { code, stdout, stderr };
}

async function accountOf(pid: number, name: string): Promise<{ uid: string; gid: string; home: string }> {
  const line = (await runIn(pid, ["getent", "passwd", name], {})).stdout.trim();
  const [, , uid, gid, , home] = line.split(":");
  if (!uid || !gid || !home) throw new Error(`there is no user ${name} in systemd's namespace`);
  return { uid, gid, home };
}

/** Control groups are not files: each is removed by itself, the innermost first, when its last process is gone. */
async function removeGroups(name: string): Promise<void> {
  await waitFor(`the end of the control groups ${name}`, () => {
    const find = [
      "find",
      "/sys/fs/cgroup",
      "-depth",
      "-type",
      "d",
      "(",
      "-path",
      `*/${name}`,
      "-o",
      "-path",
      `*/${name}/*`,
      ")",
    ];
    Bun.spawnSync([...find, "-exec", "rmdir", "{}", ";"], { stderr: "ignore" });
    return Bun.spawnSync(find).stdout.length === 0;
  });
}

/**
 * Whether tests can have a systemd here; if the kernel does not let them, it says so loudly, for they are skipped then.
 * @throws Error when systemd is not installed: that can be changed
 */
export function systemdOrSay(): boolean {
  answer ??= look();
  return answer;
}
let answer: boolean | undefined;

function look(): boolean {
  const missing = [SYSTEMD, "/usr/bin/dbus-daemon"].filter((path) => !Bun.file(path).size);
  if (missing.length > 0) {
    throw new Error(`${missing.join(", ")} not found: apt-get install systemd dbus libpam-systemd`);
  }
  const mounts = "mount -t tmpfs tmpfs /run && mount --bind /proc/sys /proc/sys && mount -t proc proc /proc";
  const words = ["unshare", "--pid", "--fork", "--mount", "--uts", "--ipc", "--cgroup", "sh", "-c", mounts];
  const tried = Bun.spawnSync(words);
  if (tried.exitCode === 0) return true;
  const why = process.getuid?.() === 0 ? tried.stderr.toString().trim() : "this is not root";
  const line = "=".repeat(100);
  const text = `TESTS WITH A REAL SYSTEMD ARE NOT RUN: the kernel refuses namespaces (${why}).\n`;
  process.stderr.write(`\n${line}\n${text}Run them as root of a machine, or in a privileged container.\n${line}\n\n`);
  return false;
}
