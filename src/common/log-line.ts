// Log records as lines for people.
import type { LogLevel, LogRecord, LogSink } from "./logger.ts";

const RESET = "\x1b[0m";
const COLOURS: Record<LogLevel, string> = {
  debug: "\x1b[2m",
  info: "",
  warning: "\x1b[33m",
  error: "\x1b[31m",
  critical: "\x1b[1;31m",
};

/** `2026-11-20 22:03:06.372 WARNING dome.main  message`, UTC. Every line of a message is prefixed. */
export function formatLogRecord(record: LogRecord, colour: boolean): string {
  const time = new Date(record.time).toISOString().replace("T", " ").slice(0, 23);
  const head = `${time} ${record.level.toUpperCase().padEnd(8)} ${record.source}  `;
  const text = visible(record.message)
    .split("\n")
    .map((line) => head + line)
    .join("\n");
  const paint = colour ? COLOURS[record.level] : "";
  return paint === "" ? text : `${paint}${text}${RESET}`;
}

/** A sink that writes lines to stderr. */
export function stderrSink(colour: boolean = wantsColour()): LogSink {
  return (record) => {
    process.stderr.write(`${formatLogRecord(record, colour)}\n`);
  };
}

function wantsColour(): boolean {
  return Boolean(process.stderr.isTTY) && !process.env.NO_COLOR;
}

/** Control characters made harmless: a log line cannot move the cursor or fake another line's head. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f]/g, (c) =>
    c === "\r" ? "" : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
