// `--set service.key=value`.
import { describe, expect, test } from "bun:test";
import { linesOf, load } from "./support.ts";

describe("--set", () => {
  const text =
    "services:\n  - type: hello_world\n    interval: 5\n  - type: hello_world\n    variant: dev\n  - examples.basic\n";

  test("gives a field of one service, or of all of a type", async () => {
    const sets = ["hello_world.interval=3", "hello_world.dev.interval=1", "examples.basic.main.limits.max=a=b"];
    const fleet = await load(text, { sets });
    expect(fleet.services.map(({ overrides }) => overrides)).toEqual([
      { interval: "3" },
      { interval: "1" },
      { "limits.max": "a=b" },
    ]);
    expect(fleet.services[0]?.fields).toEqual({ interval: 5 });
  });

  test("changes how a service is run", async () => {
    const sets = ["hello_world.dev.restart=always", "hello_world.dev.restart_sec=0", "hello_world.log_level=DEBUG"];
    const fleet = await load(text, { sets });
    expect(fleet.services[1]).toMatchObject({
      restart: { policy: "always", delayMs: 0 },
      logLevel: "debug",
      overrides: {},
    });
    expect(fleet.services[0]?.logLevel).toBe("debug");
    expect(fleet.services[2]?.logLevel).toBe("info");
  });

  test.each([
    ["nonsense", '--set nonsense: given "nonsense", expected service.key=value'],
    [
      "helo_world.main.x=1",
      '--set helo_world.main.x=1: given "helo_world.main.x", expected service.key, for one of hello_world.main, hello_world.dev, examples.basic.main (did you mean "hello_world.main"?)',
    ],
    [
      "hello_world.dev.restart=mabye",
      '--set hello_world.dev.restart=mabye: restart: given "mabye", expected one of no, on-failure, on-abnormal, always',
    ],
    [
      "hello_world.dev.variant=x",
      "--set hello_world.dev.variant=x: given variant, which says what the row is, expected a setting or a field of the service",
    ],
  ])("%s is refused", async (set, line) => {
    expect(await linesOf(load(text, { sets: [set] }))).toEqual([line]);
  });
});
