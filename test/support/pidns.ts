// A pid namespace for a test: pids of its own, which it can have given out again as it likes.
import { writeFileSync } from "node:fs";
import { identifyProcess, isAlive, type ProcessIdentity } from "../../src/common/process-info.ts";
import { waitFor, within } from "./wait.ts";

/**
 * Runs a command in a pid namespace, to its end; with it all that it has started ends. Its /proc shows these processes
 * only.
 * @returns what it wrote to standard output
 * @throws Error with what it wrote to standard error, when it fails
 */
export async function inOwnPids(command: string[], env: Record<string, string> = {}): Promise<string> {
  // The shell is pid 1, and waits for whatever is orphaned: a pid is free only when its zombie is gone.
  const words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", '"$@"; exit $?', "init"];
  const child = Bun.spawn([...words, ...command], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, errors, code] = await within(
    command.join(" "),
    Promise.all([child.stdout.text(), child.stderr.text(), child.exited]),
  ).finally(() => child.kill("SIGKILL"));
  if (code !== 0) throw new Error(`${command.join(" ")} ended with code ${code}: ${errors}`);
  return out;
}

/** Whether `inOwnPids()` and `strangerAt()` work here; it takes root. */
export const canOwnPids =
  process.platform === "linux" &&
  Bun.spawnSync(["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", "echo 300 >/proc/sys/kernel/ns_last_pid"], {
    stderr: "ignore",
  }).exitCode === 0;

/** A process that nobody here may signal. */
export interface Stranger extends ProcessIdentity {
  /** It lives, and no signal has come to it. */
  isUnharmed(): boolean;
}

/** In a pid namespace: from now on pids are given out from far above those that were in use. */
export function skipPids(): void {
  nextPid(FAR_ABOVE);
}

/** The kernel gives out the next free pid from `pid` on, to threads too. */
function nextPid(pid: number): void {
  writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
}
const FAR_ABOVE = 20_000;

/**
 * In a pid namespace: starts a process of exactly this pid, as soon as the pid is free.
 * @param leavesGroup it leads a process group and ends: the group has its pid for a name, and one member
 */
export async function strangerAt(pid: number, leavesGroup = false): Promise<Stranger> {
  return await waitFor(`a process with pid ${pid}`, async () => {
    nextPid(pid);
    const child = Bun.spawn(["sh", "-c", leavesGroup ? GROUP : ALONE], {
      env: { PATH: process.env.PATH },
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    skipPids();
    if (child.pid !== pid) {
      process.kill(-child.pid, "SIGKILL");
      await child.exited;
      return undefined;
    }
    let said = "";
    const reading = (async () => {
      for await (const chunk of child.stdout) said += new TextDecoder().decode(chunk);
    })();
    reading.catch(() => undefined);
    const stranger = identifyProcess(Number(await waitFor("its pid", () => said.match(/^(\d+)\n/)?.[1])));
    if (!stranger) throw new Error(`${said} is not there`);
    if (leavesGroup) await child.exited;
    return { ...stranger, isUnharmed: () => isAlive(stranger) && !said.includes("signal") };
  });
}

/** Says its pid, then every signal that comes; one process, so that it takes no other pid. It reads from us for ever. */
const ALONE = `for it in HUP INT QUIT TERM USR1 USR2; do trap "echo signal $it" $it; done
echo $$; while :; do read -r nothing; done`;
// A shell gives what it puts into the background no input of its own.
const GROUP = `exec 3<&0; sh -c '${ALONE}' <&3 3<&- & exit`;
