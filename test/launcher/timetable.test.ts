// Keeping a timetable when the wall clock does not keep to itself.
import { expect, test } from "bun:test";
import { Logger } from "../../src/common/logger.ts";
import type { Timetable } from "../../src/config/types.ts";
import type { ServiceRunner } from "../../src/launcher/service-runner.ts";
import type { RunBeside } from "../../src/launcher/siblings.ts";
import { TimetableKeeper } from "../../src/launcher/timetable.ts";
import { waitFor } from "../support/wait.ts";

const HOUR_MS = 3_600_000;
const NOON = Date.parse("2026-11-20T12:00:00Z");
const DAILY: Timetable = {
  schedule: { kind: "cron", expression: "0 12 * * *", timeZone: "UTC" },
  overlap: "skip",
  missed: "skip",
};

interface KeeperMore {
  lastRun?: number;
  runBeside?: () => Promise<RunBeside>;
  catchUp?: boolean;
}

/** A keeper at a clock that the test sets; the runner only counts its starts. */
function keeperAt(time: number, timetable: Timetable, { lastRun, runBeside, catchUp = true }: KeeperMore = {}) {
  const clock = { now: time };
  const lines: string[] = [];
  const runs: number[] = [];
  let starts = 0;
  // Only what a keeper uses of a runner: a clock cannot be set for a real one.
  const runner = {
    id: "thing.main",
    state: "ended",
    get isAtRest(): boolean {
      return this.state === "ended";
    },
    start: async () => void starts++,
    onState: () => () => undefined,
  };
  const keeper = new TimetableKeeper({
    runner: runner as unknown as ServiceRunner,
    timetable,
    logger: new Logger("test", (record) => lines.push(record.message)),
    lastRun,
    onRun: (at) => runs.push(at),
    now: () => clock.now,
    ...(runBeside ? { runBeside } : {}),
  });
  keeper.begin({ catchUp });
  return {
    clock,
    keeper,
    runner,
    lines,
    runs,
    starts: () => starts,
    [Symbol.dispose]: () => keeper.stop(),
  };
}

test("the next run is told from the beginning", () => {
  using it = keeperAt(NOON - HOUR_MS, DAILY);
  expect(it.keeper.nextRun).toBe(NOON);
  expect(it.starts()).toBe(0);
});

test("a clock that reaches the time starts the run, and plans the next", async () => {
  using it = keeperAt(NOON - 20, DAILY);
  it.clock.now = NOON + 5;
  await waitFor("the run", () => it.starts() === 1);
  expect(it.runs).toEqual([NOON + 5]);
  expect(it.keeper.nextRun).toBe(NOON + 24 * HOUR_MS);
});

test("a clock set forward by an hour over the time: the run is late, and skipped or made up for", async () => {
  for (const missed of ["skip", "run"] as const) {
    using it = keeperAt(NOON - 20, { ...DAILY, missed });
    it.clock.now = NOON + HOUR_MS;
    await waitFor("the next day's plan", () => it.keeper.nextRun === NOON + 24 * HOUR_MS);
    expect(it.starts()).toBe(missed === "run" ? 1 : 0);
    if (missed === "skip") expect(it.lines.join()).toContain("the run of 2026-11-20 12:00:00 was missed");
  }
});

test("a clock set back by an hour before the time: the run comes at its time by the new clock, once", async () => {
  using it = keeperAt(NOON - 20, DAILY);
  it.clock.now = NOON - HOUR_MS;
  // The timer wakes at what was noon, finds that it is not, and goes on waiting.
  await Bun.sleep(60);
  expect(it.starts()).toBe(0);
  expect(it.keeper.nextRun).toBe(NOON);
});

test("a clock set back by an hour does not hold an interval up", async () => {
  using it = keeperAt(NOON, { ...DAILY, schedule: { kind: "every", intervalMs: 20 } });
  it.clock.now = NOON + 25;
  await waitFor("the run", () => it.starts() === 1);
  it.clock.now = NOON - HOUR_MS;
  await waitFor("a plan by the new clock", () => it.keeper.nextRun === NOON - HOUR_MS + 20);
  it.clock.now = NOON - HOUR_MS + 20;
  await waitFor("the next run", () => it.starts() === 2);
});

test("what was due while no launcher ran is made up for once, if missed: run", () => {
  const lastRun = NOON - 3 * 24 * HOUR_MS;
  using skips = keeperAt(NOON + HOUR_MS, DAILY, { lastRun });
  expect(skips.starts()).toBe(0);
  using runs = keeperAt(NOON + HOUR_MS, { ...DAILY, missed: "run" }, { lastRun });
  expect(runs.starts()).toBe(1);
  using fresh = keeperAt(NOON + HOUR_MS, { ...DAILY, missed: "run" }, { lastRun: NOON + 5 });
  expect(fresh.starts()).toBe(0);
});

test("a run that is due while the last goes on is begun beside it, if that is allowed, and told if it is not to be", async () => {
  const answers: RunBeside[] = [
    { ok: true, id: "thing.main-2" },
    { ok: false, why: "10 runs of it go on" },
  ];
  let asked = 0;
  using it = keeperAt(
    NOON,
    { ...DAILY, schedule: { kind: "every", intervalMs: 20 }, overlap: "allow" },
    {
      async runBeside() {
        asked += 1;
        return answers.shift() ?? { ok: false, why: "that was all" };
      },
    },
  );
  it.runner.state = "running";
  for (const time of [25, 45]) {
    it.clock.now = NOON + time;
    await waitFor("the run", () => it.runs.at(-1) === NOON + time);
  }
  await waitFor("both answers", () => it.lines.length === 2);
  expect([asked, it.starts()]).toEqual([2, 0]);
  expect(it.lines).toEqual([
    "thing.main is due, and its last run goes on: this one is thing.main-2",
    "thing.main is due, but cannot run beside its last run (10 runs of it go on): this one is skipped",
  ]);
});

test.each(["allow", "skip"] as const)(
  "while a run waits for others, none gather behind it (overlap: %s)",
  async (overlap) => {
    let asked = 0;
    const runBeside = async (): Promise<RunBeside> => {
      asked += 1;
      return { ok: true, id: "thing.main-2" };
    };
    using it = keeperAt(NOON, { ...DAILY, schedule: { kind: "every", intervalMs: 20 }, overlap }, { runBeside });
    it.runner.state = "pending";
    it.clock.now = NOON + 25;
    await waitFor("what is said", () => it.lines.length === 1);
    expect(it.lines).toEqual(["thing.main is due, but its last run still waits: this one is skipped"]);
    expect([asked, it.starts()]).toEqual([0, 0]);
  },
);

test("a timetable that is renewed makes up for nothing", () => {
  const keep = (catchUp: boolean) => {
    using it = keeperAt(NOON - 20, { ...DAILY, missed: "run" }, { lastRun: NOON - 2 * 24 * HOUR_MS, catchUp });
    return it.starts();
  };
  expect([keep(true), keep(false)]).toEqual([1, 0]);
});
