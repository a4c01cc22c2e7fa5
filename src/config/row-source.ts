// Where the fields of a row stand in the file: kept beside the rows, so that rows stay plain data.
import type { ConfigIssue } from "./errors.ts";
import { type MapNode, type Node, type Path, pathText, positionAt } from "./source-tree.ts";
import type { FieldIssue, ServiceRow, SourcePosition } from "./types.ts";

const nodes = new WeakMap<ServiceRow, MapNode>();

/** Remembers the file's own form of `row`. */
export function keepRowSource(row: ServiceRow, node: MapNode): void {
  nodes.set(row, node);
}

/**
 * The place of a field of `row`, as `["limits", "max"]`, or of the nearest thing around it.
 * `row` must be the very object that loading returned (a copy has only its row's place). Undefined for a row without a file.
 */
export function positionOf(
  row: ServiceRow,
  path: Path = [],
  what: "value" | "key" = "value",
): SourcePosition | undefined {
  const node = nodes.get(row);
  return node ? positionAt(node, path, what) : row.position;
}

/** What a service's schema found wrong, with the places in the file. */
export function toConfigIssues(row: ServiceRow, issues: readonly FieldIssue[]): ConfigIssue[] {
  return issues.map(({ path, given, expected, hint, origin, unknown, variable }) => {
    const position =
      origin === "file" || origin === "default" ? positionOf(row, path, unknown ? "key" : "value") : undefined;
    const source = variable ?? (origin === "command line" ? "--set" : (row.position?.file ?? "defaults"));
    const { file, line, column } = position ?? { file: source, line: 0, column: 0 };
    const key = path.length === 0 ? row.id : `${row.id}.${pathText(path)}`;
    // There is no file it could be added to.
    const missing = origin === "default" && row.position === undefined && path.length > 0;
    const remedy =
      hint ??
      (path.length === 0 ? withRemote(row) : undefined) ??
      (missing ? `--set ${pathText(path)}=VALUE gives it` : undefined);
    return { file, line, column, key, given, expected, ...(remedy !== undefined && { hint: remedy }) };
  });
}

/** What is wrong with a configuration as a whole may come of any of its sources. */
function withRemote(row: ServiceRow): string | undefined {
  const names = new Set<string>();
  const collect = (node: Node): void => {
    if (node.kind === "map") for (const { value } of node.entries.values()) collect(value);
    else if (node.kind === "seq") node.items.forEach(collect);
    const { remote, file } = node.source.position(node.offset);
    if (remote) names.add(file);
  };
  const node = nodes.get(row);
  if (node) collect(node);
  return names.size === 0 ? undefined : `with ${[...names].join(" and ")}`;
}

/** Why the service of a row cannot be run at all, with the row's place. */
export function toRefusal(row: ServiceRow, sentence: string): ConfigIssue {
  const { file, line, column } = row.position ?? { file: fileOf(row), line: 0, column: 0 };
  return { file, line, column, key: row.id, sentence };
}

function fileOf({ module, type }: ServiceRow): string {
  return module.kind === "file" ? module.path : type;
}
