// Home in a child process: this executable again, in a process group of its own, talking over Bun's IPC channel.
import { constants } from "node:os";
import type { LogLevel } from "../../common/logger.ts";
import type { FromHost, ToHost } from "../../host/protocol.ts";
import type { GroupGuard } from "../group-guard.ts";
import { CHILD_COMMAND, selfCommand } from "../self-command.ts";
import type { HostEnd, HostHandle, HostOptions, StartHost } from "./home.ts";
import { readLines } from "./lines.ts";

/** How long a host whose services have ended may take to send its last reports, milliseconds. */
const END_LIMIT_MS = 2000;
/** How long its last output is waited for once it has ended, milliseconds. */
const LAST_LINES_MS = 100;

export function processHome(guard: GroupGuard): StartHost {
  return (options) => startProcess(guard, options);
}

function startProcess(guard: GroupGuard, { name, settings, onMessage }: HostOptions): HostHandle {
  const { promise: ended, resolve } = Promise.withResolvers<HostEnd>();
  const child = Bun.spawn([...selfCommand(), CHILD_COMMAND, name], {
    // A group of its own: a terminal's Ctrl-C reaches the launcher first, which stops its services in order,
    // and whatever the service starts can be ended with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // As it is now, with what `.env` has added.
    env: process.env,
    serialization: "json",
    ipc: (message) => onMessage(message as FromHost),
    onExit: (_child, code, signal) => {
      unwatch();
      // What it wrote last tells why it ended; only who holds its pipes beyond its end is not waited for.
      void Promise.race([silent, Bun.sleep(LAST_LINES_MS)]).then(() => resolve(hostEnd(code, signal)));
    },
  });
  const unwatch = guard.watch(child.pid);
  const speak = (level: LogLevel) => (message: string) =>
    onMessage({ kind: "log", records: [{ time: Date.now(), level, source: name, message }] });
  const silent = Promise.all([readLines(child.stdout, speak("info")), readLines(child.stderr, speak("warning"))]);
  const send = (message: ToHost) => {
    // Its end is told by onExit; a message to a child that has just gone needs no answer.
    if (child.exitCode === null && child.signalCode === null) child.send(message);
  };
  send({ kind: "settings", settings });
  return {
    pid: child.pid,
    killable: true,
    send,
    end() {
      send({ kind: "shutdown" });
      const timer = setTimeout(() => killGroup(child), END_LIMIT_MS);
      void ended.then(() => clearTimeout(timer));
    },
    kill: () => killGroup(child),
    ended,
  };
}

function killGroup(child: Bun.Subprocess): void {
  // Only while it has not been reaped: then no stranger can have its pid.
  if (child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is not there (yet): the child itself is.
    child.kill("SIGKILL");
  }
}

function hostEnd(code: number | null, signal: number | NodeJS.Signals | null): HostEnd {
  if (signal === null) return { code: code ?? 1 };
  const entries = Object.entries(constants.signals);
  const [name, number] = entries.find((entry) => entry.includes(signal)) ?? [String(signal), 1];
  return { code: -number, error: `killed by ${name}` };
}
