// `overlap: allow`: a run that is due while others go on has an id of its own.
import type { Checker } from "./checker.ts";
import type { RowHead } from "./row-head.ts";
import type { ServiceRow } from "./types.ts";

/** Runs of one service at a time, at most. */
export const MOST_RUNS = 10;

/** The id (or the variant) of the `number`-th instance of a service, from 2: `import.main-2`. */
export function siblingId(id: string, number: number): string {
  return `${id}-${number}`;
}

/** Reports services that have an id which a further run of another has. */
export function checkSiblings(checker: Checker, heads: readonly RowHead[], services: readonly ServiceRow[]): void {
  const byId = new Map(heads.map((head) => [head.id, head]));
  for (const { id, timetable } of services) {
    if (timetable?.overlap !== "allow") continue;
    for (let number = 2; number <= MOST_RUNS; number++) {
      const other = byId.get(siblingId(id, number));
      if (!other) continue;
      const place = other.node.entries.get("variant")?.value ?? other.node;
      const expected = `another variant: a further run of ${id} is called that (overlap: allow)`;
      checker.report(place, `${other.key}.variant`, other.id, expected);
    }
  }
}
