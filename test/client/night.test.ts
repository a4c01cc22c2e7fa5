// Observing nights: noon to noon at the site.
import { describe, expect, test } from "bun:test";
import { nightAt, nightOf, type Site, tally } from "../../src/client/timeline/index.ts";

const SANTIAGO: Site = { timeZone: "America/Santiago" };
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

describe("the night in which a time lies", () => {
  test.each<[string, Site, string]>([
    ["2026-11-21T03:00Z", {}, "2026-11-20"],
    ["2026-11-21T11:59Z", {}, "2026-11-20"],
    ["2026-11-21T12:00Z", {}, "2026-11-21"],
    // Santiago is 3 h behind UTC in its summer.
    ["2026-11-21T14:59Z", SANTIAGO, "2026-11-20"],
    ["2026-11-21T15:00Z", SANTIAGO, "2026-11-21"],
    ["2026-07-21T15:30Z", SANTIAGO, "2026-07-20"],
    ["2026-07-21T16:00Z", SANTIAGO, "2026-07-21"],
    // Mean solar noon at 70 degrees west is at 16:40 UTC.
    ["2026-11-21T16:39Z", { longitude: -70 }, "2026-11-20"],
    ["2026-11-21T16:40Z", { longitude: -70 }, "2026-11-21"],
    ["2026-11-21T00:30Z", { timeZone: "Pacific/Kiritimati" }, "2026-11-21"],
    ["2026-11-20T21:59Z", { timeZone: "Pacific/Kiritimati" }, "2026-11-20"],
    ["2026-12-31T23:30Z", { timeZone: "Europe/Warsaw" }, "2026-12-31"],
    ["2027-01-01T05:30Z", { timeZone: "Europe/Warsaw" }, "2026-12-31"],
  ])("%s at %j is of %s", (time, site, date) => {
    const at = Date.parse(time);
    const night = nightAt(at, site);
    expect(night.date).toBe(date);
    expect(night.from <= at && at < night.to).toBe(true);
  });
});

test("every minute belongs to one night, also over changes to and from summer time", () => {
  for (const month of ["2026-03-27", "2026-10-23"]) {
    const begin = Date.parse(`${month}T00:00Z`);
    const site = { timeZone: "Europe/Warsaw" };
    let last = nightAt(begin, site);
    for (let minute = 0; minute < 4 * 1440; minute++) {
      const night = nightAt(begin + minute * 60_000, site);
      if (night.date === last.date) continue;
      expect(night.from).toBe(last.to);
      last = night;
    }
  }
});

test("a night over a change of the clocks is an hour shorter or longer", () => {
  const site = { timeZone: "Europe/Warsaw" };
  const hours = (date: string) => (nightOf(date, site).to - nightOf(date, site).from) / 3_600_000;
  expect([hours("2026-03-28"), hours("2026-10-24"), hours("2026-11-20")]).toEqual([23, 25, 24]);
  expect(iso(nightOf("2026-03-28", site).from)).toBe("2026-03-28T11:00");
  expect(iso(nightOf("2026-03-28", site).to)).toBe("2026-03-29T10:00");
});

test("what happened is counted by service", () => {
  const entry = { time: 0, severity: "error", text: "", minor: false } as const;
  const counts = tally([
    { ...entry, serviceId: "b.main", kind: "crashed" },
    { ...entry, serviceId: "a.main", kind: "order", severity: "info" },
    { ...entry, serviceId: "b.main", kind: "restarting" },
    { ...entry, serviceId: "b.main", kind: "status", severity: "info" },
    { ...entry, serviceId: "b.main", kind: "status" },
    { ...entry, serviceId: "a.main", kind: "started", by: "ann@vm" },
  ]);
  expect(counts).toEqual([
    { serviceId: "a.main", starts: 1, crashes: 0, restarts: 0, failures: 0, troubles: 0, orders: 2 },
    { serviceId: "b.main", starts: 0, crashes: 1, restarts: 1, failures: 0, troubles: 1, orders: 0 },
  ]);
});
