// What a launcher and its services tell the NATS services protocol of themselves.
import type { Announcement } from "../../messaging/index.ts";
import type { LauncherName } from "../launcher-id.ts";
import type { ServiceRunner } from "../service-runner.ts";
import type { Answerer } from "./replies.ts";

/** @param commands as `list`, `start.<id>` */
export function announceLauncher(name: LauncherName, host: string, commands: readonly string[]): Announcement {
  return {
    kind: "tcs-launcher",
    description: "Launcher of telescope control services",
    metadata: () => ({ service_id: name.monitorName, launcher: name.id, host, pid: String(process.pid) }),
    commands: () => commands.map((command) => command.replace(/<id>$/, "")),
  };
}

export function announceService(
  runner: ServiceRunner,
  { launcherId, hostname }: Answerer,
  { monitorName }: LauncherName,
): Announcement {
  const { row } = runner;
  return {
    kind: row.type,
    description: `Service ${row.id}`,
    metadata: () => ({
      service_id: row.id,
      type: row.type,
      variant: row.variant,
      launcher: launcherId,
      parent: monitorName,
      runner_id: runner.runnerId ?? "",
      host: hostname,
      pid: String(runner.pid ?? ""),
    }),
    commands: () => ["health", "stats", ...runner.commands],
    dataOf: (command) => (command === "health" ? { status: runner.status.status } : undefined),
    // Between two lives, or stopped, it is not there to be asked.
    isUp: () => runner.pid !== undefined,
  };
}
