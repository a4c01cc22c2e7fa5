// Who set a value: the chain of sources agrees with what counts, whatever the sources are.
import { describe, expect, test } from "bun:test";
import type { JsonSchema } from "../../src/config/json-schema.ts";
import { effectiveSetting } from "../../src/config/provenance/effective-setting.ts";
import { explainFields } from "../../src/config/provenance/explain-fields.ts";
import { explainSettings } from "../../src/config/provenance/explain-settings.ts";
import { maskValue } from "../../src/config/provenance/mask-values.ts";
import { originsOf, type RowOrigins } from "../../src/config/provenance/row-origins.ts";
import type { ExplainedValue } from "../../src/config/provenance/value-source.ts";
import { type MapEntry, type Source, scalar } from "../../src/config/source-tree.ts";
import type { ServiceRow } from "../../src/config/types.ts";
import { load } from "./support.ts";

function explained(row: ServiceRow | undefined): { row: ServiceRow; origins: RowOrigins } {
  const origins = row && originsOf(row);
  if (!row || !origins) throw new Error("no origins");
  return { row, origins };
}

const find = (values: readonly ExplainedValue[], key: string) => values.find((value) => value.key === key);

/** Values of each setting, in the order in which sources are asked. */
const VALUES: Record<string, [string, string, string]> = {
  restart: ["always", "on-failure", "on-abnormal"],
  restart_sec: ["1", "2", "3"],
  restart_max: ["4", "5", "6"],
  restart_window: ["7", "8", "9"],
  restart_backoff: ["1.5", "2", "3"],
  restart_sec_max: ["10", "11", "12"],
  watchdog_sec: ["13", "14", "15"],
  standby: ["true", "false", "true"],
  log_level: ["debug", "warning", "error"],
  launcher: ["process", "inline", "worker"],
  overlap: ["queue", "skip", "queue"],
  missed: ["run", "skip", "run"],
  group: ["a", "b", "c"],
};

describe.each(Object.entries(VALUES))("the first source of %s is the one that counts", (key, [set, own, shared]) => {
  const places = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [bits & 4, bits & 2, bits & 1].map(Boolean));

  test.each(places)("with --set: %p, in the row: %p, in defaults: %p", async (bySet, byRow, byDefaults) => {
    const text = `${byDefaults ? `defaults: {${key}: ${shared}}\n` : ""}services:
  - {type: hello_world, schedule: every 1m${byRow ? `, ${key}: ${own}` : ""}}\n`;
    const fleet = await load(text, { sets: bySet ? [`hello_world.${key}=${set}`] : [] });
    const { row, origins } = explained(fleet.services[0]);
    const value = find(explainSettings(row, origins), key);
    const given = [...(bySet ? [set] : []), ...(byRow ? [own] : []), ...(byDefaults ? [shared] : [])];
    const kinds = [...(bySet ? ["flag"] : []), ...(byRow ? ["file"] : []), ...(byDefaults ? ["file"] : [])];
    const counts = effectiveSetting(key as "restart", row); // any of them
    if (!value) {
      expect([counts, given]).toEqual([undefined, []]);
      return;
    }
    expect(value.value).toEqual(counts ?? null);
    const chain = [value, ...value.overrode].filter(({ source }) => source.kind !== "default");
    expect(chain.map(({ value: said }) => String(said))).toEqual(given);
    expect(chain.map(({ source }) => String(source.kind))).toEqual(kinds);
  });
});

test("a value that came over NATS tells its revision and who set it, and overrides the row's", async () => {
  const { services } = await load("services: [{type: hello_world, interval: 5, restart: always}]");
  const { row, origins } = explained(services[0]);
  const remote = { place: "tcs_config hello_world.main", revision: 12, by: "ann@vm", time: 0 };
  const source: Source = { name: "NATS", position: () => ({ file: "NATS", line: 0, column: 0, remote }) };
  const { node } = origins.head;
  const laid = (name: string, value: MapEntry["value"]): [string, MapEntry] => [name, { keyOffset: 0, value }];
  const over = [laid("interval", scalar(2, "2", source, 0)), laid("restart", scalar("no", "no", source, 0))];
  const hidden = new Map(
    over.map(([name]) => [name, [...node.entries].filter(([key]) => key === name).map(([, entry]) => entry)]),
  );
  const head = { ...origins.head, node: { ...node, entries: new Map([...node.entries, ...over]), hidden } };
  const form = { values: { interval: 2 }, fields: ["interval"] };
  expect(explainFields(row, { ...origins, head }, form)).toMatchObject([
    {
      key: "interval",
      value: 2,
      source: { kind: "remote", ...remote },
      overrode: [{ value: 5, source: { kind: "file" } }],
    },
  ]);
  const restart = find(explainSettings(row, { ...origins, head }), "restart");
  expect(restart?.source).toEqual({ kind: "remote", ...remote });
  expect(restart?.overrode.map(({ value }) => value)).toEqual(["always", "no"]);
});

test("an anchor that is merged, a list of them, and an alias for a value are told by name", async () => {
  const text = `x-a: &a {restart: always, restart_sec: 1}
x-b: &b {restart: on-failure, restart_max: 3}
x-level: &level debug
services:
  - <<: [*a, *b]
    type: hello_world
    log_level: *level
    restart_sec: 9
`;
  const { row, origins } = explained((await load(text)).services[0]);
  const settings = explainSettings(row, origins);
  const anchors = (key: string) => {
    const value = find(settings, key);
    return (
      value && [value, ...value.overrode].map(({ source }) => (source.kind === "file" ? source.anchor : source.kind))
    );
  };
  expect(anchors("restart")).toEqual(["a", "b", "default"]);
  expect(anchors("restart_sec")).toEqual([undefined, "a", "default"]);
  expect(anchors("restart_max")).toEqual(["b", "default"]);
  expect(anchors("log_level")).toEqual(["level", "default"]);
});

describe("a value is masked", () => {
  const masks = { text: (text: string) => text };
  const value = (key: string, given: ExplainedValue["value"], variable?: string): ExplainedValue => ({
    key,
    group: "field",
    value: given,
    source: { kind: "file", file: "f", line: 1, column: 1, ...(variable && { variables: [{ variable }] }) },
    overrode: [{ value: given, source: { kind: "schema" } }],
  });

  test.each([
    ["by its name", value("api_token", 123456)],
    ["by the name of what is around it", value("credentials.user", "ann")],
    ["by the name of its variable", value("plain", "x", "SITE_PASSWORD")],
  ])("%s, and what it overrode, too", (_, secret) => {
    const masked = maskValue(secret, masks);
    expect(masked).toMatchObject({ value: "***", secret: true, overrode: [{ value: "***" }] });
  });

  test("inside a list, by its schema", () => {
    const schema: JsonSchema = {
      properties: { list: { type: "array", items: { properties: { x: { secret: true } } } } },
    };
    const masked = maskValue(value("list", [{ x: "s", y: "t" }]), { ...masks, schema });
    expect(masked.value).toEqual([{ x: "***", y: "t" }]);
  });

  test("but not when it is nothing", () => {
    expect(maskValue(value("password", ""), masks).value).toBe("");
  });
});
