import { expect, test } from "bun:test";
import { renderStatusDetailed } from "../../../src/cli/display/status-detailed.ts";
import { chooseView, type RenderOptions, type ViewChoice } from "../../../src/cli/display/view.ts";
import { widthOf } from "../../../src/cli/display/width.ts";
import { FakeFleet, LAUNCHER, NOW } from "../../client/fleet.ts";

const PLAIN: RenderOptions = { width: Number.POSITIVE_INFINITY, color: false, unicode: true, now: NOW };
const render = (fleet: FakeFleet, options: Partial<RenderOptions> = {}, choice: ViewChoice = {}) =>
  renderStatusDetailed(chooseView(fleet.fold().services, choice), { ...PLAIN, ...options });

const details = {
  children: [
    { name: "camera", status: "ok", message: "cooled" },
    { name: "mount", status: "degraded", message: "slow", details: { children: [{ name: "axis", status: "ok" }] } },
  ],
  metrics: { queue: 3, temp_c: -15.2, axes: { ra: 1 } },
};

function rich(): FakeFleet {
  return new FakeFleet()
    .launcher()
    .healthy("dome.main", 3_600)
    .event("dome.main", "crashed", 130, { status: "error", exit_code: -9, will_restart: true })
    .event("dome.main", "restarting", 125, { status: "startup", restart_attempt: 7, max_restarts: null })
    .event("dome.main", "start", 120, { status: "startup", hostname: "vm", pid: 42 })
    .status("dome.main", "warning", 60, { message: "low disk", parent: LAUNCHER, details })
    .heartbeat("dome.main", 4);
}

test("tells host, process, runner, times, restarts, metrics and parts", () => {
  expect(render(rich(), {}, { filter: "dome" })).toEqual([
    "● launcher.test.vm  ok",
    "  Message:   Launcher running",
    "  Host:      vm",
    "  PID:       42",
    "  Status at: 2026-11-20 21:00:00 UTC (1 h ago)",
    "  Heartbeat: 2026-11-20 21:59:58 UTC (2 s ago), alive",
    "",
    "  ◐ dome.main  warning ↻ (7/∞)",
    "    Trouble:   low disk",
    "    Host:      vm",
    "    PID:       42",
    "    Runner:    test.vm.dome.main",
    "    Parent:    launcher.test.vm",
    "    Declared:  2026-11-20 20:59:59 UTC (1 h ago)",
    "    Started:   2026-11-20 21:58:00 UTC (2 m ago)",
    "    Status at: 2026-11-20 21:59:00 UTC (1 m ago)",
    "    Heartbeat: 2026-11-20 21:59:56 UTC (4 s ago), alive",
    "    Uptime:    2 m",
    "    Crashed:   2026-11-20 21:57:50 UTC (2 m 10 s ago), killed by SIGKILL",
    "    Restarts:  policy always, recovered (7/∞)",
    '    Metrics:   queue=3 temp_c=-15.2 axes={"ra":1}',
    "    Parts:     2",
    "      ● camera ok: cooled",
    "      ◐ mount degraded: slow",
    "        ● axis ok",
  ]);
});

test("tells what is wrong apart from what was last said", () => {
  const lines = render(new FakeFleet().launcher().healthy("a.a", 3_600, 200), {}, { filter: "a.a" });
  expect(lines).toContain("    Trouble:   no heartbeat for 3 m 20 s; last said ok");
  expect(lines).toContain("    Message:   Service running");
  expect(lines).toContain("    Said:      ok");
});

test("tells what is run by hand", () => {
  const lines = render(new FakeFleet().status("x.y", "ok", 5).heartbeat("x.y", 1));
  expect(lines).toContain("    Run by:    hand (not in any configuration)");
});

test.each([80, 40, 20, 5])("%d columns are never exceeded", (width) => {
  const fleet = rich().status("dome.main", "warning", 60, { message: "温".repeat(200), details });
  for (const line of render(fleet, { width })) expect(widthOf(line)).toBeLessThanOrEqual(width);
});

test("a long message is told whole, over several lines", () => {
  const fleet = new FakeFleet().status("x.y", "warning", 5, { message: "the dome does not open because of ice" });
  const lines = render(fleet.heartbeat("x.y", 1), { width: 36 });
  const at = lines.indexOf("    Trouble:   the dome does not");
  expect(lines.slice(at, at + 3).map((line) => line.slice(15))).toEqual([
    "the dome does not",
    "open because of ice",
    "vm",
  ]);
});

test("what comes from the wire cannot control the terminal", () => {
  const evil = "a\u001b[2Jb\u0007\n\u009b1A";
  const data = {
    message: evil,
    hostname: evil,
    details: { metrics: { [evil]: evil }, children: [{ name: evil, status: "ok" }] },
  };
  const text = render(new FakeFleet().status("x.y", "warning", 5, data).heartbeat("x.y", 1)).join("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
