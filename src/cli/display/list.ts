// The table of `tcs list`.
import type { HeldBy, ReachedLauncher, ServiceInfo } from "../../client/index.ts";
import type { JsonObject } from "../../common/json.ts";
import { paintFor } from "./colors.ts";
import { inColumns } from "./columns.ts";
import { describeHeld } from "./held.ts";
import { nameOf } from "./names.ts";
import type { RenderOptions } from "./view.ts";
import { clean } from "./width.ts";

/** A service of a launcher; two launchers that both have it give two rows. */
export interface ListRow {
  serviceId: string;
  launcher: string;
  /** The launcher told it now; else it is what was last heard. */
  isCertain: boolean;
  state: string;
  status: string;
  pid?: number | undefined;
  message?: string | undefined;
  heldBy?: HeldBy | undefined;
}

/** What launchers tell, and what was last heard of the services of those that do not answer, in order of id. */
export function chooseRows(services: readonly ServiceInfo[], launchers: readonly ReachedLauncher[]): ListRow[] {
  const told = launchers.flatMap(({ name, services: listed }) =>
    listed.map((service): ListRow => {
      return { ...service, launcher: name, isCertain: true, state: service.state ?? service.status };
    }),
  );
  const silent = new Set(launchers.filter(({ reach }) => reach !== "answers").map(({ name }) => name));
  const heard = services
    .filter((info) => info.kind === "service" && info.declared && info.current && silent.has(info.parent ?? ""))
    .map(({ serviceId, parent = "", status, pid, message, heldBy, running }): ListRow => {
      return {
        serviceId,
        launcher: parent,
        isCertain: false,
        state: running ? "running" : status,
        status,
        pid,
        message,
        heldBy,
      };
    });
  return [...told, ...heard].sort((a, b) => (a.serviceId < b.serviceId ? -1 : a.serviceId > b.serviceId ? 1 : 0));
}

const HEADINGS = ["SERVICE", "STATE", "STATUS", "PID", "LAUNCHER", "MESSAGE"];

export function renderList(rows: readonly ListRow[], options: RenderOptions): string[] {
  const table = rows.map((row) =>
    [
      row.serviceId,
      row.isCertain ? row.state : `${row.state}?`,
      row.status,
      row.pid?.toString() ?? "",
      nameOf(row.launcher, options),
      row.heldBy ? describeHeld(row.heldBy, options.now) : (row.message ?? ""),
    ].map((cell) => clean(cell, options.unicode)),
  );
  const paint = paintFor(options.color);
  // The headings are the first line.
  return inColumns([HEADINGS, ...table], options).map((line, i) =>
    i === 0 || rows[i - 1]?.heldBy ? paint("dim", line) : line,
  );
}

/** Version 1: fields may be added. */
export function listJson(rows: readonly ListRow[], launchers: readonly ReachedLauncher[]): JsonObject {
  return {
    version: 1,
    launchers: launchers.map(({ name, reach, hostname, info }) => ({
      name,
      reach,
      hostname: hostname ?? info?.host,
      heartbeat_age_seconds: info?.heartbeatAgeSeconds,
    })),
    services: rows.map((row) => ({
      service_id: row.serviceId,
      launcher: row.launcher,
      certain: row.isCertain,
      state: row.state,
      status: row.status,
      pid: row.pid,
      message: row.message,
      target: row.heldBy ? "stopped" : "running",
      set_by: row.heldBy?.by,
      set_at: row.heldBy?.at === undefined ? undefined : new Date(row.heldBy.at).toISOString(),
      set_reason: row.heldBy?.reason,
    })),
  };
}
