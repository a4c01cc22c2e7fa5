// `after:`: which services a service waits for, and that they do not wait for each other.
import { nearest } from "../common/nearest.ts";
import { type Checker, showNode } from "./checker.ts";
import { didYouMean, showValue } from "./errors.ts";
import type { RowHead } from "./row-head.ts";
import { isNull } from "./source-tree.ts";

/** The ids that a row names in `after`: one as text, or a list. */
export function readAfter(checker: Checker, head: RowHead, known: ReadonlySet<string>): string[] {
  const node = head.node.entries.get("after")?.value;
  if (node === undefined || isNull(node)) return [];
  const key = `${head.key}.after`;
  if (node.kind === "map") {
    checker.report(node, key, showNode(node), "a list of service ids");
    return [];
  }
  const items = node.kind === "seq" ? node.items : [node];
  return items.flatMap((item, index) => {
    const itemKey = node.kind === "seq" ? `${key}[${index}]` : key;
    const id = checker.text(item, itemKey, "a service id as hello_world.main");
    if (id === undefined) return [];
    if (known.has(id)) return [id];
    const hint = didYouMean(nearest(id, known));
    checker.report(item, itemKey, showValue(id), "the id of a service in this file", hint);
    return [];
  });
}

/** Reports every circle of services that wait for each other, once. */
export function checkOrder(checker: Checker, rows: readonly { head: RowHead; after: readonly string[] }[]): void {
  const byId = new Map(rows.map((row) => [row.head.id, row]));
  const done = new Set<string>();
  const visit = (id: string, path: string[]): void => {
    const row = byId.get(id);
    if (!row || done.has(id)) return;
    const start = path.indexOf(id);
    if (start >= 0) {
      const circle = [...path.slice(start), id].join(" -> ");
      const place = row.head.node.entries.get("after")?.value ?? row.head.node;
      checker.report(place, `${row.head.key}.after`, circle, "services that do not wait for each other in a circle");
      return;
    }
    for (const next of row.after) visit(next, [...path, id]);
    done.add(id);
  };
  for (const { head } of rows) visit(head.id, []);
}
