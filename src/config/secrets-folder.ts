// Secrets as files: a folder in which each file is a variable, as containers and systemd hand secrets over.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../common/errors.ts";
import type { ConfigIssue } from "./errors.ts";

/** What is a variable; other files, as the hidden ones that Kubernetes keeps there, are none. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The files of `folder` by name, each without the line break at its end. Nothing when no folder is named. */
export function readSecrets(folder: string | undefined): { values: Record<string, string>; issues: ConfigIssue[] } {
  if (!folder) return { values: {}, issues: [] };
  const issue = (file: string, error: unknown, expected: string): ConfigIssue => ({
    ...{ file, line: 0, column: 0, key: "" },
    given: describeError(error),
    expected,
  });
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    return { values: {}, issues: [issue(folder, error, "a folder of secrets, as TCS_SECRETS_DIR says")] };
  }
  const values: Record<string, string> = {};
  const issues: ConfigIssue[] = [];
  for (const name of names.filter((one) => NAME.test(one))) {
    const file = join(folder, name);
    try {
      if (statSync(file).isFile()) values[name] = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    } catch (error) {
      issues.push(issue(file, error, `a readable file (uid ${process.getuid?.() ?? "unknown"})`));
    }
  }
  return { values, issues };
}
