// A service's own configuration: sources, precedence, and what is said when it does not fit.
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { environmentName } from "../../src/config/environment-name.ts";
import {
  BaseServiceConfig,
  baseServiceConfig,
  type ConfigSchema,
  resolveServiceConfig,
  type ServiceConfigInput,
} from "../../src/config/service-config.ts";

function resolve<S extends ConfigSchema>(schema: S, input: Partial<ServiceConfigInput> = {}) {
  return resolveServiceConfig(schema, {
    type: "hello_world",
    variant: "dev",
    logLevel: "debug",
    fields: {},
    overrides: {},
    env: {},
    ...input,
  });
}

function configOf<S extends ConfigSchema>(schema: S, input: Partial<ServiceConfigInput> = {}) {
  const resolved = resolve(schema, input);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.issues));
  return resolved.config;
}

/** `path: given …, expected … (hint) [origin]` of each issue. */
function faults(schema: ConfigSchema, input: Partial<ServiceConfigInput> = {}): string[] {
  const resolved = resolve(schema, input);
  if (resolved.ok) throw new Error("accepted");
  return resolved.issues.map(
    ({ path, given, expected, hint, origin }) =>
      `${path.join(".")}: given ${given}, expected ${expected}${hint ? ` (${hint})` : ""} [${origin}]`,
  );
}

const Hello = baseServiceConfig.extend({
  interval: z.number().positive().default(5),
  message: z.string().default("Hello"),
});

describe("a configuration", () => {
  test("has the fields every service has", () => {
    expect(configOf(BaseServiceConfig)).toEqual({
      type: "hello_world",
      variant: "dev",
      instance_context: "dev",
      log_level: "debug",
    });
    expect(baseServiceConfig).toBe(BaseServiceConfig);
  });

  test("has them too when its schema is a plain object", () => {
    expect(configOf(z.object({ a: z.number().default(1) }))).toMatchObject({ a: 1, type: "hello_world" });
    expect(configOf(z.strictObject({ a: z.number().default(1) }))).toMatchObject({ a: 1, variant: "dev" });
  });

  test("takes each field from the strongest source that has it", () => {
    const Config = baseServiceConfig.extend({
      a: z.number().default(0),
      b: z.number().default(0),
      c: z.number().default(0),
      d: z.number().default(0),
    });
    const env = { HELLO_WORLD_A: "3", HELLO_WORLD_B: "3", HELLO_WORLD_C: "3" };
    const resolved = resolve(Config, { overrides: { a: "1" }, fields: { a: 2, b: 2 }, env });
    expect(resolved).toMatchObject({
      ok: true,
      config: { a: 1, b: 2, c: 3, d: 0 },
      origins: { a: "command line", b: "file", c: "environment", d: "default" },
    });
  });

  test("sets single values inside mappings and lists from the command line", () => {
    const Config = baseServiceConfig.extend({
      limits: z.object({ min: z.number(), max: z.number().optional(), unit: z.string().default("deg") }),
      targets: z.array(z.string()).default([]),
    });
    const config = configOf(Config, {
      fields: { limits: { min: 1, max: 2 }, targets: ["a", "b"] },
      overrides: { "limits.max": "9", "limits.unit": "5", "targets[1]": "7" },
    });
    expect(config).toMatchObject({ limits: { min: 1, max: 9, unit: "5" }, targets: ["a", "7"] });
  });
});

describe("a text from the environment or the command line", () => {
  test.each<[string, z.ZodType, string, unknown]>([
    ["is text where text is wanted", z.string(), "5", "5"],
    ["is text even when it looks like a list", z.string(), "[1]", "[1]"],
    ["is a number where a number is wanted", z.number(), "5", 5],
    ["is a negative number", z.number(), "-2.5e3", -2500],
    ["is a boolean", z.boolean(), "true", true],
    ["is a boolean written as yes", z.boolean(), "yes", true],
    ["is a boolean written as 0", z.boolean(), "0", false],
    ["is a choice", z.enum(["auto", "no"]), "no", "no"],
    ["is a list", z.array(z.number()), "[1, 2]", [1, 2]],
    ["is a mapping", z.object({ max: z.number() }), "{max: 3}", { max: 3 }],
    ["is a number first where both are allowed only after text", z.union([z.number(), z.string()]), "5", "5"],
    ["is nothing where nothing is allowed", z.number().nullable(), "~", null],
    ["with a colon stays text", z.string(), "a: b", "a: b"],
    ["is coerced by the schema itself", z.coerce.number(), "5", 5],
  ])("%s", (_, schema, text, value) => {
    const Config = baseServiceConfig.extend({ field: schema });
    expect(configOf(Config, { env: { HELLO_WORLD_FIELD: text } })).toMatchObject({ field: value });
    expect(configOf(Config, { overrides: { field: text } })).toMatchObject({ field: value });
  });

  test.each([
    ["hello_world", "interval", "HELLO_WORLD_INTERVAL"],
    ["examples.basic", "maxErrors", "EXAMPLES_BASIC_MAX_ERRORS"],
    ["dome-follower", "api_key", "DOME_FOLLOWER_API_KEY"],
  ])("of %s's %s is called %3$s", (type, field, name) => {
    expect(environmentName(type, field)).toBe(name);
  });
});

describe("a file's value that was one variable", () => {
  const Config = baseServiceConfig.extend({ key: z.string().default(""), port: z.number().default(0) });

  test("is what the schema says: text keeps every character", () => {
    const fields = { key: 1.5, port: 4222 };
    expect(configOf(Config, { fields, texts: { key: "1.50", port: "4222" } })).toMatchObject({
      key: "1.50",
      port: 4222,
    });
  });

  test("inside a list too", () => {
    const List = baseServiceConfig.extend({ keys: z.array(z.string()) });
    expect(configOf(List, { fields: { keys: [12, "b"] }, texts: { "keys[0]": "12" } })).toMatchObject({
      keys: ["12", "b"],
    });
  });

  test("is told as it is when neither fits", () => {
    const flag = baseServiceConfig.extend({ flag: z.boolean() });
    expect(faults(flag, { fields: { flag: 7 }, texts: { flag: "7" } })).toEqual([
      "flag: given 7, expected true or false [file]",
    ]);
  });
});

describe("what does not fit", () => {
  test("is told all at once, with its source", () => {
    const input = {
      fields: { intervall: 3, message: 7 },
      env: { HELLO_WORLD_INTERVAL: "-1" },
      overrides: { mesage: "x" },
    };
    expect(faults(Hello, input)).toEqual([
      'intervall: given an unknown field, expected one of interval, message (did you mean "interval"?) [file]',
      'mesage: given an unknown field, expected one of interval, message (did you mean "message"?) [command line]',
      "interval: given -1, expected a positive number [environment]",
      "message: given 7, expected text [file]",
    ]);
    const resolved = resolve(Hello, input);
    expect(!resolved.ok && resolved.issues.map(({ variable }) => variable)).toEqual([
      undefined,
      undefined,
      "HELLO_WORLD_INTERVAL",
      undefined,
    ]);
  });

  test("may be a mistyped setting of the framework", () => {
    expect(faults(Hello, { fields: { restart_maxx: 1 } })[0]).toContain('(did you mean "restart_max"?)');
    expect(faults(BaseServiceConfig, { fields: { x: 1 } })).toEqual([
      "x: given an unknown field, expected no fields of its own [file]",
    ]);
  });

  test("is nothing in a schema that is open", () => {
    const input = { fields: { extra: 1 }, overrides: { more: "2" } };
    expect(configOf(baseServiceConfig.loose(), input)).toMatchObject({ extra: 1, more: 2 });
    expect(faults(baseServiceConfig.catchall(z.number()), { fields: { extra: "x" } })).toEqual([
      'extra: given "x", expected a number [file]',
    ]);
  });

  test.each<[z.ZodType, unknown, string]>([
    [z.number(), "x", 'field: given "x", expected a number [file]'],
    [z.number().int().min(1).max(10), 20, "field: given 20, expected a whole number from 1 to 10 [file]"],
    [z.number().min(0), -1, "field: given -1, expected a number of at least 0 [file]"],
    [z.number().gt(1).lt(5), 9, "field: given 9, expected a number above 1 below 5 [file]"],
    [z.int(), 1.5, "field: given 1.5, expected a whole number [file]"],
    [z.boolean(), "maybe", 'field: given "maybe", expected true or false [file]'],
    [z.enum(["a", "b"]), "c", 'field: given "c", expected one of a, b [file]'],
    [z.union([z.number(), z.literal("auto")]), "x", 'field: given "x", expected a number or "auto" [file]'],
    [z.string().min(1), "", 'field: given "", expected text that is not empty [file]'],
    [z.string().regex(/^a/), "b", 'field: given "b", expected text that matches /^a/ [file]'],
    [z.url(), "x", 'field: given "x", expected a URL [file]'],
    [z.string(), undefined, "field: given nothing, expected text [default]"],
    [z.array(z.number()), 3, "field: given 3, expected a list (each a number) [file]"],
    [z.array(z.number()), [1, "x"], 'field.1: given "x", expected a number [file]'],
    [
      z.object({ max: z.object({ az: z.number() }) }),
      { max: { az: "x" } },
      'field.max.az: given "x", expected a number [file]',
    ],
    [
      z.strictObject({ max: z.number() }),
      { max: 1, mxa: 2 },
      'field.mxa: given an unknown field, expected one of max (did you mean "max"?) [file]',
    ],
    [z.record(z.string(), z.number()), { a: "x" }, 'field.a: given "x", expected a number [file]'],
    [z.number().refine((n) => n % 2 === 0, "an even number"), 3, "field: given 3, expected an even number [file]"],
    [z.number().positive("more than nothing"), -3, "field: given -3, expected more than nothing [file]"],
    [z.string().meta({ secret: true }), 1234, "field: given a hidden value, expected text [file]"],
    [
      z.discriminatedUnion("t", [z.object({ t: z.literal("a"), v: z.number() })]),
      { t: "a", v: "x" },
      'field.v: given "x", expected a number [file]',
    ],
  ])("is told in plain words (%#)", (schema, value, line) => {
    const Config = baseServiceConfig.extend({ field: schema });
    expect(faults(Config, { fields: value === undefined ? {} : { field: value } })).toEqual([line]);
  });

  test("is told for a check over several fields, and for one that throws", () => {
    const Range = baseServiceConfig
      .extend({ min: z.number().default(5), max: z.number().default(1) })
      .refine(({ min, max }) => min < max, "min below max");
    expect(faults(Range)).toEqual([": given these values, expected min below max [default]"]);
    const Throwing = baseServiceConfig.extend({
      a: z.number().refine(() => {
        throw new Error("bug");
      }),
    });
    expect(faults(Throwing, { overrides: { a: "1" } })).toEqual([
      ": given these values, expected a schema whose checks do not throw (bug) [default]",
    ]);
  });
});
