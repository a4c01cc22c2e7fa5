// What a document would change on the broker, judged as a whole before anything is stored.

import type { JsonObject } from "../../common/json.ts";
import { MASK } from "../../common/secret-words.ts";
import { ConfigError, type ConfigIssue } from "../../config/errors.ts";
import { readConfigText } from "../../config/read-source.ts";
import { TextSource } from "../../config/source-tree.ts";
import {
  type DocumentEntry,
  difference,
  type FieldDifference,
  flatten,
  keyOf,
  type ReadSetting,
  readDocument,
  scopeWords,
  stepsOf,
  valueAt,
  withValue,
} from "../../settings/index.ts";
import type { Judge } from "../../settings/judge.ts";
import type { Settings } from "./access.ts";
import { SettingsConflictError, SettingsRefusedError } from "./errors.ts";

/** What is to become of one service, type, or all services. */
export interface PlannedChange {
  before: ReadSetting;
  after: JsonObject;
  changes: readonly FieldDifference[];
  judge: Judge;
  /** The revision that the document was made from, when it says. */
  expected: number | undefined;
  place: string;
  /** Secrets that are there and stay. */
  kept: readonly string[];
}

/** A document that comes by a pipe. */
export const STANDARD_INPUT = "-";

/** @param file `-`: standard input @throws ConfigError when the file cannot be read or has another form */
export async function planDocument(settings: Settings, file: string): Promise<PlannedChange[]> {
  // Faults are told, and values stored, in the order in which they stand there.
  const entries = (await readDocument(sourceOf(file))).toSorted(
    ({ position: a }, { position: b }) => a.line - b.line || a.column - b.column,
  );
  const stored = new Map((await settings.store.readAll()).map((setting) => [keyOf(setting.scope), setting]));
  return await Promise.all(entries.map((entry) => plan(settings, entry, stored.get(keyOf(entry.scope)))));
}

/** @throws ConfigError */
function sourceOf(file: string): TextSource {
  const text = readConfigText(file === STANDARD_INPUT ? "/dev/stdin" : file);
  if (!text.ok) throw new ConfigError([asDocument(text.issue)]);
  return file === STANDARD_INPUT ? new TextSource("standard input", text.source.text) : text.source;
}

/** Whoever looks for a document is not helped by how a configuration begins. */
function asDocument(issue: ConfigIssue): ConfigIssue {
  if (issue.expected !== "a configuration file") return issue;
  return { ...issue, expected: "a document of values", hint: "tcs config export writes one" };
}

async function plan(settings: Settings, entry: DocumentEntry, stored: ReadSetting | undefined): Promise<PlannedChange> {
  const { scope, position, revision } = entry;
  const before = stored ?? { scope, fields: {}, revision: 0, time: 0 };
  const judge = await settings.judge(scope);
  // What an export has hidden stays as it is.
  const kept = [...flatten(entry.fields)].flatMap(([path, value]) =>
    value === MASK && isSecretThere(path, before.fields, judge) ? [path] : [],
  );
  const after = kept.reduce(
    (fields, path) => withValue(fields, stepsOf(path), valueAt(before.fields, stepsOf(path))),
    entry.fields,
  );
  const place = `${position.file}:${position.line}:${position.column}: ${scopeWords(scope)}`;
  return { before, after, changes: difference(before.fields, after), judge, expected: revision, place, kept };
}

function isSecretThere(path: string, fields: JsonObject, judge: Judge): boolean {
  const value = valueAt(fields, stepsOf(path));
  return value !== undefined && judge.isSecret(path, value);
}

/**
 * Judges everything before anything is stored.
 * @throws SettingsRefusedError with all faults, SettingsConflictError with everything that was changed meanwhile
 */
export async function judgePlan(settings: Settings, plan: readonly PlannedChange[], force: boolean): Promise<void> {
  const faults: string[] = [];
  let hint: string | undefined;
  for (const { before, after, place, kept } of plan) {
    try {
      await settings.check(before.scope, after, { force, place, kept });
    } catch (error) {
      if (!(error instanceof SettingsRefusedError)) throw error;
      faults.push(...error.lines);
      hint ??= error.hint;
    }
  }
  if (faults.length > 0) throw new SettingsRefusedError(faults, hint);
  const conflicts = await Promise.all(
    plan.map(async ({ before, expected, changes }) => {
      if (expected === undefined || expected === before.revision || changes.length === 0) return [];
      const known = (await settings.store.history(before.scope)).find(({ revision }) => revision === expected);
      return [await settings.conflict({ ...(known ?? before), revision: expected }, before)];
    }),
  );
  const [first, ...others] = conflicts.flat();
  if (!first) return;
  throw new SettingsConflictError([first, ...others].map(({ message }) => message).join("; "), {
    hint: "nothing was stored: export it again, and change that",
  });
}
