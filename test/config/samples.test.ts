// The configurations that are shown to people are valid.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { loadFleet } from "../../src/config/load-fleet.ts";
import { BUILTINS, load } from "./support.ts";

const ROOT = join(import.meta.dir, "../..");

test("the tutorial's configuration runs each example and hello_world on the host's own broker", async () => {
  const fleet = await loadFleet({ file: join(ROOT, "config/examples.yaml"), env: {}, builtinTypes: BUILTINS });
  expect(fleet.nats).toBeUndefined();
  expect(fleet.services.map(({ id, restart, fields }) => [id, restart.policy, restart.max, fields])).toEqual([
    ["hello_world.main", "no", 0, { interval: 5, message: "Hello World!" }],
    ["examples.minimal.tutorial", "no", 0, {}],
    ["examples.basic.tutorial", "on-failure", 3, { interval: 2, message: "Basic service running" }],
    ["examples.logging.tutorial", "on-failure", 5, { interval: 3, simulate_errors: true }],
    ["examples.monitoring.tutorial", "always", 0, { interval: 2, max_errors: 5 }],
    ["examples.nonblocking.tutorial", "no", 0, { worker_count: 3, interval: 2 }],
  ]);
});

test("the sample is valid, also with its examples in comments taken in", async () => {
  const file = join(ROOT, "config/services.sample.yaml");
  const fleet = await loadFleet({ file, env: {}, builtinTypes: BUILTINS });
  expect(fleet.services.map(({ id }) => id)).toEqual([
    "hello_world.main",
    "hello_world.dev",
    "examples.minimal.tutorial",
  ]);
  const text = (await Bun.file(file).text()).replace(/^#launchers:.*/ms, (part) => part.replaceAll(/^#/gm, ""));
  const all = await load(text, { files: { "/fleet/dome_follower.ts": undefined } });
  expect(all.services.map(({ id, home }) => `${id} ${home}`)).toContain("dome_follower.zb08 process");
});

test("the sample of foreign programs is valid, also with its examples in comments taken in", async () => {
  const file = join(ROOT, "config/foreign.sample.yaml");
  const fleet = await loadFleet({ file, env: {}, builtinTypes: BUILTINS });
  expect(fleet.services.map(({ id, home }) => [id, home])).toEqual([["clock.main", "exec"]]);
  const text = (await Bun.file(file).text()).replaceAll(/^ {2}#/gm, "  ");
  const all = await load(text.replaceAll(/^ {2} (?=The row|Everything|Runs)/gm, "  # "), { env: { API_TOKEN: "t" } });
  expect(all.services.map(({ id }) => id)).toEqual(["clock.main", "dome_follower.zb08", "camera.zb08"]);
  expect(all.services[1]?.fields).toEqual({ tolerance: 2.5 });
  expect(all.services[2]?.module).toMatchObject({ cwd: "/camera", env: { LOG_LEVEL: "info", API_TOKEN: "t" } });
});

describe("docs/configuration.md", () => {
  test("shows only configurations that are valid", async () => {
    const text = await Bun.file(join(ROOT, "docs/configuration.md")).text();
    const blocks = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = ""]) => yaml);
    expect(blocks.length).toBeGreaterThan(5);
    const env = { API_KEY: "k", NATS_USER: "u", NATS_PASSWORD: "p" };
    const modules = ["telescope_monitor", "dome_follower", "guider", "drivers/mount", "my_project/telescope_control"];
    const files = Object.fromEntries(modules.map((name) => [`/fleet/${name}.ts`, undefined]));
    for (const yaml of blocks) {
      const whole = /^(services|launchers):/m.test(yaml) ? yaml : `${yaml}\nservices: [hello_world]\n`;
      const fleet = await load(whole, { env, files }).catch((error: unknown) => `${yaml}\n${String(error)}`);
      expect(fleet).toHaveProperty("services");
    }
  });

  test("shows what is really said of a broken configuration", async () => {
    const text = await Bun.file(join(ROOT, "docs/configuration.md")).text();
    const [, broken = "", said = ""] = /```yml\n((?:(?!^```).)*)^```\n+```text\n(.*?)^```/ms.exec(text) ?? [];
    const error = await load(broken, { file: "/fleet/services.yaml" }).catch((cause: unknown) => cause);
    const lines = error instanceof Error && "lines" in error && Array.isArray(error.lines) ? error.lines : [];
    expect(lines.map((line: string) => line.replace("/fleet/", ""))).toEqual(said.trimEnd().split("\n"));
  });
});
