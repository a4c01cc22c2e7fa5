// When services run, and after whom.
import { describe, expect, test } from "bun:test";
import { linesOf, load } from "./support.ts";

describe("schedules and order", () => {
  const row = async (yaml: string) => (await load(`services:\n  - {type: hello_world, ${yaml}}\n`)).services[0];

  test.each([
    ["schedule: every 30s", { kind: "every", intervalMs: 30_000 }],
    ["schedule: {every: 5m}", { kind: "every", intervalMs: 300_000 }],
    ["schedule: '0 12 * * *'", { kind: "cron", expression: "0 12 * * *", timeZone: "UTC" }],
    [
      "schedule: CRON_TZ=America/Santiago 0 12 * * *",
      { kind: "cron", expression: "0 12 * * *", timeZone: "America/Santiago" },
    ],
    [
      "schedule: {cron: '@daily', timezone: Europe/Warsaw}",
      { kind: "cron", expression: "@daily", timeZone: "Europe/Warsaw" },
    ],
  ])("%p is read", async (yaml, schedule) => {
    expect((await row(yaml))?.timetable).toEqual({ schedule, overlap: "skip", missed: "skip" } as never);
  });

  test.each([
    ["schedule: '0 25 * * *'", "(value out of range for field)"],
    ["schedule: every soon", 'given "soon", expected a duration as 30s'],
    ["schedule: {cron: '@daily', timezone: Mars/Base}", "unknown time zone 'Mars/Base'"],
    ["schedule: {cron: '@daily', every: 3s}", "given both cron and every, expected one of cron and every"],
    ["schedule: {evry: 3s}", 'did you mean "every"?'],
    ["schedule: every 3s, overlap: maybe", "expected one of skip, queue, allow"],
    ["after: [hello_world.mian]", 'did you mean "hello_world.main"?'],
    ["after: [hello_world.main]", "hello_world.main -> hello_world.main"],
  ])("%p is refused", async (yaml, said) => {
    expect((await linesOf(row(yaml))).join("\n")).toContain(said);
  });

  test("a service that has the id of another's overlapping run is refused, whichever comes first", async () => {
    const yaml = (overlap: string) => `services:
  - {type: hello_world, variant: main-10}
  - {type: hello_world, schedule: every 3s, overlap: ${overlap}}
  - hello_world.main-2
  - hello_world.main-11
`;
    const words = "expected another variant: a further run of hello_world.main is called that (overlap: allow)";
    expect(await linesOf(load(yaml("allow")))).toEqual([
      `services.yaml:2:34: services[0].variant: given hello_world.main-10, ${words}`,
      `services.yaml:4:5: services[2].variant: given hello_world.main-2, ${words}`,
    ]);
    expect((await load(yaml("queue"))).services.length).toBe(4);
  });

  test("a circle is named, once", async () => {
    const yaml = `services:
  - {type: hello_world, variant: a, after: [hello_world.b]}
  - {type: hello_world, variant: b, after: [hello_world.c]}
  - {type: hello_world, variant: c, after: [hello_world.a]}
`;
    expect(await linesOf(load(yaml))).toEqual([
      "services.yaml:2:44: services[0].after: given hello_world.a -> hello_world.b -> hello_world.c -> hello_world.a, expected services that do not wait for each other in a circle",
    ]);
  });
});
