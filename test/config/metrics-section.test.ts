// The `metrics:` part of a configuration file.
import { expect, test } from "bun:test";
import { ConfigError, loadFleet } from "../../src/config/index.ts";
import { tempFolder } from "../support/temp.ts";

async function load(text: string) {
  using folder = tempFolder();
  const file = await folder.write("services.yaml", `${text}\nservices:\n  - hello_world\n`);
  return await loadFleet({ file, env: {}, builtinTypes: new Set(["hello_world"]) });
}

test.each([
  ["metrics: 9464", { port: 9464 }],
  ["metrics: {port: 9464}", { port: 9464 }],
  ["metrics: {port: 9464, host: 0.0.0.0}", { port: 9464, host: "0.0.0.0" }],
])("%s", async (text, metrics) => {
  expect((await load(text)).metrics).toEqual(metrics);
});

test("without it there are none", async () => {
  expect(await load("")).not.toHaveProperty("metrics");
  expect(await load("metrics: ~")).not.toHaveProperty("metrics");
});

test.each([
  ["metrics: yes please", "metrics"],
  ["metrics: 0", "metrics"],
  ["metrics: {host: 0.0.0.0}", "metrics.port"],
  ["metrics: {port: 70000}", "metrics.port"],
  ["metrics: {port: 9464, hots: x}", "hots"],
])("%s is refused", async (text, key) => {
  const loading = load(text);
  expect(loading).rejects.toThrow(ConfigError);
  expect(loading).rejects.toThrow(key);
});
