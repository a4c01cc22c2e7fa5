// What NATS says of services, laid over the file and under it.
import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../src/common/json.ts";
import type { ConfigOverlay, OverlayEntry, Scope } from "../../src/config/overlay.ts";
import { explainFields } from "../../src/config/provenance/explain-fields.ts";
import { explainSettings } from "../../src/config/provenance/explain-settings.ts";
import { originsOf } from "../../src/config/provenance/row-origins.ts";
import type { ValueSource } from "../../src/config/provenance/value-source.ts";
import { positionOf } from "../../src/config/row-source.ts";
import { linesOf, load } from "./support.ts";

const MAIN: Scope = { kind: "service", id: "hello_world.main" };
const TYPE: Scope = { kind: "type", type: "hello_world" };
const ALL: Scope = { kind: "global" };

const entry = (scope: Scope, fields: JsonObject, revision = 1): OverlayEntry => ({
  scope,
  fields,
  origin: { place: "tcs_config x", revision, by: "ann@vm", time: 0 },
});
const over = (...entries: OverlayEntry[]): { overlay: ConfigOverlay } => ({ overlay: { over: entries, under: [] } });
const FILE = "services:\n  - {type: hello_world, interval: 1, limits: {min: 1, max: 2}, list: [1, 2]}\n";

async function row(yaml: string, overlay: ConfigOverlay, sets: string[] = []) {
  const { services } = await load(yaml, { overlay, sets });
  const [first] = services;
  if (!first) throw new Error("no row");
  return first;
}

describe("strongest first", () => {
  const CASES: [string, ConfigOverlay, JsonObject][] = [
    [
      "the file over what is under it",
      { over: [], under: [entry(MAIN, { interval: 9, more: 1 })] },
      { interval: 1, more: 1 },
    ],
    ["all services over the file", { over: [entry(ALL, { interval: 3 })], under: [] }, { interval: 3 }],
    [
      "a type over all services",
      { over: [entry(TYPE, { interval: 4 }), entry(ALL, { interval: 3 })], under: [] },
      { interval: 4 },
    ],
    [
      "an id over its type",
      { over: [entry(MAIN, { interval: 5 }), entry(TYPE, { interval: 4 })], under: [] },
      { interval: 5 },
    ],
    ["a mapping is merged", { over: [entry(MAIN, { limits: { max: 9 } })], under: [] }, { limits: { min: 1, max: 9 } }],
    ["a list is replaced", { over: [entry(MAIN, { list: [3] })], under: [] }, { list: [3] }],
    [
      "what is of others does not count",
      { over: [entry({ kind: "service", id: "hello_world.b" }, { interval: 7 })], under: [] },
      { interval: 1 },
    ],
  ];
  test.each(CASES)("%s", async (_, overlay, fields) => {
    expect((await row(FILE, overlay)).fields).toMatchObject(fields);
  });

  test("the command line over everything", async () => {
    const { overrides, restart } = await row(FILE, over(entry(MAIN, { interval: 5, restart: "always" })).overlay, [
      "hello_world.main.interval=6",
      "hello_world.main.restart=no",
    ]);
    expect([overrides.interval, restart.policy]).toEqual(["6", "no"]);
  });
});

test("settings of tcs come from there too", async () => {
  const found = await row(FILE, over(entry(TYPE, { restart: "always", restart_sec: 2, log_level: "debug" })).overlay);
  expect(found).toMatchObject({ restart: { policy: "always", delayMs: 2000 }, logLevel: "debug" });
});

test("a fault is told with where it came from, and so is the place of a good value", async () => {
  expect(await linesOf(load(FILE, over(entry(MAIN, { restart: "maybe" }, 12))))).toEqual([
    expect.stringMatching(
      /^tcs_config x revision 12 by ann@vm: services\[0\]\.restart: given "maybe", expected one of/,
    ),
  ]);
  const found = await row(FILE, over(entry(MAIN, { limits: { max: 9 } }, 12)).overlay);
  expect(positionOf(found, ["limits", "max"])).toMatchObject({ line: 0, remote: { revision: 12, by: "ann@vm" } });
  expect(positionOf(found, ["limits", "min"])).toMatchObject({ file: "/fleet/services.yaml", line: 2 });
});

const REFUSED: [string, Json][] = [
  ["module", "/tmp/evil.ts"],
  ["command", ["sh"]],
  ["type", "other"],
  ["variant", "other"],
  ["after", ["hello_world.main"]],
];
test.each(REFUSED)("%s is for the file alone", async (key, value) => {
  const lines = await linesOf(load(FILE, over(entry(MAIN, { [key]: value }))));
  expect(lines).toEqual([expect.stringContaining(`${key}: given ${key}, which only the configuration file may say`)]);
});

test("nobody reads the environment of a host by it", async () => {
  const env = { SECRET: "x" };
  const fields = { a: "$\u007bSECRET}", b: "$$\u007bSECRET}" };
  const { services } = await load(FILE, { ...over(entry(MAIN, fields)), env });
  expect(services[0]?.fields).toMatchObject(fields);
});

test("what is said of all services is only for those that have such a field", async () => {
  const overlay = over(entry(ALL, { interval: 3, site: "ocm", log_level: "debug" }), entry(TYPE, { depth: 1 })).overlay;
  expect((await row(FILE, overlay)).ifKnown).toEqual(["site"]);
  expect((await row("services: [hello_world]\n", overlay)).ifKnown).toEqual(["interval", "site"]);
});

test("a foreign program takes settings, and no fields of all services", async () => {
  const yaml = "services:\n  - {type: hello_world, command: [sleep, '1']}\n";
  const found = await row(yaml, over(entry(ALL, { interval: 3, launcher: "inline", restart: "always" })).overlay);
  expect(found).toMatchObject({ home: "exec", fields: {}, restart: { policy: "always" } });
});

describe("who asks where a value comes from is told what it overrode", () => {
  async function chainOf(yaml: string, overlay: ConfigOverlay, key: string) {
    const found = await row(yaml, overlay);
    const origins = originsOf(found);
    if (!origins) throw new Error("no origins");
    const all = [...explainFields(found, origins), ...explainSettings(found, origins)];
    const value = all.find((one) => one.key === key);
    return value && [value, ...value.overrode].map(({ value: said, source }) => [said, whereOf(source)]);
  }
  const whereOf = (source: ValueSource) =>
    source.kind === "remote" ? source.revision : source.kind === "file" ? source.line : source.kind;

  test("on the broker and in the file", async () => {
    const overlay = over(
      entry(ALL, { interval: 3 }, 10),
      entry(TYPE, { interval: 4 }, 11),
      entry(MAIN, { interval: 5 }, 12),
    );
    expect(await chainOf(FILE, overlay.overlay, "interval")).toEqual([
      [5, 12],
      [4, 11],
      [3, 10],
      [1, 2],
    ]);
  });

  test("by the parts of mappings, which are merged", async () => {
    const { overlay } = over(entry(TYPE, { limits: { max: 8 } }, 11), entry(MAIN, { limits: { max: 9 } }, 12));
    expect(await chainOf(FILE, overlay, "limits.max")).toEqual([
      [9, 12],
      [8, 11],
      [2, 2],
    ]);
    expect(await chainOf(FILE, overlay, "limits.min")).toEqual([[1, 2]]);
  });

  test("beside anchors of the file, and with a document below it", async () => {
    const yaml =
      "x-a: &a {restart: always, restart_sec: 1}\nservices:\n  - <<: *a\n    type: hello_world\n    restart_sec: 2\n";
    const overlay: ConfigOverlay = {
      over: [entry(MAIN, { restart_sec: 3 }, 12)],
      under: [entry(TYPE, { restart_sec: 4, restart: "no" }, 7)],
    };
    expect(await chainOf(yaml, overlay, "restart_sec")).toEqual([
      [3, 12],
      [2, 5],
      [1, 1],
      [4, 7],
      [5, "default"],
    ]);
    expect((await chainOf(yaml, overlay, "restart"))?.slice(0, 2)).toEqual([
      ["always", 1],
      ["no", 7],
    ]);
  });
});
