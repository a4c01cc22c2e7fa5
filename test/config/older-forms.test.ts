// Older forms of configuration: read as they are, or refused with what to write instead.
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { BaseServiceConfig, resolveServiceConfig } from "../../src/config/service-config.ts";
import { linesOf, load } from "./support.ts";

describe("services as a mapping of types to variants", () => {
  test("is a list of rows, each with its own place", async () => {
    const fleet = await load(
      "services:\n  hello_world:\n    main:\n    fast:\n      interval: 1\n      restart: no\n  examples.basic:\n    lab: {message: hi}\n",
    );
    expect(fleet.services.map(({ id, fields, position }) => [id, fields, position?.line])).toEqual([
      ["hello_world.main", {}, 3],
      ["hello_world.fast", { interval: 1 }, 4],
      ["examples.basic.lab", { message: "hi" }, 8],
    ]);
  });

  test("is checked as rows are, in the places where they stand", async () => {
    expect(await linesOf(load("services:\n  hello_wrld:\n    a.b:\n    main: {restart: sometimes}\n"))).toEqual([
      'services.yaml:2:3: services[1].type: given "hello_wrld", expected a built-in service, an entry in registry, a module, or a file hello_wrld.ts beside the configuration (did you mean "hello_world"?)',
      'services.yaml:3:5: services[0].variant: given "a.b", expected a legal variant (a variant may not contain dots)',
      'services.yaml:4:21: services[1].restart: given "sometimes", expected one of no, on-failure, on-abnormal, always',
    ]);
  });

  test.each([
    ["the fields of one row", "services:\n  type: hello_world\n  variant: main\n"],
    ["types without variants", "services:\n  hello_world:\n    interval: 3\n"],
    ["names of rows that say their type", "services:\n  greeter:\n    north: {type: hello_world}\n"],
  ])("is not %s: that is refused, with the form of a list", async (_, text) => {
    expect(await linesOf(load(text))).toEqual([
      "services.yaml:2:3: services: given a mapping, expected a list of services (put `- ` before each: `- type: hello_world`)",
    ]);
  });
});

describe("what an older file says in another place", () => {
  test.each([
    ["interval: 5", "a service's own field stands in its row; what several share, under a key that begins with `x-`"],
    ["hello_world: {interval: 3}", "the fields of a service stand in its row: `- type: hello_world`"],
    ["restart: always", "for all rows it stands under `defaults:`"],
    ["module: my.dome", "it stands in a row of `services:`"],
    [
      "launchers: [{services: [hello_world.a]}]",
      "a name for each, with `type:` and `services:` below it, instead of `- `",
    ],
    ["launchers: {a: {type: container}}", "run `tcs run` in the container"],
  ])("%s is refused, with where it stands", async (line, hint) => {
    const [told = "", ...more] = await linesOf(load(`${line}\nservices: [hello_world]\n`));
    expect(more).toEqual([]);
    expect(told).toStartWith("services.yaml:1:");
    expect(told).toEndWith(`(${hint})`);
  });

  test("a row with a name instead of a type is refused, with what names a service", async () => {
    expect(await linesOf(load("services:\n  - name: hello_world\n"))).toEqual([
      'services.yaml:2:5: services[0]: given a service without a type, expected type: hello_world, or a module ("name" stands there: a service is named by its `type` and `variant`)',
    ]);
  });

  test("fields one level too deep are refused, with where they stand", () => {
    const input = { type: "t", variant: "main", logLevel: "info", overrides: {}, env: {} } as const;
    const Config = BaseServiceConfig.extend({ interval: z.number().default(1) });
    const result = resolveServiceConfig(Config, { ...input, fields: { config: { interval: 3 } } });
    expect(result.ok ? [] : result.issues.map(({ hint }) => hint)).toEqual([
      "a service's fields stand in the row itself, without `config:`",
    ]);
  });
});

describe("yes, no, on and off", () => {
  const input = { type: "t", variant: "main", logLevel: "info", overrides: {}, env: {} } as const;
  const Config = BaseServiceConfig.extend({ rest: z.boolean(), answer: z.string(), mode: z.enum(["on", "off"]) });

  test("are booleans where the schema wants one, and text elsewhere", () => {
    const fields = { rest: "yes", answer: "no", mode: "off" };
    const result = resolveServiceConfig(Config, { ...input, fields });
    expect(result.ok && result.config).toMatchObject({ rest: true, answer: "no", mode: "off" });
  });

  test("are told as they stand where the schema wants neither", () => {
    const Count = BaseServiceConfig.extend({ count: z.number() });
    const result = resolveServiceConfig(Count, { ...input, fields: { count: "On" } });
    expect(result.ok ? [] : result.issues.map(({ given, expected }) => [given, expected])).toEqual([
      ['"On"', "a number"],
    ]);
  });
});
