// `after:`: which services a service waits for, and that they do not wait for each other.
import { type Checker, showNode } from "./checker.ts";
import { showValue } from "./errors.ts";
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
    checker.report(item, itemKey, showValue(id), "the id of a service in this file", checker.near(id, known));
    return [];
  });
}

/** Ids of a circle that are shown. */
const SHOWN = 8;

function showCircle(ids: readonly string[]): string {
  const shown = ids.length > SHOWN ? [...ids.slice(0, SHOWN - 2), "…", ...ids.slice(-1)] : ids;
  return shown.join(" -> ");
}

/** Reports every circle of services that wait for each other, once. */
export function checkOrder(checker: Checker, rows: readonly { head: RowHead; after: readonly string[] }[]): void {
  const byId = new Map(rows.map((row) => [row.head.id, row]));
  const done = new Set<string>();
  for (const { head } of rows) {
    // A walk of its own stack: a chain of services may be as long as the file.
    const path: { id: string; next: number }[] = [];
    const places = new Map<string, number>();
    const enter = (id: string): void => {
      const row = byId.get(id);
      if (!row || done.has(id)) return;
      const start = places.get(id);
      if (start !== undefined) {
        const circle = showCircle([...path.slice(start).map((step) => step.id), id]);
        const place = row.head.node.entries.get("after")?.value ?? row.head.node;
        checker.report(place, `${row.head.key}.after`, circle, "services that do not wait for each other in a circle");
        return;
      }
      places.set(id, path.length);
      path.push({ id, next: 0 });
    };
    enter(head.id);
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const next = byId.get(step.id)?.after[step.next++];
      if (next !== undefined) {
        enter(next);
        continue;
      }
      done.add(step.id);
      places.delete(step.id);
      path.pop();
    }
  }
}
