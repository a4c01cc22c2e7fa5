// Brings the fleet that runs to what its file asks for, and leaves alone whatever is the same.
import type { FleetConfig } from "../../config/types.ts";
import type { ServiceRunner } from "../service-runner.ts";
import type { ServicesLauncher } from "../services-launcher.ts";
import type { FleetChange, RowChange } from "./fleet-change.ts";
import { startAgain } from "./start-again.ts";
import { type Told, tellAll } from "./told.ts";

export interface Applied {
  begun: readonly ServiceRunner[];
  told: Promise<Told[]>;
}

/**
 * Stops what was removed, gives every service its new row, restarts those that need it, and claims what was added once
 * what was removed has ended (it may be the same thing under another name). Of a change nobody sees half: all rows are
 * new at one moment, whoever starts a service after that.
 * @param by who wants it
 * @returns when all stops are over: the services that were begun, which may still be starting, and what those say that
 *   were told their new values, which is not waited for
 */
export async function applyChange(
  launcher: ServicesLauncher,
  change: FleetChange,
  fleet: FleetConfig,
  by: string,
): Promise<Applied> {
  const runnersOf = (rows: readonly { id: string }[]) => rows.flatMap(({ id }) => launcher.get(id) ?? []);
  const leaving = change.removed.flatMap(({ id }) => launcher.family(id));
  const anew = runnersOf(
    change.changed.filter((one) => beginsAnew(one, launcher.get(one.row.id))).map(({ row }) => row),
  );
  const goingOn = runnersOf(change.changed.map(({ row }) => row)).filter((runner) => !anew.includes(runner));
  for (const runner of leaving) launcher.retire(runner, by);
  // The order of the stops is that of the rows as they were.
  const stops = launcher.stopSome([...leaving, ...anew], `reload by ${by}`);
  launcher.fleet = fleet;
  for (const row of fleet.services) launcher.reconfigure(row);
  const joining = change.added.map((row) => launcher.add(row));
  const isTold = new Set(change.changed.filter(({ effect }) => effect === "told").map(({ row }) => row.id));
  const told = tellAll(
    change.changed.filter(({ effect }) => effect === "told"),
    launcher,
  );
  for (const runner of goingOn.filter(({ id, elsewhere }) => !elsewhere && !isTold.has(id))) {
    runner.declare();
    if (runner.row.configReload === "ignore") for (const { config } of launcher.family(runner.id)) config?.ignore();
  }
  const whenStopped = (runners: readonly ServiceRunner[]) => Promise.all(runners.map((runner) => stops.get(runner)));
  const joined = whenStopped(leaving).then(async () => {
    await Promise.all(leaving.map((runner) => launcher.remove(runner)));
    if (!launcher.isEnding) await launcher.possession.claim(joining);
  });
  const comesAfterNew = ({ row }: ServiceRunner) => change.added.some(({ id }) => row.after.includes(id));
  // A new one that another waits for must be known to be ours, or not.
  const restarted = anew.map((runner) =>
    startAgain(launcher, runner, stops, comesAfterNew(runner) ? joined : undefined),
  );
  const reclaimed = claimAnew(
    launcher,
    runnersOf(change.changed.filter(({ keys }) => keys.includes("standby")).map(({ row }) => row)),
  );
  await Promise.all([joined, reclaimed, ...restarted]);
  return { begun: [...anew, ...joining], told };
}

/** Services that others have are waited for now, or no longer. */
async function claimAnew({ possession }: ServicesLauncher, runners: readonly ServiceRunner[]): Promise<void> {
  const others = runners.filter(({ elsewhere }) => elsewhere);
  await Promise.all(others.map((runner) => possession.drop(runner)));
  await possession.claim(others);
}

/** Whether a changed service is started anew: if its change needs that, or if it does not run and might now. */
function beginsAnew({ effect, row }: RowChange, runner: ServiceRunner | undefined): boolean {
  if (effect !== "live") return effect === "restart";
  if (!runner || runner.elsewhere || runner.heldBy || row.timetable) return false;
  switch (runner.state) {
    case "pending":
    case "waiting":
      return true;
    case "ended":
      return runner.hasFailed;
    case "idle":
    case "starting":
    case "running":
    case "stopping":
      return false;
    default:
      return runner.state satisfies never;
  }
}
