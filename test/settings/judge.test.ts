// Values judged by a schema that came as JSON.
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import type { JsonObject } from "../../src/common/json.ts";
import { configJsonSchema, type JsonSchema } from "../../src/config/json-schema.ts";
import { baseServiceConfig } from "../../src/config/service-config.ts";
import { openJudge } from "../../src/settings/judge.ts";

const Config = baseServiceConfig.extend({
  interval: z.number().positive().default(5),
  host: z.string(),
  limits: z.object({ min: z.number(), max: z.number() }).optional(),
  targets: z.array(z.object({ name: z.string(), at: z.number() })).default([]),
  login: z.object({ user: z.string(), code: z.string().meta({ secret: true }) }).optional(),
  mode: z
    .discriminatedUnion("kind", [z.object({ kind: z.literal("a"), n: z.number() }), z.object({ kind: z.literal("b") })])
    .optional(),
});

/** As it travels. */
function published(schema: z.ZodType): JsonSchema {
  const json = configJsonSchema(schema);
  if (!json) throw new Error("no JSON form");
  return JSON.parse(JSON.stringify(json));
}

const GOOD: JsonObject[] = [
  { interval: 2 },
  { limits: { max: 3 } },
  { targets: [{ name: "M31", at: 3 }] },
  { mode: { kind: "a", n: 1 } },
  { restart: "always", restart_sec: 3, log_level: "debug", schedule: "every 30s" },
];
test.each(GOOD)("a part of a configuration is good: %j", async (fields) => {
  expect((await openJudge([published(Config)])).faults("x.main", fields)).toEqual([]);
});

const BAD: [JsonObject, RegExp][] = [
  [{ interval: -1 }, /^x\.main: interval: given -1, expected a positive number$/],
  [{ limits: { max: "3" } }, /^x\.main: limits\.max: given "3", expected a number$/],
  [{ intervall: 1 }, /intervall: given an unknown field, expected one of .* \(did you mean "interval"\?\)$/],
  [{ targets: [{ name: "M31" }] }, /targets\[0\]\.at: given nothing, expected a number/],
  [{ login: { code: 12 } }, /login\.code: given a hidden value, expected text/],
  [{ restart: "x" }, /restart: given "x", expected one of no/],
  [{ module: "x.ts" }, /module: given what only the configuration file may say/],
];
test.each(BAD)("%j is refused in plain words", async (fields, words) => {
  const faults = (await openJudge([published(Config)])).faults("x.main", fields);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(words);
});

test("a schema that takes any field takes any field", async () => {
  const judge = await openJudge([published(z.looseObject({ n: z.number() }))]);
  expect(judge.faults("x", { other: 1 })).toEqual([]);
  expect(judge.faults("x", { n: "1" })).toHaveLength(1);
});

describe("text from a command line", () => {
  const VALUES: [string, string, unknown][] = [
    ["interval", "2", 2],
    ["host", "00123", "00123"],
    ["limits", "{min: 1, max: 2}", { min: 1, max: 2 }],
    ["limits.max", "3", 3],
    ["restart_sec", "3", 3],
    // JSON would make null of them.
    ["interval", ".inf", ".inf"],
    ["interval", "1e999", "1e999"],
    // No field, though every object has something of that name.
    ["constructor", "1", 1],
    ["__proto__.x", "1", 1],
    ["limits.toString", "1", "1"],
  ];
  test.each(VALUES)("%s=%s is what the schema takes", async (path, text, value) => {
    expect((await openJudge([published(Config)])).value(path, text)).toEqual(value as never);
  });
});

test("what is said of all services must be a field of one at least, and fit all that have it", async () => {
  const schemas = [
    published(z.object({ n: z.number() })),
    published(z.object({ n: z.number().max(9), m: z.string() })),
  ];
  const judge = await openJudge(schemas, true);
  expect(judge.faults("all", { n: 3, m: "x", log_level: "debug" })).toEqual([]);
  expect(judge.faults("all", { n: 10 })).toHaveLength(1);
  expect(judge.faults("all", { other: 1 })).toHaveLength(1);
});

test("secrets are known by the schema and by their names, and hidden", async () => {
  const judge = await openJudge([published(Config)]);
  const fields = { interval: 1, login: { user: "ann", code: "77" }, api_token: "abc" };
  expect(judge.secretsIn(fields)).toEqual(["login.code", "api_token"]);
  expect(judge.masked(fields)).toEqual({ interval: 1, login: { user: "ann", code: "***" }, api_token: "***" });
});

test("a list with a secret in it is one, by its schema or by a name in it", async () => {
  const logins = z.array(z.object({ user: z.string(), code: z.string().meta({ secret: true }) }));
  const judge = await openJudge([published(z.object({ logins: logins.optional(), rest: z.any().optional() }))]);
  const fields = { logins: [{ user: "ann", code: "77" }], rest: [{ deep: [{ api_token: "abc" }] }], plain: [1] };
  expect(judge.secretsIn(fields)).toEqual(["logins", "rest"]);
  expect(judge.masked(fields)).toEqual({ logins: "***", rest: "***", plain: [1] });
});

test("without a schema, or with one that cannot be read, it is blind for a service's own fields", async () => {
  const strange: JsonSchema = { type: "object", not: {}, if: {} };
  for (const judge of [await openJudge([]), await openJudge([strange])]) {
    expect([judge.isBlind, judge.hasOwn({ restart: "no" }), judge.hasOwn({ n: 1 })]).toEqual([true, false, true]);
    expect(judge.faults("x", { restart: "x" })).toHaveLength(1);
  }
});
