// The last word of a command that failed: one clear line, what to do, and the exit code.
import { describeError, ExitCode, TcsError } from "./errors.ts";
import { forJournal, stderrIsJournal } from "./journal.ts";

const INTERRUPTED = 130;

/** Prints the error to stderr: for people, or with `--json` as one object. @returns the exit code */
export function reportFailure(error: unknown): number {
  const words = process.argv.slice(2);
  const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  const verbose = own.includes("--verbose") || process.env.TCS_DEBUG !== undefined;
  const exitCode = exitCodeOf(error);
  if (own.includes("--json")) {
    process.stderr.write(`${JSON.stringify({ error: { ...factsOf(error), exit_code: exitCode } })}\n`);
    return exitCode;
  }
  const lines = error instanceof TcsError ? errorLines(error) : [usageOrSurprise(error)];
  if (verbose && error instanceof Error) lines.push(`     ${factsOf(error).code}`, framesOf(error));
  const text = lines.join("\n");
  process.stderr.write(`${stderrIsJournal() ? forJournal("error", text) : text}\n`);
  return exitCode;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof TcsError) return error.exitCode;
  return isCittyError(error) ? ExitCode.usage : ExitCode.failure;
}

/** Where it comes from, without the message, which is told already, and the name of the class, which a build shortens. */
function framesOf({ stack = "" }: Error): string {
  return stack.slice(Math.max(0, stack.search(/^ +at /m)));
}

interface Facts {
  code: string;
  message: string;
  hint?: string | undefined;
  /** Where one line does not say it all. */
  lines?: string[] | undefined;
}

function factsOf(error: unknown): Facts {
  if (error instanceof TcsError) {
    const { code, message, hint } = error;
    return { code, message, hint, lines: linesOf(error) };
  }
  return { code: isCittyError(error) ? "E_USAGE" : "E_INTERNAL", message: describeError(error) };
}

function errorLines(error: TcsError): string[] {
  const lines = linesOf(error);
  const advice = error.hint ?? (lines || isPlain(error) ? undefined : `"tcs help ${error.code}" says what can be done`);
  const said = lines ?? [`tcs: ${error.message}`];
  return advice ? [...said, `     ${advice}`] : said;
}

/** What has a line for each fault. */
function linesOf(error: TcsError): string[] | undefined {
  return "lines" in error && Array.isArray(error.lines) ? error.lines.map(String) : undefined;
}

/** The words of a service, or of who wrote it: nothing is known of them. */
const WORDS_OF_OTHERS = ["E_TCS", "E_RPC_REFUSED"];

/** What the line itself says enough of. */
function isPlain({ code, exitCode }: TcsError): boolean {
  return exitCode === ExitCode.usage || exitCode === INTERRUPTED || WORDS_OF_OTHERS.includes(code);
}

function usageOrSurprise(error: unknown): string {
  if (isCittyError(error)) return `tcs: ${error.message}`;
  return `tcs: unexpected error: ${describeError(error)} (run again with --verbose to see where)`;
}

/** The argument parser's own complaints, as of a missing argument. */
function isCittyError(error: unknown): error is Error {
  return error instanceof Error && error.name === "CLIError";
}
