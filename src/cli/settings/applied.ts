// What became of a document that was applied, in words and as JSON.
import { describeError, type TcsError } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { scopeWords } from "../../settings/index.ts";
import type { PlannedChange } from "./plan.ts";
import { changeJson, changeWords, scopeJson, storedLines } from "./words.ts";

/** Of one service, type, or of all services. */
export type Applied = { change: PlannedChange } & (
  | { result: "stored"; revision: number }
  /** `unknown`: the broker went before it said whether it has stored it. */
  | { result: "refused" | "unknown"; error: TcsError }
  | { result: "not tried" }
);

/** As many names are counted at a glance. */
const FEW = 6;

/** What was stored, as data; the rest as talk. */
export function appliedLines(results: readonly Applied[]): { data: string[]; talk: string[] } {
  const data = results.flatMap((one) =>
    one.result === "stored"
      ? storedLines(one.change.before.scope, one.change.changes, one.revision, one.change.judge)
      : [],
  );
  const faults = results.flatMap((one) => ("error" in one ? [describeError(one.error)] : []));
  if (faults.length === 0) return { data, talk: [] };
  const named = (...kinds: Applied["result"][]) => {
    const names = results
      .filter(({ result }) => kinds.includes(result))
      .map((one) => scopeWords(one.change.before.scope));
    if (names.length === 0) return "nothing";
    return `${names.length > FEW ? `${names.length} of ${results.length}: ` : ""}${names.join(", ")}`;
  };
  const unknown = named("unknown");
  return {
    data,
    talk: [
      ...new Set(faults),
      `stored: ${named("stored")}`,
      `not stored: ${named("refused", "not tried")}`,
      ...(unknown === "nothing" ? [] : [`perhaps stored: ${unknown}; apply it again when the broker is back`]),
    ],
  };
}

/** What would be different. */
export function plannedLines(plan: readonly PlannedChange[]): string[] {
  return plan.flatMap(({ before, changes, judge }) =>
    changes.map((one) => `${scopeWords(before.scope)}: ${changeWords(one, judge)}`),
  );
}

export function appliedJson(one: Applied): JsonObject {
  const { before, changes, judge } = one.change;
  return {
    ...scopeJson(before.scope),
    result: one.result.replace(" ", "_"),
    ...("revision" in one ? { revision: one.revision } : {}),
    ...("error" in one ? { error: describeError(one.error) } : {}),
    changes: changes.map((change) => changeJson(change, judge)),
  };
}
