import { expect, test } from "bun:test";
import { changeJson, renderChange } from "../../../src/cli/display/changes.ts";
import type { ServiceInfo } from "../../../src/client/index.ts";
import { FakeFleet, NOW } from "../../client/fleet.ts";

const OPTIONS = { width: 80, color: false, unicode: true, now: NOW };

function infoOf(fleet: FakeFleet): ServiceInfo {
  const info = fleet.fold().services.find(({ serviceId }) => serviceId === "dome.main");
  if (!info) throw new Error("there is no dome");
  return info;
}
const well = infoOf(new FakeFleet().launcher().healthy("dome.main"));
const broken = infoOf(
  new FakeFleet()
    .launcher()
    .healthy("dome.main")
    .event("dome.main", "crashed", 1, { status: "failed", exit_code: -9, will_restart: false }),
);
const silent = (seconds: number) =>
  infoOf(new FakeFleet().launcher().status("dome.main", "ok", 900).heartbeat("dome.main", seconds));

test("a line tells when, which, and how it is now", () => {
  expect(renderChange(broken, well, OPTIONS)).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}× dome\.main {2}failed {2}.*SIGKILL/,
  );
  expect(changeJson(broken, well, NOW)).toMatchObject({
    event: "change",
    change: "stop",
    previous_status: "ok",
    service: { service_id: "dome.main", status: "failed" },
  });
});

test("what a line would not show is not told: longer silence, a part that has changed", () => {
  expect(renderChange(silent(300), silent(200), OPTIONS)).toBeUndefined();
  expect(renderChange({ ...well, pid: 8 }, well, OPTIONS)).toBeUndefined();
  expect(renderChange(silent(300), well, OPTIONS)).toContain("dome.main  dead");
  expect(changeJson({ ...well, pid: 8 }, well, NOW)).toMatchObject({ change: "update" });
});

test("what the broker has forgotten is gone", () => {
  expect(renderChange(well, well, OPTIONS)).toEndWith("dome.main  gone from the broker");
  expect(changeJson(well, well, NOW)).toMatchObject({ change: "gone", previous_status: "ok" });
});

test("what is new is told", () => {
  expect(renderChange(well, undefined, OPTIONS)).toContain("● dome.main  ok");
  expect(changeJson(well, undefined, NOW)).toMatchObject({ change: "start" });
});
