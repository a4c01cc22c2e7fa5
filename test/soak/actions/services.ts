// Faults of single services: killed, failing, hanging, frozen.
import type { Row } from "../fleet/rows.ts";
import { signal } from "../processes.ts";
import type { Random } from "../random.ts";
import type { Instance } from "../witness.ts";
import type { World } from "../world.ts";
import type { Action, Pause } from "./action.ts";

/** An instance that has run for less may not have told its launcher yet, milliseconds. */
const SETTLED_MS = 1500;

export const serviceActions: Action[] = [
  {
    name: "service killed",
    weight: 4,
    run: crashing(
      "SIGKILL",
      ({ home }) => home === "process" || home === "exec",
      (world, instance) => {
        const found = world.processOf(instance);
        return found !== undefined && signal(found, "SIGKILL");
      },
    ),
  },
  {
    name: "service fails",
    weight: 3,
    run: crashing(
      "throw",
      ({ kind }) => kind === "blocking",
      (world, instance) => {
        world.witness.tell(instance, "throw");
        return true;
      },
    ),
  },
  {
    name: "service exits",
    weight: 2,
    run: crashing(
      "exit 7",
      ({ home }) => home !== "inline",
      (world, instance) => {
        world.witness.tell(instance, "exit");
        return true;
      },
    ),
  },
  {
    name: "service rejects",
    weight: 1,
    run: crashing(
      "unhandled rejection",
      ({ home }) => home === "worker" || home === "process",
      (world, instance) => {
        world.witness.tell(instance, "reject");
        return true;
      },
    ),
  },
  {
    name: "service hangs",
    weight: 1,
    run: crashing(
      "endless loop",
      ({ home }) => home === "worker" || home === "process",
      (world, instance) => {
        world.witness.tell(instance, "spin");
        return true;
      },
    ),
  },
  { name: "service frozen", weight: 1, run: freeze },
];

/** A way to make a service crash, for those rows that it works for. */
function crashing(how: string, fits: (row: Row) => boolean, strike: (world: World, instance: Instance) => boolean) {
  return async (world: World, random: Random): Promise<string | undefined> => {
    const row = random.pick(world.rows.filter((one) => one.kind !== "periodic" && fits(one)));
    const instance = settled(world, row);
    if (!instance) return undefined;
    const at = Date.now();
    world.recoveries.disturb([row.id]);
    if (!strike(world, instance)) return undefined;
    world.onCrash({ id: row.id, host: instance.host, at, how });
    world.recoveries.await(`service ${row.home}: ${how}`, [row.id], true, at);
    return `${row.id} on ${instance.host}: ${how}`;
  };
}

/** A foreign program is never taken for hung: it goes on. Another is ended by its watchdog. */
async function freeze(world: World, random: Random, pause: Pause): Promise<string | undefined> {
  const row = random.pick(
    world.rows.filter(({ home, kind }) => kind !== "periodic" && home !== "worker" && home !== "inline"),
  );
  const lasting = random.between(500, 8000);
  const instance = settled(world, row);
  const found = instance && world.processOf(instance);
  if (!instance || !found) return undefined;
  using _ = world.disturbances.begin(`service ${row.id}`);
  world.recoveries.disturb([row.id]);
  if (!signal(found, "SIGSTOP")) return undefined;
  await pause(lasting);
  signal(found, "SIGCONT");
  return `${row.id} on ${instance.host} frozen for ${(lasting / 1000).toFixed(1)} s`;
}

/** The instance of a service that runs, is wanted, and is left alone. */
function settled(world: World, { id, isListed }: Row): Instance | undefined {
  const instance = world.witness.living(id);
  if (!instance || !isListed || world.desired.of(id).want !== "run") return undefined;
  if (!world.disturbances.isFree(`service ${id}`, `launcher ${instance.host}`)) return undefined;
  return Date.now() - instance.from > SETTLED_MS ? instance : undefined;
}
