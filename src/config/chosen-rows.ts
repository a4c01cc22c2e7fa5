// The rows of a configuration that `--only` names, for a launcher of these alone.
import { nearest } from "../common/nearest.ts";
import type { Checker } from "./checker.ts";
import { didYouMean } from "./errors.ts";
import type { LauncherChoice } from "./fleet-file.ts";
import type { RowHead } from "./row-head.ts";

/** All rows when none is named; what names none goes to `checker`. */
export function chooseRows<T extends { head: RowHead }>(
  checker: Checker,
  rows: T[],
  only: readonly string[] = [],
): T[] {
  if (only.length === 0) return rows;
  const known = rows.map(({ head }) => head.id);
  const place = { file: "command line", line: 0, column: 0, key: "--only" };
  for (const id of only.filter((one) => !known.includes(one))) {
    const hint = didYouMean(nearest(id, known));
    const expected = "the id of a service in the file";
    checker.issues.push({ ...place, given: JSON.stringify(id), expected, ...(hint !== undefined && { hint }) });
  }
  return rows.filter(({ head }) => only.includes(head.id));
}

/** What tells the chosen services from other parts of the file that may run beside them. */
export function partOf({ name }: LauncherChoice, only: readonly string[] = []): { name?: string } {
  return only.length === 0 ? {} : { name: [...(name === undefined ? [] : [name]), ...only.toSorted()].join("+") };
}
