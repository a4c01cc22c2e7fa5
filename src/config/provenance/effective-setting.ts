// What counts of each setting of a row, in the words and units of the file. One entry for each of ROW_KEYS.
import type { Json } from "../../common/json.ts";
import type { Schedule } from "../../common/schedule.ts";
import type { ROW_KEYS, ServiceRow } from "../types.ts";

type RowKey = (typeof ROW_KEYS)[number];

const EFFECTIVE: Record<RowKey, (row: ServiceRow) => Json | undefined> = {
  type: (row) => row.type,
  variant: (row) => row.variant,
  instance_context: (row) => row.variant,
  instance: (row) => row.variant,
  module: ({ module }) =>
    module.kind === "file" ? module.path : module.kind === "builtin" ? "in the binary" : undefined,
  // Its variables, which may be secret, are not filled in.
  command: ({ module }) => (module.kind === "program" ? module.written : undefined),
  launcher: (row) => row.home,
  group: (row) => row.group,
  restart: ({ restart }) => restart.policy,
  restart_sec: ({ restart }) => restart.delayMs / 1000,
  restart_max: ({ restart }) => restart.max,
  restart_window: ({ restart }) => restart.windowMs / 1000,
  restart_backoff: ({ restart }) => restart.backoff,
  restart_sec_max: ({ restart }) => restart.maxDelayMs / 1000,
  schedule: ({ timetable }) => timetable && scheduleText(timetable.schedule),
  overlap: ({ timetable }) => timetable?.overlap,
  missed: ({ timetable }) => timetable?.missed,
  watchdog_sec: ({ watchdogMs }) => (watchdogMs === undefined ? undefined : watchdogMs / 1000),
  standby: (row) => row.standby,
  config_reload: (row) => row.configReload,
  log_level: (row) => row.logLevel,
  after: ({ after }) => (after.length > 0 ? after : undefined),
  runner_id: (row) => row.runnerId,
};

/** Undefined: there is none. */
export function effectiveSetting(key: RowKey, row: ServiceRow): Json | undefined {
  return EFFECTIVE[key](row);
}

/** As it would be written in the file. */
function scheduleText(schedule: Schedule): string {
  if (schedule.kind === "every") return `every ${schedule.intervalMs / 1000}s`;
  const zone = schedule.timeZone === "UTC" ? "" : `CRON_TZ=${schedule.timeZone} `;
  return `${zone}${schedule.expression}`;
}
