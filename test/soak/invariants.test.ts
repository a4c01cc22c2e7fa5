// Each invariant of a soak can fail: it is given what must not be, and tells it.
import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";
import { CutOffs } from "./cut-off.ts";
import { Desired } from "./desired.ts";
import { PROGRAMS } from "./fleet/programs.ts";
import { fleetRows } from "./fleet/rows.ts";
import { Doubles } from "./invariants/doubles.ts";
import { mayFollow } from "./invariants/event-order.ts";
import { Events, type EventsOptions, type RegistryEvent } from "./invariants/events.ts";
import { Flat } from "./invariants/flat.ts";
import { Orphans } from "./invariants/orphans.ts";
import { TrueStatus } from "./invariants/status.ts";
import { Wishes } from "./invariants/wishes.ts";
import type { Shown } from "./operator.ts";
import { MARK, Processes } from "./processes.ts";
import { type Instance, Witness } from "./witness.ts";

const ID = "foreign.steady-exec-0";
const exactly = (milliseconds: number) => milliseconds;
const atOnce = () => 0;
const nothing = () => [];
const undisturbed = { touchedSince: () => false, calmMs: () => Number.MAX_SAFE_INTEGER };

/** What an invariant tells. */
function listener() {
  const said: string[] = [];
  return {
    said,
    elapsed: 0,
    note: () => undefined,
    violation: (_: string, __: string, what: string) => void said.push(what),
  };
}

const instance = (about: Partial<Instance>): Instance => ({
  id: ID,
  life: crypto.randomUUID(),
  pid: 7,
  host: "north",
  from: 0,
  until: 0,
  ...about,
});

/** Really starts the foreign program of the fleet, as a launcher does. */
async function programs(witness: Witness, run: string) {
  const folder = tempFolder();
  const path = await folder.write("foreign.sh", PROGRAMS["foreign.sh"] ?? "");
  chmodSync(path, 0o755);
  const children: Bun.Subprocess[] = [];
  return {
    start() {
      const env = {
        PATH: process.env.PATH,
        [MARK]: `${run}/north`,
        TCS_SOAK_WITNESS: String(witness.port),
        TCS_SOAK_HOST: "north",
      };
      const child = Bun.spawn([path, ID], {
        env: { ...env, TCS_SERVICE_ID: ID },
        stdio: ["ignore", "ignore", "ignore"],
      });
      children.push(child);
      return child;
    },
    async [Symbol.asyncDispose]() {
      // What they have left in sessions of their own, too.
      for (const { pid } of new Processes(run).look()) process.kill(pid, "SIGKILL");
      for (const { exited } of children) await exited;
      folder[Symbol.dispose]();
    },
  };
}

test("a stray second instance is reported, by its own word and by /proc; one after the other is none", async () => {
  const run = crypto.randomUUID();
  using witness = new Witness();
  await using fleet = await programs(witness, run);
  const processes = new Processes(run);
  const told = listener();
  const seen = () => processes.look();
  const doubles = new Doubles({
    ids: [ID],
    witness,
    processes: seen,
    cutOffs: new CutOffs(),
    stretch: exactly,
    journal: told,
  });
  const first = fleet.start();
  await waitFor("the first", () => witness.living(ID));
  first.kill("SIGKILL");
  await first.exited;
  fleet.start();
  await waitFor("the second", () => witness.livesOf(ID).length === 2);
  doubles.look();
  doubles.look();
  expect(told.said).toEqual([]);
  fleet.start();
  await waitFor("it to be told", () => {
    doubles.look();
    return told.said.some((what) => what.includes("ran twice")) && told.said.some((what) => what.includes("processes"));
  });
});

test("two instances on two hosts are reported, unless one host was cut off for longer than a lease, and yields in time", () => {
  const lives = [instance({ from: 20_000, until: 60_000 }), instance({ host: "south", from: 55_000, until: 90_000 })];
  const tell = (cut: { from: number; until: number } | undefined) => {
    const told = listener();
    const cutOffs = new CutOffs();
    if (cut) cutOffs.of("north").push({ ...cut, hasBegunInside: false });
    new Doubles({
      ids: [ID],
      witness: { livesOf: () => lives },
      processes: nothing,
      cutOffs,
      stretch: exactly,
      journal: told,
    }).look();
    return told.said.length;
  };
  expect(tell(undefined)).toBe(1);
  expect(tell({ from: 40_000, until: 58_000 })).toBe(0);
  // Not long enough for a lease to end; over long before.
  expect(tell({ from: 54_000, until: 58_000 })).toBe(1);
  expect(tell({ from: 20_000, until: 45_000 })).toBe(1);
});

test("a process whose parent is gone is reported, and so is a zombie; what has a parent is not", async () => {
  const run = crypto.randomUUID();
  const processes = new Processes(run);
  const told = listener();
  const orphans = new Orphans({
    processes: () => processes.look(),
    owners: () => [process.pid],
    stretch: atOnce,
    journal: told,
  });
  const start = (script: string) =>
    Bun.spawn(["sh", "-c", script], {
      env: { PATH: process.env.PATH, [MARK]: `${run}/north` },
      stdin: "pipe",
      stdout: "ignore",
    });
  const child = start("sleep 1000 & read -r line; exit");
  try {
    await waitFor("both", () => processes.look().length === 2);
    orphans.look(1);
    orphans.look(2);
    expect(told.said).toEqual([]);
    child.kill("SIGKILL");
    await child.exited;
    await waitFor("it to be told", () => {
      orphans.look(Date.now());
      return told.said.some((what) => what.includes("without a parent: sleep 1000"));
    });
    const careless = start("sleep 1000 & exec sleep 1000");
    const victim = await waitFor("its child", () => processes.look().find(({ parent }) => parent === careless.pid));
    process.kill(victim.pid, "SIGKILL");
    await waitFor("the zombie to be told", () => {
      orphans.look(Date.now());
      return told.said.some((what) => what.includes(`a zombie of process ${careless.pid}`));
    });
  } finally {
    for (const { pid, isZombie } of processes.look()) if (!isZombie) process.kill(pid, "SIGKILL");
  }
});

test("an order of events that cannot be is none", () => {
  const story = ["declared", "start", "ready", "crashed", "restarting", "start", "ready", "stopping", "stop", "start"];
  expect(story.every((event, index) => mayFollow(story.slice(0, index), event))).toBe(true);
  for (const [before, after] of [
    ["ready", "start"],
    ["ready", "restarting"],
    ["crashed", "ready"],
    ["stop", "crashed"],
  ] as const) {
    expect(mayFollow(["declared", before], after)).toBe(false);
  }
  expect(mayFollow(["declared"], "stopping")).toBe(false);
  expect(mayFollow(["start", "ready", "stopping"], "start")).toBe(false);
});

test("a crash without its events, one too many, and one told out of its time are reported", async () => {
  const event = (name: string, at: number): RegistryEvent => ({
    event: name,
    id: ID,
    parent: "p",
    at,
    messageId: crypto.randomUUID(),
    sender: "first life",
  });
  const look = async (batch: RegistryEvent[], disturbances: EventsOptions["disturbances"]) => {
    const told = listener();
    const events = new Events({ read: async () => batch, disturbances, stretch: exactly, journal: told });
    events.expect({ id: ID, host: "north", at: 10_000, how: "SIGKILL" });
    await events.look(60_000);
    return { said: told.said, told: events.told };
  };
  const tell = (...batch: RegistryEvent[]) => look(batch, undisturbed);
  const before = [event("declared", 1), event("start", 2), event("ready", 3)];
  const whole = ["crashed", "restarting", "start", "ready"].map((name, index) => event(name, 10_010 + index));
  expect(await tell(...before, ...whole)).toEqual({ said: [], told: 1 });
  expect((await tell(...before)).said).toEqual([expect.stringContaining("its events are none")]);
  expect((await tell(...before, ...whole.slice(0, 3))).said).toEqual([expect.stringContaining("expected crashed")]);
  expect((await tell(...before, ...whole, event("ready", 10_020))).said).toEqual([
    expect.stringContaining("ready after"),
  ]);
  expect((await tell(...before, ...whole.slice(0, 3), event("ready", 10_000))).said).toContainEqual(
    expect.stringContaining("older than"),
  );
  // What a killed launcher said last comes after the first words of its next life: each is in order by itself.
  const next = [event("declared", 10_100), event("start", 10_101)].map((one) => ({ ...one, sender: "next life" }));
  expect((await tell(...before, ...whole.slice(0, 3), ...next, ...whole.slice(3))).said).toEqual([]);
  // A life that is told again, because another launcher had spoken of the service.
  const again = [event("start", 10_012), event("ready", 10_900)];
  expect((await tell(...before, ...whole, ...again, event("stop", 11_000))).said).toEqual([]);
  // Another launcher has started it in its place: that can only be when its own was cut off.
  const others = ["start", "ready"].map((name, index) => ({
    ...event(name, 30_000 + index),
    parent: "q",
    sender: "q",
  }));
  const lost = [...before, ...whole.slice(0, 2), ...others];
  const cutOff = { ...undisturbed, touchedSince: (scopes: string[]) => scopes.includes("link north") };
  expect((await tell(...lost)).said).toEqual([expect.stringContaining("expected crashed")]);
  expect((await look(lost, cutOff)).said).toEqual([]);
  expect((await look([...before, ...whole.slice(0, 2)], cutOff)).said).toHaveLength(1);
  // The same message, stored twice.
  expect((await tell(...before, ...whole, ...whole.slice(3))).said).toEqual([]);
});

test("a status that is not true is reported when it has been shown for longer than a heartbeat is believed", async () => {
  const rows = fleetRows().filter(({ id }) => id === ID);
  const well: Shown = { service_id: ID, kind: "service", status: "ok", health: "ok", running: true, pid: 7 };
  const tell = async (shown: Shown[], living: Instance | undefined, stretch: (ms: number) => number) => {
    const told = listener();
    const witness = { living: () => living, livesOf: () => [] };
    const status = new TrueStatus({
      rows,
      read: async () => shown,
      witness,
      disturbances: undisturbed,
      stretch,
      journal: told,
    });
    await status.look();
    await Bun.sleep(2);
    await status.look();
    return told.said.join();
  };
  const running = instance({});
  expect(await tell([well], running, atOnce)).toBe("");
  expect(await tell([well], undefined, exactly)).toBe("");
  expect(await tell([well], undefined, atOnce)).toContain("is shown to run, and does not");
  expect(await tell([{ ...well, health: "dead", running: false }], running, atOnce)).toContain(
    "runs, and is not shown to",
  );
  expect(await tell([], running, atOnce)).toContain("runs, and is not shown to");
  expect(await tell([{ ...well, pid: 8 }], running, atOnce)).toContain("is process 7, and shown as 8");
});

test("what runs though it was stopped by order is reported", () => {
  const told = listener();
  const desired = new Desired();
  const lives: Instance[] = [instance({ from: 0, until: Date.now() - 10_000 })];
  const witness = { livesOf: () => lives };
  const wishes = new Wishes({ ids: [ID], desired, witness, cutOffs: new CutOffs(), stretch: exactly, journal: told });
  desired.set(ID, "stop");
  wishes.look();
  expect(told.said).toEqual([]);
  lives.push(instance({ from: Date.now(), until: Date.now() + 5000 }));
  wishes.look();
  expect(told.said).toEqual([expect.stringContaining(`${ID} runs on north`)]);
});

test("memory and open files that grow are reported, what is filled once is not", () => {
  const tell = (memoryOf: (index: number) => number, filesOf: (index: number) => number) => {
    const told = listener();
    const flat = new Flat(told);
    for (let index = 0; index < 40; index++) {
      flat.take({ at: index, memoryMb: memoryOf(index), files: filesOf(index), threads: 20 });
    }
    return new Set(told.said.map((what) => /MB|open files/.exec(what)?.[0]));
  };
  expect(
    tell(
      (index) => (index < 4 ? 50 : 120),
      () => 40,
    ),
  ).toEqual(new Set());
  expect(
    tell(
      (index) => 100 + 3 * index,
      () => 40,
    ),
  ).toEqual(new Set(["MB"]));
  expect(
    tell(
      () => 100,
      (index) => 40 + index,
    ),
  ).toEqual(new Set(["open files"]));
});

test("two cut-offs of a launcher with too little time between them to yield are one", () => {
  const cutOffs = new CutOffs();
  cutOffs
    .of("south")
    .push(
      { from: 1_000, until: 6_000, hasBegunInside: true },
      { from: 9_000, until: 15_000, hasBegunInside: false },
      { from: 60_000, until: 61_000, hasBegunInside: false },
    );
  expect(cutOffs.explain(["north", "south"], 2_000, 24_000, 10_000)).toBe(true);
  expect(cutOffs.explain(["north", "south"], 2_000, 26_000, 10_000)).toBe(false);
  expect(cutOffs.explain(["north", "south"], 60_000, 60_500, 10_000)).toBe(false);
});
