// Whether stderr goes to systemd's journal, which has a clock of its own and wants to know how grave a line is.
import { fstatSync } from "node:fs";
import type { LogLevel } from "./logger.ts";

/** syslog(3), as sd-daemon(3) has it at the beginning of a line. */
const PRIORITIES: Record<LogLevel, string> = {
  debug: "<7>",
  info: "<6>",
  warning: "<4>",
  error: "<3>",
  critical: "<2>",
};

let answer: boolean | undefined;

/** Whether what this process writes to stderr is taken by the journal: systemd.exec(5), `$JOURNAL_STREAM`. */
export function stderrIsJournal(): boolean {
  answer ??= isJournalStream(process.env.JOURNAL_STREAM, 2);
  return answer;
}

/** @param stream `device:inode`; of another file when it was inherited from a process whose output went there */
export function isJournalStream(stream: string | undefined, descriptor: number): boolean {
  if (!stream) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    // Closed: nobody reads it.
    return false;
  }
}

/** Every line of `text` with its level before it. */
export function forJournal(level: LogLevel, text: string): string {
  const head = PRIORITIES[level];
  return text
    .split("\n")
    .map((line) => head + line)
    .join("\n");
}
