// Faults of the disk below a state folder: full, and free again.
import { LAUNCHERS } from "../fleet/rows.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import type { Action, Pause } from "./action.ts";

export const diskActions: Action[] = [{ name: "state folder full", weight: 1, run: fill }];

async function fill(world: World, random: Random, pause: Pause): Promise<string | undefined> {
  const name = random.pick(LAUNCHERS);
  const lastingMs = random.between(1000, 15_000);
  if (!world.disturbances.isFree(`state ${name}`)) return undefined;
  using _ = world.disturbances.begin(`state ${name}`);
  if (!world.disks.fill(name)) return undefined;
  await pause(lastingMs);
  world.disks.free(name);
  return `of ${name} for ${(lastingMs / 1000).toFixed(1)} s`;
}
