// Stored values in words, for people and as JSON. What is secret is never shown.
import type { Json, JsonObject } from "../../common/json.ts";
import { MASK } from "../../common/secret-words.ts";
import type { Scope } from "../../config/overlay.ts";
import { type FieldDifference, flatten, type ReadSetting, scopeWords } from "../../settings/index.ts";
import type { Judge } from "../../settings/judge.ts";
import { timeAndAge } from "../display/age.ts";
import { clean } from "../display/width.ts";

/** Longer values are cut in tables and changes. */
const LONGEST = 60;

/** `by ann@vm 2026-11-20 22:03:06 UTC (4 m ago)` */
export function whoWords({ by, time, restored }: Pick<ReadSetting, "by" | "time" | "restored">, now: number): string {
  const back = restored === undefined ? "" : ` (revision ${restored} brought back)`;
  return `by ${clean(by ?? "somebody")}, ${timeAndAge(time, now)}${back}`;
}

/** `interval: 5 -> 2` */
export function changeWords({ path, before, after }: FieldDifference, judge: Pick<Judge, "isSecret">): string {
  const isSecret = judge.isSecret(path, before, after);
  const show = (value: Json | undefined, none: string) =>
    value === undefined ? none : isSecret ? MASK : valueWords(value);
  return `${clean(path)}: ${show(before, "not set")} -> ${show(after, "not set")}`;
}

/** One line; text as it is, unless it could be taken for something else. */
export function valueWords(value: Json): string {
  const text = typeof value === "string" && /^[^\s"'{}[\],:#]+$/.test(value) ? value : JSON.stringify(value);
  const shown = clean(text);
  return shown.length <= LONGEST ? shown : `${shown.slice(0, LONGEST - 1)}…`;
}

/** `interval = 2`, for each value. */
export function fieldLines(fields: JsonObject, judge: Pick<Judge, "isSecret">): string[] {
  return [...flatten(fields)].map(
    ([path, value]) => `${clean(path)} = ${judge.isSecret(path, value) ? MASK : valueWords(value)}`,
  );
}

/** Who a setting is for, by whom and when: what every JSON output has of it. */
export function settingJson(setting: ReadSetting, fields: JsonObject): JsonObject {
  const { scope, revision, by, time, restored, fault } = setting;
  return {
    ...scopeJson(scope),
    revision,
    ...(by === undefined ? {} : { by }),
    ...(time === 0 ? {} : { time: new Date(time).toISOString() }),
    ...(restored === undefined ? {} : { restored }),
    ...(fault === undefined ? {} : { fault }),
    fields,
  };
}

export function scopeJson(scope: Scope): JsonObject {
  return scope.kind === "global"
    ? { kind: "global" }
    : { kind: scope.kind, name: scope.kind === "type" ? scope.type : scope.id };
}

export function changeJson({ path, before, after }: FieldDifference, judge: Pick<Judge, "isSecret">): JsonObject {
  const isSecret = judge.isSecret(path, before, after);
  const mask = (value: Json | undefined) => (value === undefined ? null : isSecret ? MASK : value);
  return { path, before: mask(before), after: mask(after) };
}

/** What was stored, in lines. */
export function storedLines(
  scope: Scope,
  changes: readonly FieldDifference[],
  revision: number,
  judge: Pick<Judge, "isSecret">,
): string[] {
  return changes.map((one) => `${scopeWords(scope)}: ${changeWords(one, judge)} (revision ${revision})`);
}
