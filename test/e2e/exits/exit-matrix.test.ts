// The matrix of supervision: kind of service, home, kind of exit, restart policy. One launcher for each home runs all of
// its rows at once; then each row's story on the wire is held against the table.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Home, OWN_HOMES } from "../../../src/config/types.ts";
import { fromWireTimestamp } from "../../../src/messaging/timestamp.ts";
import { type Shown, shownOf } from "../../faults/support.ts";
import { runFleet, type TestFleet } from "../../support/fleet.ts";
import { commandOf, processesWith } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import type { WireRecord } from "../../support/wire.ts";
import { EXIT_NAMES } from "./exits.ts";
import { exitCodeOf, fleetOf, livesOf, RESTART_MAX, type Row, rowsOf, stopStoryOf, storyOf } from "./rows.ts";

/** For all rows of a home together. */
const LIMIT_MS = 60_000;

interface Seen {
  fleet: TestFleet;
  /** What the view showed when every row had come to its end, or ran on. */
  shown: Map<string, Shown>;
  /** Processes of hosts at that time. */
  hosts: number;
  /** Of the launcher. */
  exitCode: number;
}

async function runRows(home: Home, rows: readonly Row[]): Promise<Seen> {
  const fleet = await runFleet({ ...fleetOf(rows), args: ["--launcher", home] });
  try {
    await untilSettled(fleet, rows);
    const living = () => processesWith(fleet.tcs.stateDir).filter(({ pid }) => commandOf(pid).includes("__host"));
    await waitFor("the end of the last hosts", () => living().length <= hostsOf(home, rows));
    const { services } = await shownOf(fleet.broker, "--all");
    const hosts = living().length;
    const exitCode = await fleet.stop();
    return { fleet, shown: new Map(services.map((it) => [it.service_id, it])), hosts, exitCode };
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilSettled({ wire, tcs }: TestFleet, rows: readonly Row[]): Promise<void> {
  const unsettled = () => {
    const stories = allStories(wire.records);
    return rows.filter((row) => (stories.get(row.id) ?? []).length < storyOf(row).length);
  };
  try {
    await waitFor("the end of every row", () => unsettled().length === 0, LIMIT_MS);
  } catch (cause) {
    const stories = unsettled().map(({ id }) => `${id}: ${wire.story(id).join(", ")}`);
    throw new Error(`not at their end:\n${stories.join("\n")}\n${tcs.stderr.slice(-2000)}`, { cause });
  }
}

/** What was published of every service, in order; in one pass, as there are many. */
function allStories(records: readonly WireRecord[]): Map<string, string[]> {
  const stories = new Map<string, string[]>();
  for (const { subject, data } of records) {
    const [, kind, event, id] = subject.match(/^svc\.(status|registry\.([a-z]+))\.(.+)$/) ?? [];
    if (id === undefined) continue;
    const story = stories.get(id) ?? [];
    story.push(kind === "status" ? `status ${data.status}` : String(event));
    stories.set(id, story);
  }
  return stories;
}

/** Processes that rows which run on live in. */
function hostsOf(home: Home, rows: readonly Row[]): number {
  return home === "process" ? rows.filter(({ end }) => end.how === "runs on").length : 0;
}

/** The fields of PROTOCOL for the `nth` event of its kind, of the row. */
function fieldsOf(event: string, row: Row, nth: number): object {
  const willRestart = nth + 1 < livesOf(row);
  switch (event) {
    case "declared":
      return { restart_policy: row.policy };
    case "start":
      return { status: "startup", hostname: hostname(), pid: expect.any(Number) };
    case "ready":
      return { startup_duration_seconds: expect.any(Number) };
    case "stopping":
      return { reason: "launcher shutting down" };
    case "stop":
      return {
        status: "shutdown",
        reason: row.end.how === "runs on" ? "terminated" : "completed",
        exit_code: row.failsToStop ? 1 : 0,
      };
    case "crashed":
      return {
        status: willRestart ? "error" : "failed",
        exit_code: exitCodeOf(row),
        restart_policy: row.policy,
        will_restart: willRestart,
        message: expect.stringMatching(/./),
        log_tail: expect.any(Array),
      };
    case "restarting":
      return { status: "startup", restart_attempt: 1, max_restarts: RESTART_MAX };
    case "failed":
      return { status: "failed", reason: "restart_limit_reached", restart_count: RESTART_MAX };
    default:
      throw new Error(`no event of PROTOCOL: ${event}`);
  }
}

/** What the view must show of a row. */
function viewOf(row: Row): Partial<Shown> {
  if (row.end.how === "runs on") return { status: "ok", health: "ok", running: true };
  const done = row.end.how === "completes" && livesOf(row) === 1;
  return done ? { status: "shutdown", health: "stopped", running: false } : { health: "failed", running: false };
}

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    const rows = rowsOf(home);
    let seen: Seen;
    beforeAll(async () => {
      seen = await runRows(home, rows);
    }, 2 * LIMIT_MS);
    afterAll(() => seen?.fleet[Symbol.asyncDispose]());

    for (const exit of EXIT_NAMES) {
      const cells = rows.filter((row) => row.exit === exit);
      if (cells.length === 0) continue;
      const kinds = [...new Set(cells.map(({ kind }) => kind))].join(", ");

      test(`${kinds}: a service that ${exit} is restarted as each policy says, and its story is whole`, () => {
        const { wire } = seen.fleet;
        const stories = cells.map(({ id }) => [id, wire.story(id).join(", ")]);
        const expected = cells.map((row) => [row.id, [...storyOf(row), ...stopStoryOf(row)].join(", ")]);
        expect(Object.fromEntries(stories)).toEqual(Object.fromEntries(expected));
      });

      test(`${kinds}: of a service that ${exit} each event has every field, in order of time`, () => {
        for (const row of cells) {
          const events = seen.fleet.wire.records.filter(
            ({ subject }) => /^svc\.registry\.[a-z]+\.(.+)$/.exec(subject)?.[1] === row.id,
          );
          const counts = new Map<string, number>();
          for (const { subject, data } of events) {
            const event = String(data.event);
            const nth = counts.get(event) ?? 0;
            counts.set(event, nth + 1);
            expect(subject).toBe(`svc.registry.${event}.${row.id}`);
            // A copy: Bun 1.4.5 puts its matchers into what it compares.
            expect(structuredClone(data)).toMatchObject({ service_id: row.id, ...fieldsOf(event, row, nth) });
          }
          expect(new Set(events.map(({ data }) => `${data.parent} ${data.runner_id}`)).size).toBe(1);
          const times = events.map(({ data }) => fromWireTimestamp(data.timestamp) ?? Number.NaN);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        }
      });

      test(`${kinds}: a service that ${exit} runs once at a time, and is shown as it is`, () => {
        const { fleet, shown } = seen;
        for (const row of cells) {
          const starts = fleet.wire.of("registry.start", row.id);
          const lives = readFileSync(join(fleet.folder.path, "lives", row.id), "utf8").match(/life/g)?.length;
          expect([row.id, starts.length, lives]).toEqual([row.id, livesOf(row), livesOf(row)]);
          const pids = new Set(starts.map(({ data }) => data.pid));
          expect([row.id, pids.size]).toEqual([row.id, home === "process" ? livesOf(row) : 1]);
          expect([row.id, shown.get(row.id)]).toMatchObject([row.id, viewOf(row)]);
        }
      });
    }

    test("what has ended has left no process, and the launcher stops as if nothing had been", () => {
      expect(seen.hosts).toBe(hostsOf(home, rows));
      expect(seen.exitCode).toBe(143);
      expect(seen.fleet.tcs.stderr).not.toMatch(/^\s+at /m);
    });
  });
}
