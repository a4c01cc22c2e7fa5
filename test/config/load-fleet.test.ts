// Configuration files: what they may say, and what they become.
import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/config/errors.ts";
import { loadFleet } from "../../src/config/load-fleet.ts";
import { ROW_KEYS, type SHARED_ROW_KEYS } from "../../src/config/types.ts";
import { cpuMsSince } from "../support/cpu.ts";
import { tempFolder } from "../support/temp.ts";
import { BUILTINS, linesOf, load } from "./support.ts";

describe("a service row", () => {
  test("needs only a type", async () => {
    const fleet = await load("services:\n  - type: hello_world\n");
    expect(fleet).toEqual({
      file: "/fleet/services.yaml",
      files: ["/fleet/services.yaml"],
      subjectPrefix: "svc",
      launcher: { home: "worker", terminateDelayMs: 10_000 },
      services: [
        {
          id: "hello_world.main",
          type: "hello_world",
          variant: "main",
          module: { kind: "builtin", type: "hello_world" },
          home: "worker",
          restart: { policy: "no", delayMs: 5000, max: 0, windowMs: 60_000, backoff: 1, maxDelayMs: 300_000 },
          after: [],
          standby: false,
          logLevel: "info",
          fields: {},
          overrides: {},
          position: { file: "/fleet/services.yaml", line: 2, column: 5 },
        },
      ],
    });
  });

  test("says how it is run, and keeps its own fields as they are written", async () => {
    const fleet = await load(
      `services:
  - type: hello_world
    variant: dev
    launcher: asyncio
    group: dome
    restart: on-failure
    restart_sec: 0.5
    restart_max: 3
    restart_window: 120
    log_level: WARN
    runner_id: dev.hello
    interval: 2.5
    message: "Hi"
    limits: {max: 3, names: [a, b]}
    nothing: ~
`,
    );
    expect(fleet.services[0]).toMatchObject({
      id: "hello_world.dev",
      home: "inline",
      group: "dome",
      restart: { policy: "on-failure", delayMs: 500, max: 3, windowMs: 120_000 },
      logLevel: "warning",
      runnerId: "dev.hello",
      fields: { interval: 2.5, message: "Hi", limits: { max: 3, names: ["a", "b"] }, nothing: null },
    });
  });

  test.each([
    ["- hello_world.dev", "hello_world.dev"],
    ["- hello_world", "hello_world.main"],
    ["- examples.minimal", "examples.minimal.main"],
    ["- examples.minimal.tutorial", "examples.minimal.tutorial"],
    ["- {type: hello_world, variant: 7}", "hello_world.7"],
    ["- {type: hello_world, variant: 007}", "hello_world.007"],
    ["- {type: hello_world, instance_context: zb08}", "hello_world.zb08"],
    ["- {type: hello_world, instance: zb08}", "hello_world.zb08"],
    ["- {type: hello_world, variant: a, instance_context: a}", "hello_world.a"],
    ["- {type: hello_world, variant: ~}", "hello_world.main"],
  ])("written %s is %s", async (row, id) => {
    expect((await load(`services:\n  ${row}\n`)).services.map((service) => service.id)).toEqual([id]);
  });

  test.each([
    ["no", "no"],
    ["'no'", "no"],
    ["false", "no"],
    ["always", "always"],
    ["On-Failure", "on-failure"],
    ["on-abnormal", "on-abnormal"],
  ])("may say restart: %s", async (written, policy) => {
    const fleet = await load(`services:\n  - type: hello_world\n    restart: ${written}\n`);
    expect(fleet.services[0]?.restart.policy).toBe(policy as never);
  });

  test("takes what it does not say from defaults, its launcher and the top level", async () => {
    const fleet = await load(
      `log_level: debug
terminate_delay: 3
defaults: {restart: always, restart_sec: 1, launcher: process}
services:
  - hello_world.a
  - {type: hello_world, variant: b, restart: no, log_level: error, launcher: inline}
launchers:
  dome: {type: worker, terminate_delay: 20, services: [hello_world.c]}
`,
    );
    expect(fleet.services.map(({ id, home, restart, logLevel }) => [id, home, restart.policy, logLevel])).toEqual([
      ["hello_world.a", "process", "always", "debug"],
      ["hello_world.b", "inline", "no", "error"],
      ["hello_world.c", "worker", "always", "debug"],
    ]);
    expect(fleet.launcher).toEqual({ home: "process", terminateDelayMs: 20_000 });
  });

  test("takes its log level from the environment when the file has none", async () => {
    const env = { HELLO_WORLD_LOG_LEVEL: "debug" };
    expect((await load("services: [hello_world]", { env })).services[0]?.logLevel).toBe("debug");
    expect((await load("log_level: error\nservices: [hello_world]", { env })).services[0]?.logLevel).toBe("error");
    const bad = load("services: [hello_world.a, hello_world.b]", { env: { HELLO_WORLD_LOG_LEVEL: "loud" } });
    expect(await linesOf(bad)).toEqual([
      'environment: HELLO_WORLD_LOG_LEVEL: given "loud", expected one of debug, info, warning, error, critical',
    ]);
  });

  test("keeps a field named __proto__ as a field", async () => {
    const fleet = await load("services:\n  - type: hello_world\n    __proto__: {polluted: 1}\n");
    expect(Object.keys(fleet.services[0]?.fields ?? {})).toEqual(["__proto__"]);
    expect("polluted" in {}).toBe(false);
  });
});

describe("older forms", () => {
  test("a launcher's row may name only a module, an instance and a runner", async () => {
    const fleet = await load(
      `launchers:
  dev_launcher:
    type: process
    services:
      - module: ocabox_tcs.services.hello_world
        instance: dev
        runner_id: dev_launcher.hello_world_runner
`,
    );
    expect(fleet.services[0]).toMatchObject({
      id: "hello_world.dev",
      module: { kind: "builtin", type: "hello_world" },
      home: "process",
      runnerId: "dev_launcher.hello_world_runner",
    });
  });

  test("the Python project's registry of numbered example files names the built-in ones", async () => {
    const fleet = await load(
      `nats: {host: localhost, port: 4222, required: false}
registry:
  examples.minimal: ocabox_tcs.services.examples.01_minimal
  hello_world: ~
services:
  - type: examples.minimal
    variant: tutorial
    restart: "no"
  - type: hello_world
    instance_context: main
`,
    );
    expect(fleet.services.map(({ module }) => module)).toEqual([
      { kind: "builtin", type: "examples.minimal" },
      { kind: "builtin", type: "hello_world" },
    ]);
    expect(fleet.nats?.servers).toEqual(["nats://localhost:4222"]);
  });

  test("a mapping may be merged from an anchor under an x- key", async () => {
    const fleet = await load(
      "x-common: &common\n  restart: always\n  interval: 1\nservices:\n  - <<: *common\n    type: hello_world\n    interval: 2\n",
    );
    expect(fleet.services[0]).toMatchObject({ restart: { policy: "always" }, fields: { interval: 2 } });
  });
});

describe("--launcher", () => {
  const text = `services: [hello_world.top]
launchers:
  dome: {type: process, services: [hello_world.dome]}
  guider: {services: [{type: hello_world, variant: guider, launcher: inline}, hello_world.dome]}
`;

  test.each([
    ["inline", ["top inline", "dome inline", "guider inline"]],
    ["asyncio", ["top inline", "dome inline", "guider inline"]],
    ["process", ["top process", "dome process", "guider process"]],
  ])("%s is the home of every service, whatever the file says", async (launcher, expected) => {
    const single = text.replace(", hello_world.dome]}\n", "]}\n");
    const fleet = await load(single, { launcher });
    expect(fleet.services.map(({ variant, home }) => `${variant} ${home}`)).toEqual(expected);
    expect(fleet.launcher).toEqual({ home: launcher === "process" ? "process" : "inline", terminateDelayMs: 10_000 });
  });

  test("may be a launcher of the file: then only its services are run", async () => {
    const fleet = await load(text, { launcher: "dome" });
    expect(fleet.services.map(({ id, home }) => `${id} ${home}`)).toEqual(["hello_world.dome process"]);
    expect(fleet.launcher).toEqual({ name: "dome", home: "process", terminateDelayMs: 10_000 });
    const guider = await load(text, { launcher: "guider" });
    expect(guider.services.map(({ id, home }) => `${id} ${home}`)).toEqual([
      "hello_world.guider inline",
      "hello_world.dome worker",
    ]);
  });

  test("a service in two launchers is refused only when both are run", async () => {
    expect(await linesOf(load(text))).toEqual([
      "services.yaml:4:79: launchers.guider.services[1]: given hello_world.dome a second time, expected each service once; it stands on line 3 already (give it another variant)",
    ]);
  });

  test("that does not exist is refused with the nearest that does", async () => {
    expect(await linesOf(load(text, { launcher: "dom" }))).toContain(
      'command line: --launcher: given "dom", expected one of inline, worker, process, systemd, dome, guider (did you mean "dome"?)',
    );
  });

  test("a launcher's other services may have modules that this host lacks", async () => {
    const elsewhere = "launchers:\n  here: {services: [hello_world]}\n  there: {services: [{module: ./not_here.ts}]}\n";
    expect((await load(elsewhere, { launcher: "here" })).services).toHaveLength(1);
    expect(await linesOf(load(elsewhere))).toHaveLength(1);
  });
});

test("a file of 1,000 services is read well under 100 ms", async () => {
  const rows = Array.from(
    { length: 1000 },
    (_, i) =>
      `  - type: sensor\n    variant: v${i}\n    interval: 5\n    message: "Hello"\n    restart: always\n    restart_sec: 1\n`,
  );
  using folder = tempFolder();
  await folder.write("sensor.ts", `export class Sensor {}\n${"// long\n".repeat(10_000)}`);
  const file = await folder.write("services.yaml", `services:\n${rows.join("")}`);
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = process.cpuUsage();
    const fleet = await loadFleet({ file, env: {}, builtinTypes: BUILTINS });
    times.push(cpuMsSince(start));
    expect(fleet.services).toHaveLength(1000);
  }
  // The best of five: a busy machine must not fail this, a file parsed for each row would (FAULTS 14).
  expect(Math.min(...times)).toBeLessThan(100);
});

test("defaults take every key that rows may share, and no other", async () => {
  const values: Record<(typeof SHARED_ROW_KEYS)[number], string> = {
    launcher: "inline",
    group: "g",
    restart: "always",
    restart_sec: "1",
    restart_max: "2",
    restart_window: "3",
    restart_backoff: "4",
    restart_sec_max: "5",
    overlap: "queue",
    missed: "run",
    watchdog_sec: "6",
    standby: "true",
    config_reload: "ignore",
    log_level: "error",
  };
  const lines = Object.entries(values).map(([key, value]) => `  ${key}: ${value}`);
  const { services } = await load(
    `defaults:\n${lines.join("\n")}\nservices:\n  - {type: hello_world, schedule: every 1h}\n`,
  );
  expect(services[0]).toMatchObject({
    home: "inline",
    group: "g",
    restart: { policy: "always", delayMs: 1000, max: 2, windowMs: 3000, backoff: 4, maxDelayMs: 5000 },
    timetable: { overlap: "queue", missed: "run" },
    watchdogMs: 6000,
    standby: true,
    configReload: "ignore",
    logLevel: "error",
  });
  for (const key of ROW_KEYS.filter((key) => !(key in values))) {
    const [line] = await linesOf(load(`defaults: {${key}: x}\nservices: [hello_world]\n`));
    expect(line).toContain(`defaults.${key}: given an unknown key`);
  }
});

test("of a file with faults the rows are told whose fields could be read, each id once", async () => {
  const error = await load(
    [
      "services:",
      "  - {type: hello_world, variant: a, restart: sometimes, limits: {max: 1}}",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
      "  - {type: hello_world, variant: b, limits: {max: '${NOT_SET}'}}",
      "  - {type: helo_world}",
      "  - {type: hello_world, variant: a, limits: {max: 2}}",
      "  - {type: hello_world, variant: c}",
    ].join("\n"),
  ).catch((cause: unknown) => cause);
  if (!(error instanceof ConfigError)) throw error;
  expect(error.issues.length).toBe(4);
  expect(error.readable?.services.map(({ id, fields }) => [id, fields])).toEqual([
    ["hello_world.c", {}],
    ["hello_world.a", { limits: { max: 1 } }],
  ]);
});
