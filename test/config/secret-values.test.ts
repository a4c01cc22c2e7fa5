import { expect, test } from "bun:test";
import { z } from "zod";
import { secretValues } from "../../src/config/secret-values.ts";
import { BaseServiceConfig } from "../../src/config/service-config.ts";

const secret = () => z.string().meta({ secret: true });
const Config = BaseServiceConfig.extend({
  site: z.string().default("north"),
  key: secret(),
  inside: secret().optional(),
  outside: z.string().default("d-outside").meta({ secret: true }),
  login: z.object({ user: z.string(), pins: z.array(z.number().meta({ secret: true })) }),
  targets: z.record(z.string(), secret()),
  choice: z.union([z.number(), secret()]),
  all: z.object({ a: z.string(), b: z.array(z.string()) }).meta({ secret: true }),
});

test("what stands in fields declared secret is found, at any depth and in any wrapping, and nothing else", () => {
  const config = Config.parse({
    key: "s-key",
    inside: "s-inside",
    login: { user: "observer", pins: [1234, 5678] },
    targets: { a: "s-target" },
    choice: "s-choice",
    all: { a: "s-all", b: ["s-list"] },
  });
  expect(secretValues(Config, config).toSorted()).toEqual(
    ["1234", "5678", "d-outside", "s-all", "s-choice", "s-inside", "s-key", "s-list", "s-target"].toSorted(),
  );
});

test("a schema without secrets has none", () => {
  expect(secretValues(BaseServiceConfig, BaseServiceConfig.parse({}))).toEqual([]);
});

test("a schema that contains itself is looked through once, and its secrets are found all the same", () => {
  const Plain = BaseServiceConfig.extend({
    site: z.string(),
    get inner() {
      return Plain.optional();
    },
  });
  expect(secretValues(Plain, Plain.parse({ site: "north", inner: { site: "south" } }))).toEqual([]);
  const Deep = BaseServiceConfig.extend({
    pin: secret(),
    get inner() {
      return Deep.optional();
    },
  });
  expect(secretValues(Deep, Deep.parse({ pin: "s-1", inner: { pin: "s-2" } }))).toEqual(["s-1", "s-2"]);
});
