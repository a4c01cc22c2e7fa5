// Services that are stopped in order to be started again.
import type { ServiceRunner } from "../service-runner.ts";
import type { ServicesLauncher } from "../services-launcher.ts";

/** Stops that are under way, or over. */
export type Stops = ReadonlyMap<ServiceRunner, Promise<void>>;

/**
 * Begins a service when it has stopped, and when those that it comes after have, if they are to: so it waits until they
 * are back. @param more something else to wait for
 */
export async function startAgain(
  launcher: ServicesLauncher,
  runner: ServiceRunner,
  stops: Stops,
  more?: Promise<unknown>,
): Promise<void> {
  const first = runner.row.after.flatMap((id) => launcher.get(id) ?? []);
  await Promise.all([more, ...[runner, ...first].map((one) => stops.get(one))]);
  launcher.begin([runner]);
}

/** Stops services, those that come after others first, and begins them again. Resolves when all are begun. */
export async function restartSome(
  launcher: ServicesLauncher,
  runners: readonly ServiceRunner[],
  reason: string,
): Promise<void> {
  const stops = launcher.stopSome(runners, reason);
  await Promise.all(runners.map((runner) => startAgain(launcher, runner, stops)));
}
