// Being process 1 of a container: a small shell takes that place, and this program runs below it.
import { existsSync } from "node:fs";

/** The same shell that guards and foreign programs need. */
const SHELL = "/bin/sh";

/**
 * What process 1 has to do and a program is not made for. It waits for every process whose parent has gone (a shell's
 * `wait` takes whatever ends); it passes on the signals that a container is sent; it ends as its child does. What the
 * container's input is, the child reads: a shell gives a background process none of its own.
 *
 * A signal that comes before the child is there is passed on as soon as it is. `wait` returns when a signal was passed
 * on, and is called again: 127 then says that the child had been waited for already, with the code before.
 */
const SCRIPT = `
pass() {
  heard=1
  if [ -n "$!" ]; then kill -s "$1" "$!" 2>/dev/null; else early=$1; fi
}
for signal in HUP INT QUIT TERM USR1 USR2; do trap "pass $signal" "$signal"; done
early=
exec 3<&0
"$@" <&3 3<&- &
exec 3<&- </dev/null
child=$!
[ -z "$early" ] || kill -s "$early" "$child"
before=
while heard=; wait "$child"; code=$?; [ -n "$heard" ]; do before=$code; done
if [ "$code" -eq 127 ] && [ -n "$before" ]; then code=$before; fi
exit "$code"
`;

/**
 * As process 1, begins anew as a shell that runs this program as its child; else nothing happens. Bun waits for the
 * processes that it has started, and for no others: orphans would stay as zombies until there are no pids left. To
 * wait for "any child" in this process would take the ends of its own children from Bun.
 * Returns only when this is not process 1, or when there is no shell.
 * @param command how to start this program again, as `[executable, …arguments]`
 */
export function leaveFirstPlace(command: readonly [string, ...string[]]): void {
  const { execve } = process;
  if (process.pid !== 1 || !execve || !existsSync(SHELL)) return;
  execve.call(process, SHELL, ["sh", "-c", SCRIPT, "tcs-init", ...command], { ...process.env });
}
