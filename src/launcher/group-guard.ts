// No orphans: a small shell that outlives the launcher by seconds, and ends what the launcher left behind.
import { identifyProcess } from "../common/process-info.ts";
import { withoutMark } from "../common/run-mark.ts";

/** How long processes may take to stop by themselves once their launcher is gone: the seconds are counted. */
const SECONDS_OF_GRACE = "1 2 3";

/**
 * Reads lines `+ <pid> <start time>` and `- <pid> <start time>` of process group leaders from a pipe whose other end
 * only the launcher holds. When the pipe closes, however the launcher died, whatever is still on the list after the
 * grace is killed. A leader's pid that now belongs to another process (another start time, field 22 of
 * /proc/<pid>/stat) is left alone; while a group has members its leader's pid is not given to anybody else. A group
 * that is found empty is off the list: another may come to have its name.
 * Then whatever carries the mark of the run in its environment is killed too: what services in Workers and in the
 * launcher's own loop have started belongs to no group of theirs. A line `.` sends the shell away: the launcher has
 * ended everything itself.
 */
const SCRIPT = `
mark=$1
trap '' INT TERM HUP
groups=
while read -r op pid start; do
  case $op in
    +) groups="$groups $pid:$start" ;;
    .) exit 0 ;;
    -) rest=; for group in $groups; do [ "$group" = "$pid:$start" ] || rest="$rest $group"; done; groups=$rest ;;
  esac
done
ours() {
  if read -r stat 2>/dev/null </proc/\${1%%:*}/stat; then
    set -- "$1" \${stat##*) }
    [ "\${21}" = "\${1#*:}" ]
  else
    kill -0 "-\${1%%:*}" 2>/dev/null
  fi
}
look() {
  rest=
  for group in $groups; do if ours "$group"; then rest="$rest $group"; fi; done
  groups=$rest
}
look
for second in ${SECONDS_OF_GRACE}; do sleep 1; look; done
for group in $groups; do kill -KILL "-\${group%%:*}" 2>/dev/null; done
[ -n "$mark" ] || exit 0
for environ in $(grep -ls "$mark" /proc/[0-9]*/environ); do
  grep -qs "$mark" "$environ" || continue
  pid=\${environ#/proc/}
  kill -KILL "\${pid%/environ}" 2>/dev/null
done
exit 0
`;

/** Watches over what one launcher starts. */
export class GroupGuard {
  readonly #mark: string | undefined;
  #shell: Bun.Subprocess<"pipe", "ignore", "ignore"> | undefined;

  /** @param mark of the run, as `TCS_RUN=…`; without one only groups are guarded */
  constructor(mark?: string) {
    this.#mark = mark;
  }

  /** Everything has ended in good order: nothing is left to guard. */
  dismiss(): void {
    if (this.#shell) this.#write(".\n");
  }

  /** Begins to watch over marked processes. */
  start(): void {
    this.#write("");
  }

  /**
   * Puts the group that `pid` leads under guard.
   * @returns ends what is left of the group, and the guard over it; to be called when the leader has ended
   */
  watch(pid: number): () => void {
    const leader = identifyProcess(pid);
    // It has ended already, and may have left something behind.
    if (!leader) return () => endGroup(pid);
    const entry = `${leader.pid} ${leader.startTime}\n`;
    this.#write(`+ ${entry}`);
    return () => {
      endGroup(leader.pid);
      this.#write(`- ${entry}`);
    };
  }

  #write(line: string): void {
    if (!this.#shell || this.#shell.exitCode !== null) {
      // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
      this.#shell = Bun.spawn(["/bin/sh", "-c", SCRIPT, "tcs-guard", this.#mark ?? ""], {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
        cwd: "/",
        env: withoutMark(),
      });
      this.#shell.unref();
    }
    this.#shell.stdin.write(line);
    void this.#shell.stdin.flush();
  }
}

/** Ends what the ended process `leader` started and left behind in its group. */
function endGroup(leader: number): void {
  // The pid belongs to a living process again: then nothing of the old group is left.
  if (identifyProcess(leader)) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The usual case: nobody is left.
  }
}
