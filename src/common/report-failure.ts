// The last word of a command that failed: one clear line, what to do, and the exit code.
import { describeError, ExitCode, TcsError } from "./errors.ts";
import { forJournal, stderrIsJournal } from "./journal.ts";

/** Prints the error to stderr. @returns the exit code */
export function reportFailure(error: unknown): number {
  const verbose = process.argv.includes("--verbose") || process.env.TCS_DEBUG !== undefined;
  const lines = error instanceof TcsError ? errorLines(error) : [usageOrSurprise(error)];
  if (verbose && error instanceof Error) lines.push(error.stack ?? "");
  const text = lines.join("\n");
  process.stderr.write(`${stderrIsJournal() ? forJournal("error", text) : text}\n`);
  if (error instanceof TcsError) return error.exitCode;
  return isCittyError(error) ? ExitCode.usage : ExitCode.failure;
}

function errorLines(error: TcsError): string[] {
  const lines = "lines" in error && Array.isArray(error.lines) ? error.lines.map(String) : [`tcs: ${error.message}`];
  return error.hint ? [...lines, `     ${error.hint}`] : lines;
}

function usageOrSurprise(error: unknown): string {
  if (isCittyError(error)) return `tcs: ${error.message}`;
  return `tcs: unexpected error: ${describeError(error)} (run again with --verbose to see where)`;
}

/** The argument parser's own complaints, as of a missing argument. */
function isCittyError(error: unknown): error is Error {
  return error instanceof Error && error.name === "CLIError";
}
