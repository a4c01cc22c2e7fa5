// The small shell between us and nats-server, so that the server never outlives us and never shares its data folder.
import { identifyProcess, isAlive, type ProcessIdentity } from "../common/process-info.ts";
import { withoutMark } from "../common/run-mark.ts";

/**
 * Arguments: the lock file, then the server's command line. Standard input is a pipe whose other end only the
 * parent holds: however the parent dies, the pipe closes, and the reader ends the server (SIGTERM, after 5 s SIGKILL).
 * The lock is inherited by the server alone and so held exactly as long as it lives, whatever becomes of this shell.
 * The reader outlives this shell, should somebody kill that: it looks at the start time (field 22 of /proc/<pid>/stat)
 * before it signals, as the server's pid may be another's by then.
 * Prints the server's pid; ends with its exit code, or 75 (EX_TEMPFAIL) when another server holds the lock.
 */
const SCRIPT = `
lock=$1; shift
exec 3<&0 4>>"$lock" </dev/null
if command -v flock >/dev/null; then flock -n 4 || exit 75; fi
"$@" 3<&- >/dev/null &
server=$!
exec 4>&-
born() {
  read -r stat 2>/dev/null </proc/$server/stat || return 0
  set -- \${stat##*) }
  echo \${20}
}
start=$(born)
lives() { [ "$(born)" = "$start" ]; }
{
  read -r _ <&3
  lives || exit
  trap 'kill $nap; exit' TERM
  kill -TERM $server
  for second in 1 2 3 4 5; do
    sleep 1 & nap=$!
    wait $nap
    lives || exit
  done
  kill -KILL $server
} >/dev/null 2>&1 &
reader=$!
exec 3<&-
echo $server
exec >&-
wait $server
code=$?
kill $reader
exit $code
`;

/** Exit code of the guard when another nats-server holds the lock. */
export const LOCKED = 75;

export interface GuardedProcess {
  /** The server itself, not the guard; undefined when it ended before it could be identified. */
  server: ProcessIdentity | undefined;
  /** How the server ended: its exit code, above 128 for 128 + signal. It is dead by then, in any case. */
  exited: Promise<number>;
  /** What it wrote to standard error, last 4 KB: complaints before its log is open, and Go's last words. */
  complaint(): string;
  /** SIGTERM to the server. */
  terminate(): void;
  /** SIGKILL to server and guard. */
  kill(): void;
}

const COMPLAINT_LENGTH = 4096;

/** Starts `command` under the guard, in a process group of its own (a terminal's Ctrl-C does not reach it). */
export async function spawnGuarded(command: string[], lockFile: string): Promise<GuardedProcess> {
  const guard = Bun.spawn(["/bin/sh", "-c", SCRIPT, "tcs-broker-guard", lockFile, ...command], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: withoutMark(),
  });
  let complaint = "";
  const complaintEnded = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of guard.stderr) {
      complaint = (complaint + decoder.decode(chunk, { stream: true })).slice(-COMPLAINT_LENGTH);
    }
  })();
  // The guard closes its output once it has told the pid.
  const pid = Number.parseInt(await guard.stdout.text(), 10);
  const server = Number.isNaN(pid) ? undefined : identifyProcess(pid);
  const kill = () => {
    if (server && isAlive(server)) send(server.pid, "SIGKILL");
    if (guard.exitCode === null && guard.signalCode === null) send(-guard.pid, "SIGKILL");
  };
  return {
    server,
    exited: guard.exited.then(async (code) => {
      // The guard itself may have been killed: then the server must not live on unguarded.
      kill();
      await complaintEnded;
      return code;
    }),
    complaint: () => complaint.trim(),
    terminate() {
      if (server && isAlive(server)) send(server.pid, "SIGTERM");
    },
    kill,
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in this very moment: what was wanted.
  }
}
