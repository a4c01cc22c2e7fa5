import { expect, test } from "bun:test";
import { InvalidServiceConfig } from "../../src/host/service-config-error.ts";

test("a configuration that a host refuses is told with what was given, and by whom", () => {
  const error = new InvalidServiceConfig("dome.main", [
    {
      path: ["interval"],
      given: "-1",
      expected: "a positive number",
      origin: "environment",
      variable: "DOME_INTERVAL",
    },
    { path: ["limits", 0, "max"], given: "a hidden value", expected: "text", origin: "file" },
    { path: [], given: "these values", expected: "min below max", origin: "default" },
  ]);
  expect(error.message).toBe(
    "invalid configuration of dome.main: interval: given -1 by DOME_INTERVAL, expected a positive number; " +
      "limits[0].max: given a hidden value, expected text; given these values, expected min below max",
  );
  expect(error.exitCode).toBe(5);
});
