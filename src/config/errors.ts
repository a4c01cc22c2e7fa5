// What can be wrong with a configuration, and the one error that carries all of it at once.
import { ExitCode, TcsError } from "../common/errors.ts";
import type { FleetConfig } from "./types.ts";

/** One thing wrong in a configuration source: what was given and expected there, or a sentence of its own. */
export type ConfigIssue = IssuePlace &
  ({ given: string; expected: string; sentence?: never } | { sentence: string; given?: never; expected?: never });

interface IssuePlace {
  /** The file as the user named it, or `command line` or `environment`. */
  file: string;
  /** 1-based; 0 when the source has no lines (command line, environment). */
  line: number;
  /** 1-based; 0 when the source has no lines. */
  column: number;
  /** Path of the value, as `services[2].restart_sec`; empty when the file as a whole is meant. */
  key: string;
  /** A remedy, as `did you mean "interval"?`. */
  hint?: string;
}

/** One line: `services.yaml:4:11: services[0].restart: given "maybe", expected one of … (did you mean …?)`. */
export function formatIssue(issue: ConfigIssue): string {
  const place = issue.line > 0 ? `${issue.file}:${issue.line}:${issue.column}` : issue.file;
  const key = issue.key === "" ? "" : `${issue.key}: `;
  const hint = issue.hint === undefined ? "" : ` (${issue.hint})`;
  const what = issue.sentence ?? `given ${issue.given}, expected ${issue.expected}`;
  return `${place}: ${key}${what}${hint}`;
}

const MAX_LINES = 100;

/**
 * The configuration cannot be used. `message` is its first issue; `lines` has one line for each.
 * @cause A configuration file, an environment variable or a --set has a value that is not allowed, or a key that
 *   nobody knows.
 * @remedy Go to the file, line and column of each line and write what is expected there; "tcs config check" says
 *   again what is left.
 * @example services.yaml:1:25: services[0].restart: given "maybe", expected one of no, on-failure, on-abnormal,
 *   always
 */
export class ConfigError extends TcsError {
  override readonly code: string = "E_CONFIG";
  override readonly exitCode: number = ExitCode.configInvalid;
  /** All issues, in the order of their place in the file. */
  readonly issues: readonly ConfigIssue[];
  /** The rows whose fields could be read: their schemas may have more to say. For nothing but that. */
  readonly readable: FleetConfig | undefined;

  constructor(
    issues: readonly ConfigIssue[],
    { readable, ...options }: ErrorOptions & { readable?: FleetConfig } = {},
  ) {
    const sorted = [...issues].sort((a, b) => byFile(a.file, b.file) || a.line - b.line || a.column - b.column);
    const [first] = sorted;
    const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : "";
    super(first ? formatIssue(first) + more : "the configuration is not valid", options);
    this.issues = sorted;
    this.readable = readable;
  }

  /** One line per issue; beyond a hundred, a last line with how many more. */
  get lines(): string[] {
    const shown = this.issues.slice(0, MAX_LINES).map(formatIssue);
    const more = this.issues.length - shown.length;
    return more === 0 ? shown : [...shown, `… and ${more} more`];
  }

  /** All lines as one text. */
  format(): string {
    return this.lines.join("\n");
  }
}

/** Nearly always the same file: a comparison of letters would take seconds for a hundred thousand issues. */
function byFile(a: string, b: string): number {
  return a === b ? 0 : a.localeCompare(b);
}

/** A value as shown after "given": short, quoted if it is text. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return shorten(JSON.stringify(value));
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  return String(value);
}

/** "did you mean" for a word that was found, else nothing. */
export function didYouMean(word: string | undefined): string | undefined {
  return word === undefined ? undefined : `did you mean "${word}"?`;
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 76)}…"`;
}
