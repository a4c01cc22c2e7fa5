// A soak: rounds in which a fleet is disturbed, each followed by a calm in which all must be well again; then its end.

import { canMakeHosts } from "../support/hosts.ts";
import { ACTIONS } from "./actions/table.ts";
import { LAUNCHERS } from "./fleet/rows.ts";
import { Doubles } from "./invariants/doubles.ts";
import { Events, registryReader } from "./invariants/events.ts";
import { Flat } from "./invariants/flat.ts";
import type { Invariant } from "./invariants/invariant.ts";
import { Orphans } from "./invariants/orphans.ts";
import { TrueStatus } from "./invariants/status.ts";
import { Wishes } from "./invariants/wishes.ts";
import type { SoakOptions } from "./options.ts";
import { planRound, type Step } from "./plan.ts";
import { Random } from "./random.ts";
import { Repeated } from "./repeated.ts";
import type { SoakResult } from "./report.ts";
import { comesToRest } from "./rest.ts";
import type { World } from "./world.ts";

const ROUND_MS = 60_000;
/** Where the whole run is short, this part of it. */
const SHORT_ROUND = 0.4;
/** From the last fault until all is well, milliseconds. */
const REST_LIMIT_MS = 60_000;

/** How often each is looked at, milliseconds. */
const LOOK_MS = { instances: 250, processes: 1000, broker: 2000, status: 4000, recoveries: 20 };

/** Runs it, to its time's end or until `enough` is aborted. */
export async function soak(world: World, options: SoakOptions, enough: AbortSignal): Promise<SoakResult> {
  const { journal, witness, cutOffs, disturbances, desired, rows } = world;
  const ids = rows.map(({ id }) => id);
  const stretch = (milliseconds: number) => milliseconds * world.slowness.factor;
  const shared = { ids, witness, cutOffs, stretch, journal };
  const doubles = new Doubles({ ...shared, processes: world.seen });
  const orphans = new Orphans({ processes: world.seen, owners: () => ownPids(world), stretch, journal });
  const wishes = new Wishes({ ...shared, desired });
  const read = registryReader(() => world.ears.connection.jetstreamManager());
  const events = new Events({ read, disturbances, stretch, journal });
  const status = new TrueStatus({ rows, read: () => world.operator.status(), witness, disturbances, stretch, journal });
  const flat = new Flat(journal);
  world.onCrash = (crash) => events.expect(crash);
  const done = new Map<string, { done: number; skipped: number }>();
  for (const name of LAUNCHERS) await world.host(name).launch();
  const begun = performance.now();
  const isOver = () => enough.aborted || performance.now() - begun >= options.minutes * 60_000;

  await using looks = new Repeated(journal);
  const look = (everyMs: number, ...invariants: Invariant[]) =>
    looks.every(everyMs, async () => {
      for (const invariant of invariants) await invariant.look(Date.now());
    });
  looks.every(LOOK_MS.processes, () => world.lookAtProcesses());
  look(LOOK_MS.processes, orphans);
  look(LOOK_MS.instances, doubles, wishes);
  look(LOOK_MS.broker, events);
  look(LOOK_MS.status, status);
  looks.every(LOOK_MS.recoveries, () => world.recoveries.look(Date.now()));

  await comesToRest(world, stretch(REST_LIMIT_MS), "after its start");
  const chance = new Random(options.seed);
  const actions = options.only.length > 0 ? ACTIONS.filter(({ name }) => options.only.includes(name)) : ACTIONS;
  let rounds = 0;
  const restMs: number[] = [];
  for (; !isOver(); rounds++) {
    journal.note(`--- round ${rounds + 1}`);
    const lengthMs = Math.min(ROUND_MS, options.minutes * 60_000 * SHORT_ROUND);
    await disturb(world, planRound(actions, chance.fork(), lengthMs), done, enough);
    const calm = performance.now();
    await comesToRest(world, stretch(REST_LIMIT_MS), `after round ${rounds + 1}`);
    restMs.push(performance.now() - calm);
    const pid = world.host("steady").launcherPid;
    if (pid === undefined) journal.violation("launcher runs", "steady", "the launcher of steady has ended");
    else flat.sample(pid);
  }
  await events.look(Date.now());
  await endsInOrder(world, stretch);
  await orphans.look(Date.now());
  return {
    options,
    minutes: journal.elapsed / 60,
    rounds,
    services: ids.length,
    onHosts: canMakeHosts,
    done,
    restMs,
    recoveries: world.recoveries.results,
    samples: flat.samples,
    violations: journal.violations,
    seen: {
      events: events.count,
      crashesTold: events.told,
      crashesNotJudged: events.notJudged,
      doublesAllowed: doubles.allowed,
      longestOrphanMs: orphans.longestMs,
      statusLooks: status.looks,
      wrongMs: status.wrongMs,
      slowness: world.slowness.worst,
    },
  };
}

/** Carries out a plan, then ends whatever of it still goes on. */
async function disturb(
  world: World,
  steps: Step[],
  done: Map<string, { done: number; skipped: number }>,
  enough: AbortSignal,
) {
  const calm = new AbortController();
  const stop = () => calm.abort();
  enough.addEventListener("abort", stop);
  const pause = (milliseconds: number) => untilCalm(milliseconds, calm.signal);
  const begun = performance.now();
  const going: Promise<void>[] = [];
  for (const { atMs, action, random } of steps) {
    await pause(begun + atMs - performance.now());
    if (calm.signal.aborted) break;
    going.push(carryOut(world, action, random, pause, done));
  }
  calm.abort();
  enough.removeEventListener("abort", stop);
  await Promise.all(going);
}

async function carryOut(
  world: World,
  action: Step["action"],
  random: Random,
  pause: (milliseconds: number) => Promise<void>,
  done: Map<string, { done: number; skipped: number }>,
): Promise<void> {
  const count = done.get(action.name) ?? { done: 0, skipped: 0 };
  done.set(action.name, count);
  const began = world.journal.elapsed.toFixed(2);
  try {
    const what = await action.run(world, random, pause);
    if (what === undefined) count.skipped++;
    else {
      count.done++;
      world.journal.note(`${action.name}: ${what} (since ${began})`);
    }
  } catch (error) {
    world.journal.violation("the soak itself", `${action.name} ${began}`, `${action.name}: ${String(error)}`);
  }
}

function untilCalm(milliseconds: number, calm: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (calm.aborted || milliseconds <= 0) return resolve();
    const end = () => {
      clearTimeout(timer);
      calm.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    calm.addEventListener("abort", end);
  });
}

/** All launchers are told to end: they do, in good order, and nothing is left of them. */
async function endsInOrder(world: World, stretch: (milliseconds: number) => number): Promise<void> {
  const { journal } = world;
  journal.note("--- end");
  for (const name of LAUNCHERS) world.host(name).signal("SIGTERM");
  for (const name of LAUNCHERS) {
    const code = await world.host(name).ended(stretch(30_000));
    if (code !== 0 && code !== 143) journal.violation("clean end", name, `${name} ended with code ${code}`);
  }
  const deadline = performance.now() + stretch(6000);
  do {
    await Bun.sleep(200);
    world.lookAtProcesses();
  } while (world.seen().length > 0 && performance.now() < deadline);
  for (const { pid, command, launcher } of world.seen()) {
    journal.violation("no orphans", `left ${pid}`, `process ${pid} of ${launcher} is left after the end: ${command}`);
  }
}

function ownPids(world: World): number[] {
  return [process.pid, ...LAUNCHERS.flatMap((name) => world.host(name).ownPids)];
}
