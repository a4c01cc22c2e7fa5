// Changes of the configuration: a value, a home, a row that goes and comes back, a file that is none.
import type { Place, Row } from "../fleet/rows.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import type { Action, Pause } from "./action.ts";

export const configurationActions: Action[] = [
  { name: "value changed", weight: 2, run: changeValue },
  { name: "home changed", weight: 1, run: changeHome },
  { name: "row taken out and put back", weight: 1, run: takeOut },
  { name: "file broken", weight: 0.5, run: breakFile },
];

async function changeValue(world: World, random: Random): Promise<string | undefined> {
  const row = random.pick(world.rows.filter(({ home }) => home !== "exec"));
  if (!row.isListed || !world.disturbances.isFree(`service ${row.id}`)) return undefined;
  using _ = world.disturbances.begin(`service ${row.id}`);
  world.recoveries.disturb([row.id]);
  row.tempo = random.pick([0.5, 2, 3]);
  const codes = await reload(world, row, random);
  return `${row.id}: tempo ${row.tempo} (${codes.join(", ")})`;
}

/** And back: a launcher with another share of processes has other memory, and other files open, at rest. */
async function changeHome(world: World, random: Random, pause: Pause): Promise<string | undefined> {
  const row = random.pick(world.rows.filter(({ kind }) => kind === "blocking"));
  const awayMs = random.between(500, 10_000);
  if (!row.isListed || !world.disturbances.isFree(`service ${row.id}`)) return undefined;
  using _ = world.disturbances.begin(`service ${row.id}`);
  const { home } = row;
  const other = random.pick((["worker", "process", "inline"] satisfies Place[]).filter((place) => place !== home));
  world.recoveries.disturb([row.id]);
  row.home = other;
  const codes = await reload(world, row, random);
  await pause(awayMs);
  world.recoveries.disturb([row.id]);
  row.home = home;
  codes.push(...(await reload(world, row, random)));
  return `${row.id}: home ${other} for ${(awayMs / 1000).toFixed(1)} s (${codes.join(", ")})`;
}

async function takeOut(world: World, random: Random, pause: Pause): Promise<string | undefined> {
  const row = random.pick(world.rows);
  const awayMs = random.between(500, 10_000);
  if (!row.isListed || !world.disturbances.isFree(`service ${row.id}`) || world.desired.of(row.id).want !== "run")
    return undefined;
  using _ = world.disturbances.begin(`service ${row.id}`);
  world.recoveries.disturb([row.id]);
  world.desired.set(row.id, "unknown");
  row.isListed = false;
  const codes = await reload(world, row, random);
  if (codes.every((code) => code === 0)) world.desired.set(row.id, "stop");
  await pause(awayMs);
  world.desired.set(row.id, "unknown");
  row.isListed = true;
  const at = Date.now();
  const back = await reload(world, row, random);
  world.desired.set(row.id, "run");
  if (row.kind !== "periodic" && [...codes, ...back].every((code) => code === 0)) {
    world.recoveries.await("row put back", [row.id], true, at);
  }
  return `${row.id} for ${(awayMs / 1000).toFixed(1)} s (${[...codes, ...back].join(", ")})`;
}

/** Nothing changes, and it is told what is wrong. */
async function breakFile(world: World, random: Random): Promise<string | undefined> {
  const row = random.pick(world.rows);
  const [name] = row.launchers;
  if (name === undefined || !world.disturbances.isFree(`file ${name}`, `launcher ${name}`)) return undefined;
  using _ = world.disturbances.begin(`file ${name}`);
  world.files.write(name, "  - {type: blocking, variant: [\n");
  const { code, said } = await world.operator.order("reload", name);
  world.files.write(name);
  if (code === 0)
    world.journal.violation("broken file refused", `${name} ${Date.now()}`, `tcs reload took it: ${said}`);
  return `${name}: reload ${code}`;
}

/** Has all its launchers read it: by order, or by a signal, and by that too where the order did not arrive. */
async function reload(world: World, row: Row, random: Random): Promise<number[]> {
  const codes: number[] = [];
  const bySignal = random.next() < 0.2;
  for (const name of row.launchers) {
    const file = `file ${name}`;
    // Somebody else is at it, who may not be told of what is not his doing.
    while (!world.disturbances.isFree(file)) await Bun.sleep(LOOK_MS);
    using _ = world.disturbances.begin(file);
    world.files.write(name);
    const code = bySignal ? NOT_ASKED : (await world.operator.order("reload", name)).code;
    if (code !== 0) world.host(name).hangUp();
    codes.push(code);
  }
  return codes;
}

const LOOK_MS = 20;

/** In place of an exit code: only the signal was sent. */
const NOT_ASKED = -1;
