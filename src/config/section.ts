// One part of a configuration, read without the rest: from the first of its files that has it.
import { Checker } from "./checker.ts";
import { configFolder, FileList } from "./config-files.ts";
import { mergeEnv, readDotenv } from "./dotenv.ts";
import { ConfigError } from "./errors.ts";
import type { Env } from "./expand.ts";
import type { YamlTree } from "./full-yaml.ts";
import { parseYaml, readConfigText } from "./read-source.ts";
import type { MapEntry, MapNode, Node } from "./source-tree.ts";

/**
 * Reads the value of one top-level key, `.env` beside the file included. Anything wrong in the rest of the file is passed over.
 * @param file or a folder of files; what they include is looked into, too
 * @returns undefined when there is no such part
 * @throws ConfigError when the file cannot be read or the part is not valid
 */
export async function readSection<T>(
  file: string,
  key: string,
  env: Env,
  read: (checker: Checker, node: Node) => T,
): Promise<T | undefined> {
  // A broken line in `.env` is told by the commands that start services.
  const checker = new Checker(mergeEnv(readDotenv(configFolder(file), env).values, env));
  const found = await findSection(file, key, checker);
  if (!found) return undefined;
  const { root, entry, issues: faults } = found;
  const next = [...root.entries.values()].map(({ keyOffset }) => keyOffset).filter((at) => at > entry.keyOffset);
  const end = Math.min(...next);
  const inside = faults.filter(({ offset }) => offset >= entry.keyOffset && offset < end);
  const section = read(checker, entry.value);
  const issues = [...inside.map(({ offset: _, ...issue }) => issue), ...checker.issues];
  if (issues.length > 0) throw new ConfigError(issues);
  return section;
}

interface FoundSection extends Pick<YamlTree, "issues"> {
  root: MapNode;
  entry: MapEntry;
}

/** @throws ConfigError when the file itself cannot be read; one that it includes is passed over */
async function findSection(file: string, key: string, checker: Checker): Promise<FoundSection | undefined> {
  const list = new FileList();
  const paths = list.expand(file);
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    if (!list.isNew(path)) continue;
    const text = readConfigText(path);
    if (!text.ok && path === file) throw new ConfigError([text.issue]);
    if (!text.ok) continue;
    const { root, issues } = await parseYaml(text.source);
    if (root?.kind !== "map") continue;
    const entry = root.entries.get(key);
    if (entry) return { root, entry, issues };
    paths.unshift(...list.included(checker.fork(), root));
  }
  return undefined;
}
