// Faults of launchers and their hosts: killed, ended, frozen, the power cut.
import { LAUNCHERS, type LauncherName } from "../fleet/rows.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import type { Action, Pause } from "./action.ts";

/** That of `steady` is watched from the first minute to the last, so it is never ended. */
const MORTAL = ["north", "south"] as const;

export const launcherActions: Action[] = [
  { name: "launcher killed", weight: 1.5, run: ending(async (world, name) => void world.host(name).signal("SIGKILL")) },
  {
    name: "launcher ended",
    weight: 0.7,
    run: ending(async (world, name) => {
      world.host(name).signal("SIGTERM");
      const code = await world.host(name).ended();
      // Asked to end, it ends in good order, whatever is broken at that moment.
      if (code !== 143 && code !== 0)
        world.journal.violation("clean end", `${name} ${Date.now()}`, `${name} ended with code ${code}`);
    }),
  },
  { name: "host lost", weight: 0.7, run: ending((world, name) => world.host(name).powerOff()) },
  { name: "launcher frozen", weight: 0.7, run: freeze },
];

function ending(end: (world: World, name: LauncherName) => Promise<void>) {
  return async function (this: Action, world: World, random: Random, pause: Pause): Promise<string | undefined> {
    const name = random.pick(MORTAL);
    const awayMs = random.between(200, 12_000);
    if (!world.disturbances.isFree(`launcher ${name}`, `state ${name}`)) return undefined;
    const disturbance = world.disturbances.begin(`launcher ${name}`, `state ${name}`);
    const own = world.wanted(({ launchers }) => launchers.length === 1 && launchers[0] === name);
    world.recoveries.disturb(world.wanted(({ launchers }) => launchers.includes(name)));
    await end(world, name);
    await world.host(name).ended();
    await pause(awayMs);
    if (world.host(name).needsBoot) await world.host(name).boot();
    world.cutOffs.launcherBegins(name);
    await world.host(name).launch();
    disturbance[Symbol.dispose]();
    world.recoveries.await(this.name, own, true);
    return `${name}, away for ${(awayMs / 1000).toFixed(1)} s`;
  };
}

async function freeze(world: World, random: Random, pause: Pause): Promise<string | undefined> {
  const name = random.pick(LAUNCHERS);
  const lastingMs = random.between(500, 15_000);
  if (!world.disturbances.isFree(`launcher ${name}`)) return undefined;
  using _ = world.disturbances.begin(`launcher ${name}`);
  using _cut = world.cutOffs.begin([name]);
  const touched = world.wanted(({ launchers }) => launchers.length === 1 && launchers[0] === name);
  world.recoveries.disturb(touched);
  if (!world.host(name).signal("SIGSTOP")) return undefined;
  await pause(lastingMs);
  world.host(name).signal("SIGCONT");
  world.recoveries.await("launcher frozen", touched, false);
  return `${name} for ${(lastingMs / 1000).toFixed(1)} s`;
}
