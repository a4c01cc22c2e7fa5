// A service that an operator has stopped: no problem, not forgotten, and told with who and when.
import { describe, expect, test } from "bun:test";
import { renderStatusDetailed } from "../../src/cli/display/status-detailed.ts";
import { serviceJson } from "../../src/cli/display/status-json.ts";
import { renderStatusTable } from "../../src/cli/display/status-table.ts";
import { chooseView, type RenderOptions } from "../../src/cli/display/view.ts";
import { summarize } from "../../src/client/summary.ts";
import { toWireTimestamp } from "../../src/messaging/timestamp.ts";
import { FakeFleet, LAUNCHER, NOW } from "./fleet.ts";

const OPTIONS: RenderOptions = { width: Number.POSITIVE_INFINITY, color: false, unicode: true, now: NOW };
const at = NOW - 7_500_000;
const held = { target: "stopped", set_by: "ann@vm", set_at: toWireTimestamp(at), set_reason: "lens" };
const stop = { status: "shutdown", reason: "terminated", exit_code: 0 };

/** `dome.main` runs; `cam.main` was stopped by an operator, by these events. */
function fleet(more: (fleet: FakeFleet) => FakeFleet): FakeFleet {
  return more(new FakeFleet().launcher().healthy("dome.main", 9_000));
}
const stopped = () =>
  fleet((f) => f.healthy("cam.main", 9_000, 7_510).event("cam.main", "stop", 7_500, { ...stop, ...held }));
const relaunched = () => fleet((f) => f.event("cam.main", "declared", 60, { restart_policy: "always", ...held }));
const shown = (f: FakeFleet) => chooseView(f.fold().services).shown.map(({ serviceId }) => serviceId);

describe.each([
  ["after the stop", stopped],
  ["after a relaunch that has no memory of it but the declaration", relaunched],
  [
    "after a relaunch, when it was running as the launcher was killed",
    () => fleet((f) => f.healthy("cam.main", 9_000, 300).event("cam.main", "declared", 60, held)),
  ],
  [
    "after a relaunch, when it had failed before",
    () =>
      fleet((f) =>
        f
          .healthy("cam.main", 9_000)
          .event("cam.main", "crashed", 8_000, { status: "failed", exit_code: 1 })
          .event("cam.main", "declared", 60, held),
      ),
  ],
  [
    "when its last words were an error",
    () =>
      fleet((f) =>
        f
          .healthy("cam.main", 9_000)
          .event("cam.main", "stop", 7_500, { ...stop, ...held })
          .status("cam.main", "error", 7_499, { message: "cannot park" }),
      ),
  ],
])("%s", (_, make) => {
  test("it is stopped, by whom and when, and healthy", () => {
    const info = make().info("cam.main");
    expect(info).toMatchObject({
      status: "shutdown",
      health: "stopped",
      running: false,
      zombie: false,
      removed: false,
    });
    expect(info.heldBy).toEqual({ by: "ann@vm", at, reason: "lens" });
    expect(info.reason).toBeUndefined();
    expect(summarize(make().fold().services)).toMatchObject({
      healthy: true,
      status: "ok",
      services: 1,
      stopped: 1,
      problems: [],
    });
  });
  test("it has a line of its own in the default view while its launcher runs", () => {
    expect(shown(make())).toEqual(["cam.main", "dome.main", LAUNCHER]);
    const [line] = renderStatusTable(chooseView(make().fold().services), OPTIONS).filter((text) =>
      text.includes("cam.main"),
    );
    expect(line).toMatch(/^○ ├─ cam\.main +stopped +stopped by ann@vm 2 h 5 m ago \("lens"\)$/);
  });
});

test("without its launcher it is shown by --all only", () => {
  const alone = new FakeFleet()
    .status(LAUNCHER, "shutdown", 50)
    .healthy("cam.main", 9_000)
    .event("cam.main", "stop", 7_500, { ...stop, ...held });
  expect(shown(alone)).toEqual([]);
  expect(chooseView(alone.fold().services, { all: true }).shown.map(({ serviceId }) => serviceId)).toContain(
    "cam.main",
  );
});

test("a start, and whatever else shows that it is wanted again, ends it", () => {
  for (const event of ["start", "crashed", "restarting", "failed", "declared", "stop"] as const) {
    const data = event === "stop" ? stop : { status: "startup" };
    expect(stopped().event("cam.main", event, 10, data).info("cam.main").heldBy).toBeUndefined();
  }
});

test("a stop of the launcher is nobody's wish", () => {
  const info = new FakeFleet().launcher().healthy("cam.main").event("cam.main", "stop", 10, stop).info("cam.main");
  expect(info.heldBy).toBeUndefined();
});

test("one that was then run by hand is as any other", () => {
  const byHand = stopped().status("cam.main", "ok", 10).heartbeat("cam.main", 2);
  expect(byHand.info("cam.main")).toMatchObject({ status: "ok", running: true, heldBy: undefined });
});

test("who stopped it is in the details and in the JSON", () => {
  const view = chooseView(stopped().fold().services);
  expect(renderStatusDetailed(view, OPTIONS).join("\n")).toContain(
    'Target:    stopped by ann@vm at 2026-11-20 19:55:00 UTC (2 h 5 m ago) ("lens")',
  );
  expect(serviceJson(stopped().info("cam.main"))).toMatchObject({
    target: "stopped",
    set_by: "ann@vm",
    set_at: "2026-11-20T19:55:00.000Z",
    set_reason: "lens",
  });
});

test("fields of the wrong kind harm nobody", () => {
  const odd = { target: "stopped", set_by: 5, set_at: "noon", set_reason: ["x"] };
  const info = fleet((f) => f.healthy("cam.main").event("cam.main", "stop", 10, { ...stop, ...odd })).info("cam.main");
  expect(info.heldBy).toEqual({ by: "unknown", at: undefined, reason: undefined });
  expect(fleet((f) => f.event("cam.main", "declared", 10, { target: 1 })).info("cam.main").heldBy).toBeUndefined();
});
