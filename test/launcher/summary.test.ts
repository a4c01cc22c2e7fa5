// What a launcher says of itself, from what its services are: only what a summary reads of a runner is there.
import { describe, expect, test } from "bun:test";
import type { ServiceRunner } from "../../src/launcher/service-runner.ts";
import { startedWords, summarise } from "../../src/launcher/summary.ts";

interface Looks {
  state?: ServiceRunner["state"];
  status?: string;
  elsewhere?: { message: string; waits: boolean };
  standby?: boolean;
  timetable?: object;
}

let count = 0;
function runner({ state = "running", status = "ok", elsewhere, standby = false, timetable }: Looks): ServiceRunner {
  const looks = { id: `dome.n${++count}`, state, status: { status }, elsewhere, row: { standby, timetable } };
  return looks as unknown as ServiceRunner;
}

const away = (waits: boolean) => ({ message: "", waits });
const WAITS = { state: "idle", status: "unknown", elsewhere: away(true) } as const;
const ELSEWHERE = { state: "idle", status: "unknown", elsewhere: away(false) } as const;

describe("a launcher's summary", () => {
  test.each<[string, Looks[], string, string]>([
    ["of services that run", [{}, { status: "busy" }], "ok", "2 of 2 services running"],
    ["of one that starts again", [{}, { state: "starting", status: "shutdown" }], "ok", "1 of 2 services running"],
    ["of one that is being stopped", [{ state: "stopping", status: "shutdown" }], "ok", "0 of 1 service running"],
    ["of what others run", [{}, ELSEWHERE], "ok", "1 of 1 service running, 1 elsewhere"],
    ["of a standby that has nothing", [{ ...WAITS, standby: true }], "ok", "1 on standby"],
    ["of one whose last owner may live", [{}, WAITS], "ok", "1 of 1 service running, 1 not started yet"],
  ])("%s", (_, looks, status, message) => {
    expect(summarise(looks.map(runner))).toEqual({ status, message } as ReturnType<typeof summarise>);
  });

  test("names what is not well", () => {
    const broken = runner({ state: "waiting", status: "error" });
    const { status, message } = summarise([runner({}), broken]);
    expect([status as string, message]).toEqual(["error", `1 of 2 services running; ${broken.id} error`]);
  });
});

test.each<[string, Looks[], string]>([
  ["all run", [{}, {}], "2 of 2 services running"],
  ["some are periodic", [{}, { state: "idle", timetable: {} }], "1 of 1 service running, 1 on schedule"],
  [
    "some are others'",
    [{}, ELSEWHERE, { ...WAITS, standby: true }],
    "1 of 1 service running, 1 on standby, 1 run elsewhere",
  ],
  ["all may be others' still", [WAITS, WAITS], "no service running yet, 2 not started yet"],
])("what is said after the start when %s", (_, looks, words) => {
  expect(startedWords(looks.map(runner), false, 120)).toBe(`${words} after 0.12 s; "tcs status" shows them`);
});
