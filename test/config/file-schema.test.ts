// The JSON Schema of configuration files takes what the checks take; bad-values.test.ts holds that it refuses what they refuse.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { configFileSchema } from "../../src/config/file-schema/file-schema.ts";
import { rowDefault } from "../../src/config/file-schema/row-keys.ts";
import { TOP_KEYS } from "../../src/config/fleet-file.ts";
import { effectiveSetting } from "../../src/config/provenance/effective-setting.ts";
import { ROW_KEYS } from "../../src/config/types.ts";
import { FILE_SCHEMA, faultsOf } from "./file-schema.ts";
import { load } from "./support.ts";

/** Not Prometheus's, and the like. */
const isOurs = (yaml: string) => TOP_KEYS.some((key) => yaml.match(/^[\w-]+(?=:)/gm)?.includes(key));

const ROOT = join(import.meta.dir, "../..");

describe("every configuration that is shown to people is right:", () => {
  const samples = ["config/*.yaml", "generators/templates/*.yaml.hbs"].flatMap((glob) => [
    ...new Glob(glob).scanSync(ROOT),
  ]);

  test("samples and templates", () => expect(samples.length).toBeGreaterThan(3));
  test.each(samples)("%s", async (path) => {
    expect(faultsOf(await Bun.file(join(ROOT, path)).text())).toEqual([]);
  });

  test.each([...new Glob("docs/*.md").scanSync(ROOT)])("%s", async (path) => {
    const text = await Bun.file(join(ROOT, path)).text();
    const blocks = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = ""]) => yaml).filter(isOurs);
    const wrong = blocks.flatMap((yaml) => faultsOf(yaml).map((fault) => `${fault}\n${yaml}`));
    expect(wrong).toEqual([]);
  });
});

describe("a row is right", () => {
  test.each([
    ["with a variable for a number", "- {type: hello_world, interval: '$" + "{TICK:-5}', restart_sec: '$" + "{SEC}'}"],
    ["of a type that nobody knows, with any fields", "- {type: my_own, what: ever, limits: {max: 3}}"],
    ["with only a module", "- {module: ./dome.ts, interval: 3}"],
    ["as text", "- examples.minimal.tutorial"],
    ["with words in any case", "- {type: hello_world, log_level: WARN, restart: Always, launcher: asyncio}"],
    ["with keys left empty", "- {type: hello_world, restart: , group: ~}"],
    ["of a foreign program", "- {type: camera, command: [./cam, 5], cwd: .., env: {A: 1}, own: field}"],
  ])("%s", (_, row) => {
    expect(faultsOf(`services:\n  ${row}\n`)).toEqual([]);
  });
});

describe("a row is wrong", () => {
  test.each([
    ["with a field that its service does not have", "- {type: hello_world, intervall: 3}", /must NOT have additional/],
    ["with a value that its service does not take", "- {type: hello_world, interval: -1}", /interval/],
    ["of a foreign program that wants a home", "- {type: camera, command: [./cam], launcher: worker}", /launcher/],
    ["without a type", "- {variant: a}", /required/],
  ])("%s", (_, row, says) => {
    expect(faultsOf(`services:\n  ${row}\n`).join("\n")).toMatch(says);
  });
});

test("an editor has something to say of every key, and the fields of services are offered by their types", () => {
  const { properties, definitions } = FILE_SCHEMA as Record<string, Record<string, Record<string, unknown>>>;
  expect(Object.entries(properties ?? {}).filter(([, { description }]) => !description)).toEqual([]);
  const service = definitions?.service?.properties as Record<string, { description?: string }>;
  expect(Object.entries(service).filter(([, { description }]) => !description)).toEqual([]);
  expect(JSON.stringify(service.type)).toContain('"hello_world"');
  const fields = definitions?.["service:hello_world"]?.properties as Record<string, { default?: unknown }>;
  expect(fields.interval).toMatchObject({ default: 5 });
});

test("the defaults that are told are those that count", async () => {
  const { services } = await load("services: [{type: hello_world, schedule: every 1m}]");
  const [row] = services;
  if (!row) throw new Error("no row");
  const given = ["type", "schedule", "module"];
  for (const key of ROW_KEYS.filter((name) => !given.includes(name) && !name.startsWith("instance"))) {
    expect({ [key]: rowDefault(key) as unknown }).toEqual({ [key]: effectiveSetting(key, row) });
  }
});

test("schemas that refer to themselves, and lists of fixed forms, stay what they are", () => {
  const tree = {
    type: "object",
    properties: { name: { type: "string" }, below: { type: "array", items: { $ref: "#/$defs/tree" } } },
  };
  const schema = {
    type: "object",
    properties: {
      tree: { $ref: "#/$defs/tree" },
      pair: { type: "array", prefixItems: [{ type: "number" }, { type: "string" }] },
    },
    $defs: { tree },
  };
  const made = JSON.stringify(configFileSchema([{ type: "a b", schema }]));
  expect(made).toContain('"$ref":"#/definitions/service:a:b/definitions/tree"');
  expect(made).not.toContain("$defs");
  expect(made).not.toContain("prefixItems");
});
