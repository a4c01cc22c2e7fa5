// Opens the files of a configuration and takes them apart: what follows sees one, whose parts know where they stand.
import { basename } from "node:path";
import { nearest } from "../common/nearest.ts";
import { Checker, showNode } from "./checker.ts";
import { FileList } from "./config-files.ts";
import { ConfigError, type ConfigIssue } from "./errors.ts";
import type { Env } from "./expand.ts";
import { type FleetFile, readFleetFile } from "./fleet-file.ts";
import { mergeFleetFiles } from "./merge-files.ts";
import { parseYaml, readConfigText } from "./read-source.ts";
import { isNull, type MapNode, plainSource, sourceFile, type TextSource } from "./source-tree.ts";

export interface OpenedFiles {
  checker: Checker;
  file: FleetFile;
  /** Absolute paths of all files read. */
  files: string[];
  /** Absolute paths of the folders in which more may appear. */
  folders: string[];
}

/**
 * @param named the files or folders, as the user named them; a text instead stands for the file of its name
 * @param earlier what is known to be wrong already
 * @throws ConfigError when a file cannot be read, is not YAML or not a mapping: then nothing more can be said about it
 */
export async function openFleetFiles(
  named: readonly (string | TextSource)[],
  env: Env,
  earlier: readonly ConfigIssue[],
): Promise<OpenedFiles> {
  const checker = new Checker(env);
  const list = new FileList();
  const opening: Opening = { checker, list, opened: [], sources: [], isBroken: false };
  checker.issues.push(...earlier);
  for (const one of named) {
    const paths = typeof one === "string" ? list.expand(one) : [one];
    if (paths.length === 0) reportEmptyFolder(checker, String(one));
    for (const path of paths) await open(opening, path);
  }
  const { opened, sources, isBroken } = opening;
  const [first, ...others] = opened;
  const [source = plainSource("")] = sources;
  if (!first && !isBroken && checker.issues.length === earlier.length) {
    reportNoServices(checker, { kind: "map", entries: new Map(), source, offset: 0 }, "an empty file");
  }
  if (!first || isBroken) throw new ConfigError(checker.issues);
  return {
    checker,
    file: mergeFleetFiles(checker, [first, ...others]),
    files: sources.flatMap((one) => sourceFile(one) ?? []),
    folders: [...list.folders],
  };
}

interface Opening {
  readonly checker: Checker;
  readonly list: FileList;
  readonly opened: FleetFile[];
  readonly sources: TextSource[];
  /** Something in a file cannot be understood at all. */
  isBroken: boolean;
}

/** Opens a file, then those that it includes. */
async function open(opening: Opening, path: string | TextSource): Promise<void> {
  const { checker, list, opened, sources } = opening;
  if (!list.isNew(typeof path === "string" ? path : path.name)) return;
  const read = typeof path === "string" ? readConfigText(path) : ({ ok: true, source: path } as const);
  if (!read.ok) {
    checker.issues.push(read.issue);
    opening.isBroken = true;
    return;
  }
  sources.push(read.source);
  const { root, issues, broken } = await parseYaml(read.source);
  checker.issues.push(...issues.map(({ offset: _, ...issue }) => issue));
  if (broken) opening.isBroken = true;
  else if (root?.kind === "map") {
    opened.push(readFleetFile(checker, root, basename(read.source.name)));
    for (const file of list.included(checker, root)) await open(opening, file);
  } else if (root && !isNull(root)) {
    checker.report(root, "", showNode(root), "a mapping with services:");
    opening.isBroken = true;
  } else if (issues.length > 0) opening.isBroken = true;
}

function reportEmptyFolder(checker: Checker, folder: string): void {
  const issue = { file: folder, line: 0, column: 0, key: "", given: "a folder without configuration files" };
  checker.issues.push({ ...issue, expected: "files as dome.yaml in it" });
}

/** Says that there is nothing to run, unless something that is already told explains it. */
export function reportNoServices(checker: Checker, root: MapNode, given: string): void {
  const others = [...root.entries.keys()].filter((key) => !key.startsWith("x-"));
  // A mistyped `services:` has been reported as an unknown key.
  if (!root.entries.has("services") && nearest("services", others) !== undefined) return;
  const offset = root.entries.get("services")?.keyOffset ?? 0;
  checker.report({ source: root.source, offset }, "", given, "services: with at least one, as `- type: hello_world`");
}
