import { describe, expect, test } from "bun:test";
import { FakeFleet, LAUNCHER, NOW } from "../../client/fleet.ts";
import { cpuMsSince } from "../../support/cpu.ts";
import { BROKER, FakeTop, fleetOf } from "./support.ts";

const crash = { status: "failed", exit_code: 1, will_restart: false };
const mixed = new FakeFleet()
  .launcher()
  .healthy("dome.main")
  .healthy("望遠鏡.main", 3_600, 500)
  .status("望遠鏡.main", "error", 401, { message: "港を開けません\u001b[2J at all", parent: LAUNCHER })
  .event("望遠鏡.main", "crashed", 400, crash);

describe("the screen", () => {
  test("is the fleet at a glance, the rows, and the keys", () => {
    const top = new FakeTop().see(mixed).press("j");
    expect(top.lines).toEqual([
      "× Overall failed   1 of 2: 望遠鏡.main failed: 港を開けません at all (exit 1, n…",
      `  1 of 2 services running, 1 launcher, broker ${BROKER}`,
      "    SERVICE           STATUS  BEAT   UPTIME  MESSAGE",
      "  ● launcher.test.vm  ok      ♥ 2 s          Launcher running",
      "▸ ● ├─ dome.main      ok      ♥ 3 s  1 h     Service running",
      "  × └─ 望遠鏡.main    failed  ♥ 8 m          港を開けません at all (exit 1, not…",
      ...Array.from({ length: 17 }, () => ""),
      "? help  q quit  / filter  l log  w why  r restart  s stop  S start  o order",
    ]);
  });

  test.each([
    [80, 24],
    [40, 10],
    [20, 5],
    [12, 3],
    [3, 2],
    [1, 1],
    [300, 100],
  ])("fits %i columns and %i rows, in every mode", (columns, rows) => {
    for (const keys of [[], ["/", "d"], ["j", "r"], ["?"], ["j", "l"], ["o"], ["a"], [" "]]) {
      for (const state of ["live", "away", "connecting", "reading"] as const) {
        for (const color of [true, false]) {
          const top = new FakeTop({ columns, rows })
            .see(mixed)
            .press(...keys)
            .see(mixed, { state, notes: ["one note"] });
          const lines = top.screen(color);
          expect(lines).toHaveLength(rows);
          for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  test("has no colour without colour, but for a mark at the selected row", () => {
    const top = new FakeTop().see(mixed);
    expect(top.screen().join("\n")).not.toContain("\u001b");
    expect(top.screen(true).join("\n")).toContain("\u001b[7m▸ ");
  });

  test("is plain ASCII where nothing else can be shown", () => {
    const top = new FakeTop({ columns: 80, rows: 24 }, false).see(mixed).press("/", "d");
    expect(top.screen().join("\n")).toMatch(/^[ -~\n]*$/);
  });

  test("shows where it is in a list that is longer than it", () => {
    const top = new FakeTop({ columns: 100, rows: 10 }).see(fleetOf(30)).press("o", "o", "G");
    expect(top.foot).toEndWith("by name  26-31 of 31");
  });
});

describe("what is old is told, and grey", () => {
  test("while the broker is away", () => {
    const top = new FakeTop()
      .see(mixed)
      .see(mixed, { state: "away", since: NOW, why: "connection refused" }, NOW + 12_000);
    expect(top.lines[1]).toBe("! broker away for 12 s (connection refused): as of 22:00:00 UTC");
    expect(top.lines[4]).toContain("dome.main");
    for (const line of top.screen(true).slice(3, 6)) expect(line).toBe(`\u001b[2m${Bun.stripANSI(line)}\u001b[22m`);
  });

  test("before there ever was one", () => {
    expect(new FakeTop().lines[1]).toBe(`connecting to ${BROKER} …`);
    const top = new FakeTop().take({
      type: "fleet",
      services: [],
      sight: { state: "connecting", since: NOW, why: "no such host", notes: [] },
      now: NOW + 3_000,
    });
    expect(top.lines.slice(0, 2)).toEqual([
      "tcs top: no fleet seen yet",
      `! no broker at ${BROKER} (no such host): waiting for it, 3 s`,
    ]);
  });

  test("and so is what cannot be read", () => {
    const top = new FakeTop().see(mixed, { notes: ["heartbeat cannot be read: no stream on this broker"] });
    expect(top.lines[1]).toBe("! heartbeat cannot be read: no stream on this broker");
  });

  test("a broker where nothing has ever reported", () => {
    expect(new FakeTop().see(new FakeFleet()).lines[0]).toBe("tcs top: nothing has ever reported here");
  });
});

test("ten thousand services are drawn within 50 ms", () => {
  const fleet = new FakeFleet().launcher();
  for (let i = 0; i < 10_000; i++) fleet.healthy(`kind${i % 40}.n${i}`);
  const { services } = fleet.fold();
  const top = new FakeTop();
  const see = () =>
    top.take({ type: "fleet", services: [...services], sight: { state: "live", since: NOW, notes: [] }, now: NOW });
  for (let i = 0; i < 5; i++) see().screen();
  const began = process.cpuUsage();
  for (let i = 0; i < 20; i++) top.press("j").screen();
  // A key needs nothing of all that is out of sight.
  expect(cpuMsSince(began) / 20).toBeLessThan(50);
});
