// Faults of the broker and of the ways to it.
import { LAUNCHERS, type LauncherName } from "../fleet/rows.ts";
import type { LinkState } from "../link.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import type { Action, Pause } from "./action.ts";

export const brokerActions: Action[] = [
  { name: "broker killed", weight: 0.8, run: ending((world) => world.broker.kill()) },
  { name: "broker ended", weight: 0.4, run: ending((world) => world.broker.stop()) },
  { name: "link slow", weight: 1, run: linkBecoming("slow") },
  { name: "link black", weight: 1, run: linkBecoming("black") },
  { name: "link deaf", weight: 0.6, run: linkBecoming("deaf") },
  { name: "link half-open", weight: 0.8, run: linkBecoming("half-open") },
  { name: "link cut", weight: 0.8, run: linkBecoming("cut") },
];

function ending(end: (world: World) => Promise<void>) {
  return async function (this: Action, world: World, random: Random, pause: Pause): Promise<string | undefined> {
    const awayMs = random.between(200, 12_000);
    if (!world.disturbances.isFree("broker")) return undefined;
    using _ = world.disturbances.begin("broker");
    using _cut = world.cutOffs.begin(LAUNCHERS);
    world.recoveries.disturb(world.wanted());
    await end(world);
    await pause(awayMs);
    await world.broker.start();
    world.recoveries.await(this.name, heardBy(world, LAUNCHERS), false);
    return `for ${(awayMs / 1000).toFixed(1)} s`;
  };
}

function linkBecoming(state: LinkState) {
  return async function (this: Action, world: World, random: Random, pause: Pause): Promise<string | undefined> {
    const name = random.pick(LAUNCHERS);
    const lastingMs = random.between(500, 16_000);
    const delayMs = random.between(50, 800);
    if (!world.disturbances.isFree(`link ${name}`)) return undefined;
    using _ = world.disturbances.begin(`link ${name}`);
    using _cut = state === "slow" ? undefined : world.cutOffs.begin([name]);
    world.recoveries.disturb(heardBy(world, [name]));
    world.link(name).become(state, delayMs);
    await pause(lastingMs);
    world.link(name).become("clear");
    world.recoveries.await(this.name, heardBy(world, [name]), false);
    return `of ${name} for ${(lastingMs / 1000).toFixed(1)} s${state === "slow" ? `, ${Math.round(delayMs)} ms each way` : ""}`;
  };
}

/** What runs on these hosts now, and is wanted. */
function heardBy(world: World, names: readonly LauncherName[]): string[] {
  const hosts: readonly string[] = names;
  return world.wanted().filter((id) => hosts.includes(world.witness.living(id)?.host ?? ""));
}
