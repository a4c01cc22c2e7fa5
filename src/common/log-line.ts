// Log records as lines for people.
import { INVISIBLE } from "./invisible.ts";
import { forJournal, stderrIsJournal } from "./journal.ts";
import { isAtLeast, type LogLevel, type LogRecord, type LogSink } from "./logger.ts";

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
  const head = `${time} ${record.level.toUpperCase().padEnd(8)} ${visible(record.source)}  `;
  const text = visible(record.message)
    .split("\n")
    .map((line) => head + line)
    .join("\n");
  const paint = colour ? COLOURS[record.level] : "";
  return paint === "" ? text : `${paint}${text}${RESET}`;
}

/** `<4>dome.main  message`: the journal has the time itself, and shows the level in its own way. */
export function formatForJournal(record: LogRecord): string {
  const head = `${visible(record.source)}  `;
  const lines = visible(record.message).split("\n");
  return forJournal(record.level, lines.map((line) => head + line).join("\n"));
}

/** What may wait for a reader of stderr that does not keep up, characters. */
const LONGEST_BACKLOG = 16 * 2 ** 20;

/**
 * A sink that writes lines to stderr, for people or for the journal. A reader that does not keep up (a paused terminal) misses lines, and is told how
 * many: what waits for it must not fill the memory.
 * @param least what is less grave is not written
 */
export function stderrSink(options: { colour?: boolean; least?: LogLevel } = {}): LogSink {
  const { colour = wantsColour(), least = "debug" } = options;
  const format = stderrIsJournal() ? formatForJournal : (record: LogRecord) => formatLogRecord(record, colour);
  let backlog = 0;
  let dropped = 0;
  const write = (record: LogRecord) => {
    const text = `${format(record)}\n`;
    backlog += text.length;
    process.stderr.write(text, () => {
      backlog -= text.length;
      if (dropped === 0 || backlog > LONGEST_BACKLOG / 2) return;
      const message = `${dropped} lines dropped here: stderr is not read fast enough`;
      dropped = 0;
      write({ time: Date.now(), level: "warning", source: "tcs", message });
    });
  };
  return (record) => {
    if (!isAtLeast(record.level, least)) return;
    if (backlog > LONGEST_BACKLOG) dropped += 1;
    else write(record);
  };
}

function wantsColour(): boolean {
  return Boolean(process.stderr.isTTY) && !process.env.NO_COLOR;
}

const PLAIN = /^[ -~]*$/;

/** Invisible characters made visible: a log line cannot move the cursor, fake another line's head or read other than it is. */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(INVISIBLE, (char) => (char === "\r" ? "" : escaped(char)));
}

/** `\x1b`, `\u202e`, `\u{e0041}` */
function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
