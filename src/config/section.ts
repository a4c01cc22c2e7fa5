// One part of a configuration file, read without the rest.
import { dirname, resolve } from "node:path";
import { Checker } from "./checker.ts";
import { mergeEnv, readDotenv } from "./dotenv.ts";
import { ConfigError } from "./errors.ts";
import type { Env } from "./expand.ts";
import { parseYaml, readConfigText } from "./read-source.ts";
import type { Node } from "./source-tree.ts";

/**
 * Reads the value of one top-level key, `.env` beside the file included. Anything wrong in the rest of the file is passed over.
 * @returns undefined when the file has no such part
 * @throws ConfigError when the file cannot be read or the part is not valid
 */
export async function readSection<T>(
  file: string,
  key: string,
  env: Env,
  read: (checker: Checker, node: Node) => T,
): Promise<T | undefined> {
  const text = readConfigText(file);
  if (!text.ok) throw new ConfigError([text.issue]);
  const { root, issues: faults } = await parseYaml(text.source);
  const entry = root?.kind === "map" ? root.entries.get(key) : undefined;
  if (root?.kind !== "map" || !entry) return undefined;
  const next = [...root.entries.values()].map(({ keyOffset }) => keyOffset).filter((at) => at > entry.keyOffset);
  const end = Math.min(...next);
  const inside = faults.filter(({ offset }) => offset >= entry.keyOffset && offset < end);
  // A broken line in `.env` is told by the commands that start services.
  const checker = new Checker(mergeEnv(readDotenv(dirname(resolve(file)), env).values, env));
  const section = read(checker, entry.value);
  const issues = [...inside.map(({ offset: _, ...issue }) => issue), ...checker.issues];
  if (issues.length > 0) throw new ConfigError(issues);
  return section;
}
