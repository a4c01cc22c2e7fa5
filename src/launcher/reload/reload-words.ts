// What became of a reload: in the answer to a request, and in the launcher's log.
import type { JsonObject } from "../../common/json.ts";
import type { Logger } from "../../common/logger.ts";
import { toWireTimestamp } from "../../messaging/timestamp.ts";
import type { FleetChange } from "./fleet-change.ts";
import type { ReloadOutcome, ReloadRequest } from "./reloader.ts";
import type { Told } from "./told.ts";

export interface ReloadAnswerer {
  launcherId: string;
  hostname: string;
  /** Absolute path of the configuration. */
  file: string;
  /** Takes secrets out of a text. */
  mask: (text: string) => string;
}

/** The answer to `reload`. */
export function reloadReply(request: ReloadRequest, outcome: ReloadOutcome, answerer: ReloadAnswerer): JsonObject {
  return {
    launcher_id: answerer.launcherId,
    hostname: answerer.hostname,
    timestamp: toWireTimestamp(),
    config_file: answerer.file,
    by: request.by,
    dry_run: request.dryRun ?? false,
    result: outcome.result,
    ...fieldsOf(outcome, answerer.mask),
  };
}

function fieldsOf(outcome: ReloadOutcome, mask: (text: string) => string): JsonObject {
  switch (outcome.result) {
    case "invalid":
      return { done: false, issues: outcome.issues.map(mask) };
    case "refused":
      return { done: false, reason: mask(outcome.reason) };
    case "reloaded":
    case "unchanged":
    case "checked": {
      const { change, warnings, notRunning, told } = outcome;
      return {
        done: notRunning.length === 0 && told.every(isTaken),
        added: idsOf(change.added),
        removed: idsOf(change.removed),
        changed: change.changed.map(({ row, keys, effect }) => ({ service_id: row.id, keys, effect })),
        unchanged: idsOf(change.unchanged),
        notes: change.notes,
        warnings: warnings.map(mask),
        told: told.map(({ id, result, keys, reason }) => ({
          service_id: id,
          result,
          keys: [...keys],
          ...(reason === undefined ? {} : { reason: mask(reason) }),
        })),
        not_running: notRunning.map(({ id, state, why }) => ({ service_id: id, state, reason: mask(why) })),
      };
    }
    default:
      return outcome satisfies never;
  }
}

/** What it is to have, it has, or takes with its next start. */
function isTaken({ result }: Told): boolean {
  return result !== "refused" && result !== "pending";
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** One line, and one for each thing that is not well. */
export function logReload(logger: Logger, { by, dryRun }: ReloadRequest, outcome: ReloadOutcome): void {
  const what = `${dryRun ? "look at the configuration" : "reload"} by ${by}`;
  switch (outcome.result) {
    case "invalid":
      logger.error(`${what}: the configuration is not valid; nothing was changed`);
      for (const issue of outcome.issues) logger.error(issue);
      return;
    case "refused":
      logger.error(`${what}: ${outcome.reason}; nothing was changed`);
      return;
    case "checked":
      logger.info(`${what}: ${describeChange(outcome.change)}`);
      return;
    case "reloaded":
    case "unchanged":
      logger.info(`${what}: ${describeChange(outcome.change)}`);
      for (const line of [...outcome.change.notes, ...outcome.warnings]) logger.warning(line);
      for (const { id, result, keys, reason } of outcome.told) {
        if (result === "refused") logger.warning(`${id} has refused its new values (${keys.join(", ")}): ${reason}`);
        else if (result === "pending") logger.warning(`${id} has not taken its new values yet (${keys.join(", ")})`);
      }
      for (const { id, state, why } of outcome.notRunning) {
        // Of those that are not ours, or not yet, it has been said who has them.
        if (state !== "standby" && state !== "elsewhere") logger.warning(`${id} is ${state}: ${why}`);
      }
      return;
    default:
      outcome satisfies never;
  }
}

/** Things that are named of a kind. */
const MOST_NAMED = 10;

/** `1 added (camera.north), 2 changed (dome.main: interval; mount.main: after), 7 unchanged` */
function describeChange({ added, removed, changed, unchanged }: FleetChange): string {
  const parts = [
    part("added", idsOf(added)),
    part("removed", idsOf(removed)),
    part(
      "changed",
      changed.map(({ row, keys }) => `${row.id}: ${keys.join(", ")}`),
    ),
    unchanged.length === 0 ? "" : `${unchanged.length} unchanged`,
  ];
  return parts.filter((text) => text !== "").join(", ");
}

function part(what: string, things: readonly string[]): string {
  if (things.length === 0) return "";
  const more = things.length > MOST_NAMED ? "; …" : "";
  return `${things.length} ${what} (${things.slice(0, MOST_NAMED).join("; ")}${more})`;
}
