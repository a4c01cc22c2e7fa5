// What an exit code or a signal means, in words.
import { describeSignal } from "../common/signal-codes.ts";
import { describeExit } from "./health.ts";

const WORDS: Readonly<Record<string, string>> = {
  SIGHUP: "its terminal went away",
  SIGINT: "interrupted, as by Ctrl-C",
  SIGQUIT: "asked to quit with a core dump",
  SIGILL: "an illegal instruction: a broken or wrong build",
  SIGTRAP: "a trap of a debugger, or of the program itself",
  SIGABRT: "it gave itself up: a failed assertion, or out of memory",
  SIGBUS: "a bus error: a mapped file or device went away",
  SIGFPE: "an arithmetic error",
  SIGKILL: "killed by force: by somebody, or by the kernel for want of memory",
  SIGSEGV: "a memory fault: a bug in native code",
  SIGPIPE: "nobody reads what it writes",
  SIGALRM: "a timer ran out",
  SIGTERM: "asked to end",
  SIGXCPU: "it used up its CPU time limit",
  SIGXFSZ: "a file grew beyond its size limit",
  SIGSYS: "a forbidden system call",
};

/** How the error of a service begins that its launcher has ended because it was silent. */
const WATCHDOG = "watchdog: ";

/**
 * `killed by SIGSEGV (a memory fault: a bug in native code)`; `exit 0 (all well)`.
 * @param error what its launcher says of that end
 */
export function explainExit(code: number, error?: string): string {
  const words = error?.startsWith(WATCHDOG) ? "by its launcher, as watchdog_sec says" : wordsFor(code);
  return words === undefined ? describeExit(code) : `${describeExit(code)} (${words})`;
}

/** `killed by SIGSEGV (…)`, and the error unless it says no more than that. */
export function explainCrash(code: number, error: string | undefined): string {
  const how = explainExit(code, error);
  const isSaid = error === undefined || error === `exited with code ${code}` || error === describeExit(code);
  return isSaid ? how : `${how}: ${error}`;
}

function wordsFor(code: number): string | undefined {
  if (code === 0) return "all well";
  if (code < 0 || code > 128) return WORDS[describeSignal(code < 0 ? -code : code - 128)];
  if (code === 126) return "its program cannot be executed";
  if (code === 127) return "its program was not found";
  return undefined;
}
