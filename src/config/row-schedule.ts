// When a service runs: `schedule`, and what happens when a run is due while another goes on, or was missed.
import { cronFault, parseDuration, type Schedule } from "../common/schedule.ts";
import { type Checker, join, showNode } from "./checker.ts";
import { showValue } from "./errors.ts";
import { isNull, type MapNode, type Node } from "./source-tree.ts";

/** Keys of `schedule:` as a mapping. */
export const SCHEDULE_KEYS = ["cron", "timezone", "every"] as const;
const EXPECTED = "a cron expression as `0 12 * * *`, or `every 30s`";
const SHORTEST_MS = 100;
/** setTimeout's limit is no matter here, but a schedule that is longer is a mistyped unit. */
const LONGEST_MS = 366 * 86_400_000;

/** `schedule:` as text (`0 12 * * *`, `CRON_TZ=America/Santiago 0 12 * * *`, `every 30s`) or as a mapping. */
export function readSchedule(checker: Checker, node: Node, key: string): Schedule | undefined {
  if (node.kind === "map") return readScheduleMap(checker, node, key);
  const text = checker.text(node, key, EXPECTED);
  if (text === undefined) return undefined;
  const every = text.match(/^every:?\s+(.+)$/);
  if (every?.[1]) return readEvery(checker, node, key, every[1]);
  const [, zone, expression] = text.match(/^(?:(?:CRON_)?TZ=(\S+)\s+)?(.+)$/) ?? [];
  return readCron(checker, node, key, expression ?? "", zone ?? "UTC");
}

function readScheduleMap(checker: Checker, map: MapNode, key: string): Schedule | undefined {
  checker.unknownKeys(map, key, SCHEDULE_KEYS);
  const at = (name: string) => {
    const value = map.entries.get(name)?.value;
    return value === undefined || isNull(value) ? undefined : value;
  };
  const [cron, zone, every] = [at("cron"), at("timezone"), at("every")];
  if ((cron === undefined) === (every === undefined)) {
    return checker.report(map, key, cron ? "both cron and every" : showNode(map), "one of cron and every");
  }
  if (every) {
    if (zone) checker.report(zone, join(key, "timezone"), showNode(zone), "no time zone with every");
    const text = checker.text(every, join(key, "every"), "a duration as 30s");
    return text === undefined ? undefined : readEvery(checker, every, join(key, "every"), text);
  }
  if (!cron) return undefined;
  const expression = checker.text(cron, join(key, "cron"), "a cron expression as `0 12 * * *`");
  const timeZone = zone ? checker.text(zone, join(key, "timezone"), "a time zone as America/Santiago") : "UTC";
  if (expression === undefined || timeZone === undefined) return undefined;
  return readCron(checker, cron, join(key, "cron"), expression, timeZone);
}

function readEvery(checker: Checker, node: Node, key: string, text: string): Schedule | undefined {
  const intervalMs = parseDuration(text);
  if (intervalMs !== undefined && intervalMs >= SHORTEST_MS && intervalMs <= LONGEST_MS) {
    return { kind: "every", intervalMs };
  }
  return checker.report(node, key, showValue(text), "a duration as 30s, 5m, 1h30m, from 0.1 s to a year");
}

function readCron(
  checker: Checker,
  node: Node,
  key: string,
  expression: string,
  timeZone: string,
): Schedule | undefined {
  const fault = cronFault(expression, timeZone);
  if (fault === undefined) return { kind: "cron", expression, timeZone };
  return checker.report(node, key, showValue(expression), `${EXPECTED} (${fault})`);
}
