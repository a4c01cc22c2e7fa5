// Orders of an operator: stop and start, restart.
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import type { Action, Pause } from "./action.ts";

export const orderActions: Action[] = [
  { name: "stopped and started by order", weight: 3, run: stopAndStart },
  { name: "restarted by order", weight: 1.5, run: restart },
];

async function stopAndStart(world: World, random: Random, pause: Pause): Promise<string | undefined> {
  const { id, kind } = random.pick(world.rows);
  const heldMs = random.between(500, 15_000);
  if (!mayOrder(world, id)) return undefined;
  using _ = world.disturbances.begin(`service ${id}`);
  world.recoveries.disturb([id]);
  world.desired.set(id, "unknown");
  const stop = await world.operator.order("stop", id, "--reason", "soak");
  world.desired.set(id, stop.code === 0 ? "stop" : "unknown", !stop.results.some(({ not_kept }) => not_kept));
  await pause(heldMs);
  world.desired.set(id, "unknown");
  const at = Date.now();
  const start = await world.operator.order("start", id);
  if (start.code !== 0) return `${id}: stop ${stop.code}, start ${start.code} ${start.said}`;
  world.desired.set(id, "run");
  if (kind !== "periodic" && stop.code === 0) world.recoveries.await("start by order", [id], true, at);
  return `${id}: stop ${stop.code}, held for ${(heldMs / 1000).toFixed(1)} s`;
}

async function restart(world: World, random: Random): Promise<string | undefined> {
  const { id } = random.pick(world.rows.filter(({ kind }) => kind !== "periodic"));
  if (!mayOrder(world, id) || world.desired.of(id).want !== "run") return undefined;
  using _ = world.disturbances.begin(`service ${id}`);
  const at = Date.now();
  const { code, said } = await world.operator.order("restart", id);
  if (code === 0) world.recoveries.await("restart by order", [id], true, at);
  return `${id}: ${code} ${said}`;
}

const mayOrder = (world: World, id: string): boolean =>
  world.disturbances.isFree(`service ${id}`) && world.rows.some((row) => row.id === id && row.isListed);
