// Where a row's fields stand in the file.
import { describe, expect, test } from "bun:test";
import { formatIssue } from "../../src/config/errors.ts";
import { loadServiceRow } from "../../src/config/index.ts";
import { positionOf, toConfigIssues, toRefusal } from "../../src/config/row-source.ts";
import { load } from "./support.ts";

describe("places", () => {
  const text = "services:\n  - type: hello_world\n    limits:\n      max: 3\n    targets: [a,\n      b]\n    empty:\n";

  test("of a row's fields are known", async () => {
    const [row] = (await load(text)).services;
    if (!row) throw new Error("no row");
    const at = (...path: (string | number)[]) => {
      const { line, column } = positionOf(row, path) ?? {};
      return `${line}:${column}`;
    };
    expect(at()).toBe("2:5");
    expect(at("limits", "max")).toBe("4:12");
    expect(at("limits", "min")).toBe("4:7");
    expect(at("targets", 1)).toBe("6:7");
    expect(at("empty")).toBe("7:5");
    expect(at("absent")).toBe("2:5");
  });

  test("are added to what a service's schema finds wrong", async () => {
    const [row] = (await load(text)).services;
    if (!row) throw new Error("no row");
    const issues = toConfigIssues(row, [
      { path: ["limits", "max"], given: "3", expected: "a whole number from 5 to 9", origin: "file" },
      { path: ["limits"], given: "an unknown field", unknown: true, expected: "no fields of its own", origin: "file" },
      { path: ["message"], given: "nothing", expected: "text", origin: "default" },
      {
        path: ["rate"],
        given: "-1",
        expected: "a positive number",
        origin: "environment",
        variable: "HELLO_WORLD_RATE",
      },
      { path: ["rate"], given: "-1", expected: "a positive number", origin: "command line" },
    ]);
    expect(issues.map(({ file, line, column, key }) => `${file}:${line}:${column} ${key}`)).toEqual([
      "/fleet/services.yaml:4:12 hello_world.main.limits.max",
      "/fleet/services.yaml:3:5 hello_world.main.limits",
      "/fleet/services.yaml:2:5 hello_world.main.message",
      "HELLO_WORLD_RATE:0:0 hello_world.main.rate",
      "--set:0:0 hello_world.main.rate",
    ]);
  });

  test("are added to why a service cannot be run at all, which is a sentence of its own", async () => {
    const [row] = (await load(text)).services;
    if (!row) throw new Error("no row");
    expect(formatIssue(toRefusal(row, "WrongKind overrides startService, but it is a blocking service"))).toBe(
      "/fleet/services.yaml:2:5: hello_world.main: WrongKind overrides startService, but it is a blocking service",
    );
  });

  test("a value that a service run by hand lacks comes with how to give it", async () => {
    const { services } = await loadServiceRow({
      service: "hello_world",
      env: {},
      builtinTypes: new Set(["hello_world"]),
    });
    const [row] = services;
    if (!row) throw new Error("no row");
    const lacking = { path: ["camera"], given: "nothing", expected: "text", origin: "default" as const };
    expect(toConfigIssues(row, [lacking]).map(formatIssue)).toEqual([
      "command line: hello_world.main.camera: given nothing, expected text (--set camera=VALUE gives it)",
    ]);
  });
});
