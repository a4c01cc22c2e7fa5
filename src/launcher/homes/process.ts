// Home in a child process: this executable again, in a process group of its own, talking over Bun's IPC channel.
import type { LogLevel } from "../../common/logger.ts";
import type { FromHost } from "../../host/protocol.ts";
import type { GroupGuard } from "../group-guard.ts";
import { CHILD_COMMAND, selfCommand } from "../self-command.ts";
import { startChild } from "./child.ts";
import type { HostHandle, HostOptions, StartHost } from "./home.ts";

/** How long a host whose services have ended may take to send its last reports, milliseconds. */
const END_LIMIT_MS = 2000;

export function processHome(guard: GroupGuard): StartHost {
  return (options) => startProcess(guard, options);
}

function startProcess(guard: GroupGuard, { name, settings, env = process.env, onMessage }: HostOptions): HostHandle {
  const speak = (level: LogLevel, message: string) =>
    onMessage({ kind: "log", records: [{ time: Date.now(), level, source: name, message }] });
  const child = startChild(guard, [...selfCommand(), CHILD_COMMAND, name], {
    // As it is now, with what `.env` has added.
    env,
    onLine: (stream, line) => speak(stream === "stdout" ? "info" : "warning", line),
    // What this very program sends over a channel that nobody else has.
    ipc: (message) => onMessage(message as FromHost),
  });
  child.send({ kind: "settings", settings });
  return {
    pid: child.pid,
    killable: true,
    send: child.send,
    end() {
      child.send({ kind: "shutdown" });
      const timer = setTimeout(() => child.signal("SIGKILL"), END_LIMIT_MS);
      void child.ended.then(() => clearTimeout(timer));
    },
    kill: () => child.signal("SIGKILL"),
    ended: child.ended,
  };
}
