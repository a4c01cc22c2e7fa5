// Services that are told their new values while they run: which can be, and what came of it.
import type { ServiceRunner } from "../service-runner.ts";
import type { ServicesLauncher } from "../services-launcher.ts";
import type { Effect, FleetChange, RowChange } from "./fleet-change.ts";

/** What a service, or one that runs beside it, made of its new values. */
export interface Told {
  id: string;
  /**
   * `applied`, `unchanged`: it has them. `refused`: it keeps the old ones. `restarted`: it could not take them, and was
   * started anew. `ended`: it ended meanwhile. `pending`: it has not answered yet, or does not run yet.
   */
  result: "applied" | "unchanged" | "refused" | "restarted" | "ended" | "pending";
  keys: readonly string[];
  /** Of `refused`. */
  reason?: string;
}

/** The same change, for services as they are now: who cannot be told is restarted, or takes the new values when it starts. */
export function withToldAsTheyAre(change: FleetChange, launcher: Pick<ServicesLauncher, "get">): FleetChange {
  const changed = change.changed.map((one): RowChange => {
    const runner = launcher.get(one.row.id);
    return one.effect === "told" && runner ? { ...one, effect: effectNow(one, runner) } : one;
  });
  return { ...change, changed };
}

function effectNow({ row }: RowChange, runner: ServiceRunner): Effect {
  const isLive = row.configReload === "live";
  const otherwise: Effect = row.timetable ? "next run" : "restart";
  switch (runner.state) {
    case "running":
      return isLive || runner.config?.hears ? "told" : otherwise;
    case "starting":
      // Whether it can be told is not known yet; it has done nothing that a restart would spoil.
      return isLive ? "told" : otherwise;
    case "idle":
    case "pending":
    case "waiting":
    case "stopping":
    case "ended":
      return isLive && !row.timetable ? "live" : otherwise;
    default:
      return runner.state satisfies never;
  }
}

/** Begins to tell services. Resolves when all have answered. Never rejects. */
export async function tellAll(changes: readonly RowChange[], launcher: ServicesLauncher): Promise<Told[]> {
  const told = changes.flatMap(({ row, keys }) =>
    launcher.family(row.id).map(async ({ id, config }): Promise<Told[]> => {
      // One that runs beside it when it is due: at rest.
      if (!config) return [];
      const outcome = await config.tell();
      switch (outcome.result) {
        case "applied":
          return [{ id, result: "applied", keys: outcome.keys }];
        case "unchanged":
        case "ended":
          return [{ id, result: outcome.result, keys }];
        case "refused":
          return [{ id, result: "refused", keys, reason: outcome.reason }];
        case "unfit":
          // Its file has changed too: with both it is as the configuration says. Unless it is not to be restarted for that, or
          // is a run that ends anyway.
          return row.configReload === "live" || row.timetable
            ? [{ id, result: "refused", keys, reason: outcome.reason }]
            : [{ id, result: "restarted", keys }];
        default:
          return outcome satisfies never;
      }
    }),
  );
  return (await Promise.all(told)).flat();
}

/** Services whose values did not change now, and which have refused them before. */
export function stillRefusing(change: FleetChange, launcher: Pick<ServicesLauncher, "get">): Told[] {
  return change.unchanged.flatMap(({ id }): Told[] => {
    const note = launcher.get(id)?.config?.note;
    return note?.result === "refused"
      ? [{ id, result: "refused", keys: note.keys, reason: note.reason ?? "it refused them" }]
      : [];
  });
}
