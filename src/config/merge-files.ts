// Several configuration files as one: what each may say for itself, what for all, and where they contradict each other.
import type { Checker } from "./checker.ts";
import type { FleetFile, RowBlock } from "./fleet-file.ts";
import type { RunSettings } from "./row-settings.ts";
import { type MapEntry, type MapNode, type Node, sameValue } from "./source-tree.ts";

/** Sections that a fleet has once: files that say the same agree. */
const ONCE = ["nats", "site", "logs", "metrics", "systemd", "lease_sec"] as const;

/**
 * What the first file says in `defaults:` and `log_level:` is for the rows of all; what another says there is for its own,
 * and stronger. Contradictions go to `checker`.
 */
export function mergeFleetFiles(checker: Checker, files: readonly [FleetFile, ...FleetFile[]]): FleetFile {
  const [main, ...others] = files;
  if (others.length === 0) return main;
  for (const key of ONCE) for (const file of files) refuseOther(checker, files, file, [key]);
  const registry: FleetFile["registry"] = new Map();
  for (const file of files) {
    for (const [type, entry] of file.registry) {
      refuseOther(checker, files, file, ["registry", type]);
      if (!registry.has(type)) registry.set(type, entry);
    }
    for (const { name } of file.blocks) {
      if (name === undefined) continue;
      for (const key of ["type", "terminate_delay"]) refuseOther(checker, files, file, ["launchers", name, key]);
    }
  }
  const blocks = files.flatMap((file) => blocksOf(main, file));
  return {
    // What the others have and the first has not; the rest of theirs is in their rows.
    ...Object.assign({}, ...files.toReversed().map(sectionsOf)),
    ...main,
    roots: files.map(({ root }) => root),
    registry,
    blocks: blocks.map((block) => withTypeOf(blocks, block)),
  };
}

function sectionsOf({ nats, logs, metrics, systemd, leaseMs }: FleetFile): Partial<FleetFile> {
  return {
    ...(nats && { nats }),
    ...(logs && { logs }),
    ...(metrics && { metrics }),
    ...(systemd && { systemd }),
    ...(leaseMs !== undefined && { leaseMs }),
  };
}

function blocksOf(main: FleetFile, file: FleetFile): RowBlock[] {
  if (file === main) return file.blocks;
  const delayMs = file.terminateDelayMs;
  const logLevel = file.defaults.logLevel ?? file.logLevel ?? main.defaults.logLevel ?? main.logLevel;
  const defaults: RunSettings = { ...main.defaults, ...said(file.defaults), logLevel };
  return file.blocks.map((block) => ({
    ...(delayMs !== undefined && { terminateDelayMs: delayMs }),
    ...block,
    defaults,
    root: file.root,
  }));
}

function said(settings: RunSettings): RunSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** A launcher may be in several files; one of them says its type. */
function withTypeOf(blocks: readonly RowBlock[], block: RowBlock): RowBlock {
  if (block.name === undefined || block.home !== undefined) return block;
  const home = blocks.find(({ name, home }) => name === block.name && home !== undefined)?.home;
  return home === undefined ? block : { ...block, home };
}

/** Reports what `file` says at `path` if an earlier file says something else. */
function refuseOther(checker: Checker, files: readonly FleetFile[], file: FleetFile, path: readonly string[]): void {
  const entry = entryAt(file.root, path);
  if (!entry) return;
  const earlier = files.slice(0, files.indexOf(file)).flatMap(({ root }) => {
    const other = entryAt(root, path);
    return other ? [{ ...other, source: root.source }] : [];
  });
  const [first] = earlier;
  if (!first || sameValue(first.value, entry.value)) return;
  const there = first.source.position(first.keyOffset);
  const place = { source: file.root.source, offset: entry.keyOffset };
  const expected = `the same as in ${there.file}:${there.line}, or only one of them`;
  checker.report(place, path.join("."), "other values than another file", expected);
}

function entryAt(root: MapNode, path: readonly string[]): MapEntry | undefined {
  let node: Node = root;
  let entry: MapEntry | undefined;
  for (const key of path) {
    entry = node.kind === "map" ? node.entries.get(key) : undefined;
    if (!entry) return undefined;
    node = entry.value;
  }
  return entry;
}
