// Stores values, if nobody was faster, and tells what is different now.
import { ExitCode } from "../../common/errors.ts";
import type { JsonObject } from "../../common/json.ts";
import { difference, type ReadSetting, scopeWords } from "../../settings/index.ts";
import { jsonText } from "../display/status-json.ts";
import { tell, write } from "../output.ts";
import type { Settings } from "./access.ts";
import { strangerLines } from "./of-no-use.ts";
import { changeJson, settingJson, storedLines } from "./words.ts";

export interface StoreOptions {
  json?: boolean | undefined;
  /** The revision that it must be at still. */
  expected?: number | undefined;
  /** The revision whose values these are. */
  restored?: number;
}

/**
 * Ends with code 1 when a service refuses them in this moment, or its launcher takes none: they are stored, and it keeps
 * what it had.
 * @param before what is there @throws SettingsConflictError, BrokerUnreachableError, TcsError with nothing stored
 */
export async function storeAndTell(
  settings: Settings,
  before: ReadSetting,
  after: JsonObject,
  { json, expected, restored }: StoreOptions,
): Promise<number> {
  const { scope } = before;
  if (expected !== undefined && expected !== before.revision) {
    const revisions = await settings.store.history(scope);
    const known = revisions.find(({ revision }) => revision === expected);
    throw await settings.conflict({ ...(known ?? before), revision: expected }, before);
  }
  const changes = difference(before.fields, after);
  // What cannot be read is replaced, whatever it was.
  const isSame = changes.length === 0 && before.fault === undefined;
  const services = settings.services();
  const refusals = settings.refusals(scope);
  const revision = isSame ? before.revision : await settings.write(before, after, restored);
  const judge = await settings.judge(scope);
  if (json) {
    const stored = isSame ? before : await settings.store.read(scope);
    const now = settingJson(stored, judge.masked(after));
    write([jsonText({ version: 1, changed: !isSame, changes: changes.map((one) => changeJson(one, judge)), now })]);
  } else if (isSame) tell(`${scopeWords(scope)} has these values already (revision ${revision})`);
  else write(storedLines(scope, changes, revision, judge));
  const known = await services;
  if (Object.keys(after).length > 0) strangerLines([scope], known).forEach(tell);
  if (isSame || !known) return ExitCode.ok;
  const { refused, silent } = await refusals.hear(known, scope);
  const heldBack = await settings.heldBack(silent);
  [...refused, ...heldBack].forEach(tell);
  return refused.length + heldBack.length > 0 ? ExitCode.failure : ExitCode.ok;
}
