// The `.env` file beside a configuration. Read by our own hand: a compiled binary loads none by itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../common/errors.ts";
import { ConfigError, type ConfigIssue } from "./errors.ts";
import { type Env, expandText } from "./expand.ts";
import { readSecrets } from "./secrets-folder.ts";

export interface DotenvResult {
  values: Record<string, string>;
  /** The line of each value, 1-based. */
  lines: Record<string, number>;
  issues: ConfigIssue[];
}

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*/;

/**
 * `env` together with the `.env` file of `folder`; what `env` sets already wins. No file is no error.
 * @throws ConfigError with every line that is not understood
 */
export function loadEnv(folder: string, env: Env): Record<string, string | undefined> {
  const { values, issues } = readDotenv(folder, env);
  if (issues.length > 0) throw new ConfigError(issues);
  return mergeEnv(values, env);
}

/**
 * The `.env` file of `folder`, and over it the files of `$TCS_SECRETS_DIR`; `env` is what variables in it may refer to.
 */
export function readDotenv(folder: string, env: Env): DotenvResult {
  const dotenv = readDotenvFile(folder, env);
  const secrets = readSecrets(env.TCS_SECRETS_DIR);
  // What a secret says instead stands in no line.
  const lines = Object.entries(dotenv.lines).filter(([name]) => !(name in secrets.values));
  return {
    values: { ...dotenv.values, ...secrets.values },
    lines: Object.fromEntries(lines),
    issues: [...dotenv.issues, ...secrets.issues],
  };
}

function readDotenvFile(folder: string, env: Env): DotenvResult {
  const file = join(folder, ".env");
  try {
    return parseDotenv(readFileSync(file, "utf8"), env, file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Most folders have none; a folder of that name is a Python environment, not ours.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return { values: {}, lines: {}, issues: [] };
    const issue = { file, line: 0, column: 0, key: "", given: describeError(error), expected: "a readable file" };
    return { values: {}, lines: {}, issues: [issue] };
  }
}

/** `env` over `values`. */
export function mergeEnv(values: Record<string, string>, env: Env): Record<string, string | undefined> {
  const merged: Record<string, string | undefined> = { ...values };
  for (const [name, value] of Object.entries(env)) if (value !== undefined) merged[name] = value;
  return merged;
}

/**
 * Parses `NAME=value` lines: `export` before the name, `#` comments, single quotes (literal), double quotes (`\n`, `\"`, `\\`, `\$`),
 * values over several lines in quotes, `${OTHER}` outside single quotes.
 */
export function parseDotenv(text: string, env: Env = {}, file = ".env"): DotenvResult {
  const result: DotenvResult = { values: {}, lines: {}, issues: [] };
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const fail = (key: string, given: string, expected: string) =>
      result.issues.push({ file, line: start + 1, column: 1, key, given, expected });
    const start = index;
    const [head, name] = ASSIGNMENT.exec(line) ?? [];
    if (head === undefined || name === undefined) {
      // The line itself is not shown: it may be half of a secret.
      fail("", "a line that is not an assignment", "NAME=value");
      continue;
    }
    result.lines[name] = start + 1;
    let rest = line.slice(head.length);
    const quote = rest[0] === '"' || rest[0] === "'" ? rest[0] : undefined;
    let end = quote ? closingQuote(rest, quote) : -1;
    while (quote && end < 0 && index + 1 < lines.length) {
      rest += `\n${lines[++index]}`;
      end = closingQuote(rest, quote);
    }
    if (quote && end < 0) {
      fail(name, `a value that opens with ${quote} and never closes`, `a closing ${quote}`);
      break;
    }
    if (quote && !/^\s*(?:#.*)?$/.test(rest.slice(end + 1))) {
      fail(name, `more text after the closing ${quote}`, "one value, or a # comment");
      continue;
    }
    if (quote === "'") {
      result.values[name] = rest.slice(1, end);
      continue;
    }
    const raw = quote ? unescapeText(rest.slice(1, end)) : rest.replace(/(?:^|\s+)#.*$/, "").trim();
    const expanded = expandText(raw, { ...result.values, ...env });
    if (expanded.ok) result.values[name] = expanded.text;
    else fail(name, expanded.given, expanded.expected);
  }
  return result;
}

function closingQuote(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (quote === '"' && text[at] === "\\") at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\(\$\{|[nrt"\\$])/g, (_, what: string) => {
    // An escaped variable becomes the escape that expandText knows.
    if (what === "${") return "$${";
    return { n: "\n", r: "\r", t: "\t" }[what] ?? what;
  });
}
