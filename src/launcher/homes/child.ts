// A child process in a group of its own, whatever it runs: guarded, its output read, its end told.
import { atMost } from "../../common/at-most.ts";
import { isGroupAlive } from "../../common/process-info.ts";
import { describeSignal, signalNumber } from "../../common/signal-codes.ts";
import type { GroupGuard } from "../group-guard.ts";
import type { HostEnd } from "./home.ts";
import { readLines } from "./lines.ts";

/** How long its last output is waited for once it has ended, milliseconds. */
const LAST_LINES_MS = 100;
/** How often it is looked whether the rest of a group has ended, milliseconds. */
const REST_LOOK_MS = 25;

export interface ChildOptions {
  env: Record<string, string | undefined>;
  /** Default: the launcher's. */
  cwd?: string;
  onLine: (stream: "stdout" | "stderr", line: string) => void;
  /** Gives it an IPC channel (JSON), and hears it. */
  ipc?: (message: unknown) => void;
  /** Asked when it ends: whether the others of its group are left their time to end too. By default they are killed. */
  isPatient?: () => boolean;
  /** It has just ended, and what is left of its group was killed; its last lines are yet to be read. Its end is told after this. */
  onExit?: () => Promise<void>;
}

export interface Child {
  readonly pid: number;
  /** Sends over the IPC channel; nothing to one that has ended. */
  send(message: unknown): void;
  /** Signals its whole group, while it lives. */
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<HostEnd>;
}

/** @throws Error with a `code` (`ENOENT`, …) when it cannot be started */
export function startChild(guard: GroupGuard, command: readonly string[], options: ChildOptions): Child {
  const { env, cwd, onLine, ipc, isPatient, onExit } = options;
  const { promise: ended, resolve } = Promise.withResolvers<HostEnd>();
  const child = Bun.spawn([...command], {
    // A group of its own: a terminal's Ctrl-C reaches the launcher first, which stops its services in order,
    // and whatever the service starts can be ended with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...(ipc ? { ipc, serialization: "json" as const } : {}),
    onExit: (_child, code, signal) => void settle(hostEnd(code, signal)),
  });
  const unwatch = guard.watch(child.pid);
  const silent = Promise.all([
    readLines(child.stdout, (line) => onLine("stdout", line)),
    readLines(child.stderr, (line) => onLine("stderr", line)),
  ]);
  const { promise: killed, resolve: tellKilled } = Promise.withResolvers<void>();
  const settle = async (end: HostEnd) => {
    if (isPatient?.()) await Promise.race([groupEnd(child.pid), killed]);
    unwatch();
    await onExit?.();
    // What it wrote last tells why it ended; only who holds its pipes beyond its end is not waited for.
    await atMost(LAST_LINES_MS, silent);
    resolve(end);
  };
  // Its end is told by onExit; until it has been reaped, no stranger can have its pid.
  const lives = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid,
    send: (message) => {
      if (lives()) child.send(message);
    },
    signal: (signal) => {
      if (signal === "SIGKILL") tellKilled();
      if (!lives()) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // The group is not there (yet): the child itself is.
        child.kill(signal);
      }
    },
    ended,
  };
}

async function groupEnd(leader: number): Promise<void> {
  while (isGroupAlive(leader)) await Bun.sleep(REST_LOOK_MS);
}

function hostEnd(code: number | null, signal: number | NodeJS.Signals | null): HostEnd {
  if (signal === null) return { code: code ?? 1 };
  const number = signalNumber(signal);
  return { code: -number, error: `killed by ${describeSignal(number)}` };
}
