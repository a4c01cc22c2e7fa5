// Rows with `command`: foreign programs, what they may say and what they may not.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the configuration, not of this file
import { describe, expect, test } from "bun:test";
import { fillPlaceholders } from "../../src/config/placeholders.ts";
import type { Program, ServiceRow } from "../../src/config/types.ts";
import { linesOf, load } from "./support.ts";

async function rowOf(yaml: string, options: Parameters<typeof load>[1] = {}): Promise<ServiceRow> {
  const [row] = (await load(yaml, options)).services;
  if (!row) throw new Error("no row");
  return row;
}

async function programOf(yaml: string, options: Parameters<typeof load>[1] = {}): Promise<Program> {
  const { module } = await rowOf(yaml, options);
  if (module.kind !== "program") throw new Error("no program");
  return module;
}

test("a row with command is a program in a home of its own, and needs no file", async () => {
  const row = await rowOf(
    'services: [{type: guider, variant: zb08, command: [python3, -m, guider, "{variant}"], restart: always}]',
  );
  expect(row).toMatchObject({ id: "guider.zb08", home: "exec", fields: {}, restart: { policy: "always" } });
  expect(row.group).toBeUndefined();
  expect(row.module).toEqual({
    kind: "program",
    command: ["python3", "-m", "guider", "{variant}"],
    written: "python3 -m guider {variant}",
    cwd: "/fleet",
    env: {},
    configFile: "/fleet/services.yaml",
  });
});

test("home and group of all others are not its own", async () => {
  const yaml = "defaults: {launcher: process, group: g}\nservices: [{type: a, command: [ls]}]";
  const row = await rowOf(yaml, { launcher: "inline" });
  expect(row).toMatchObject({ home: "exec" });
  expect(row.group).toBeUndefined();
});

test("arguments are text as written, also empty, numbers and words that YAML takes for something else", async () => {
  const { command } = await programOf('services: [{type: a, command: [run, 007, 1.50, yes, "", "-x=1", "two words"]}]');
  expect(command).toEqual(["run", "007", "1.50", "yes", "", "-x=1", "two words"]);
});

test("variables are filled in where it runs, and nowhere that is shown", async () => {
  const env = { TOKEN: "sesame", PORT: "0123" };
  const yaml =
    'services: [{type: a, command: [run, "--token=${TOKEN}", "a b"], env: {PORT: "${PORT}", N: 5, EMPTY: ""}}]';
  const program = await programOf(yaml, { env });
  expect(program.command).toEqual(["run", "--token=sesame", "a b"]);
  expect(program.env).toEqual({ PORT: "0123", N: "5", EMPTY: "" });
  expect(program.written).toBe('run --token=${TOKEN} "a b"');
});

test("cwd is relative to the folder of the configuration", async () => {
  expect((await programOf("services: [{type: a, command: [ls], cwd: ../py}]")).cwd).toBe("/py");
  expect((await programOf("services: [{type: a, command: [ls], cwd: /opt/py}]")).cwd).toBe("/opt/py");
});

test("--set gives variables of the environment", async () => {
  const yaml = "services: [{type: a, command: [ls], env: {X: 1, Y: 2}}]";
  expect((await programOf(yaml, { sets: ["a.main.env.X=7", "a.env.Z=a=b"] })).env).toEqual({
    X: "7",
    Y: "2",
    Z: "a=b",
  });
  expect((await rowOf(yaml, { sets: ["a.main.restart=always", "a.env.Z=1"] })).overrides).toEqual({});
});

test("a program that is given the configuration file has fields of its own in its row", async () => {
  const row = await rowOf(
    'services: [{type: a, command: [run, "--config={config_file}"], interval: 5, limits: {max: 3}}]',
  );
  expect(row.fields).toEqual({ interval: 5, limits: { max: 3 } });
});

test("cwd and env are a service's own fields where there is no command", async () => {
  const row = await rowOf("services: [{type: hello_world, cwd: x, env: {A: 1}}]");
  expect(row.fields).toEqual({ cwd: "x", env: { A: 1 } });
});

const PLACEHOLDERS =
  "{config_file}, {service_id}, {type}, {variant}, {runner_id}, {parent_name}, {nats_url}, {subject_prefix}";
const LIST = "expected a list: the program, then each of its arguments";

describe("refused:", () => {
  test.each<[string, string]>([
    ["command: python3 x.py", `1:31: services[0].command: given "python3 x.py", ${LIST} (command: [python3, x.py])`],
    [
      'command: "a | b"',
      `1:31: services[0].command: given "a | b", ${LIST} (for a shell's line: command: [sh, -c, '…'])`,
    ],
    ["command: {a: 1}", `1:31: services[0].command: given a mapping, ${LIST}`],
    ["command: []", `1:31: services[0].command: given an empty list, ${LIST}`],
    ["command: ", `1:22: services[0].command: given nothing, ${LIST}`],
    ['command: [""]', '1:32: services[0].command[0]: given "", expected a program'],
    ["command: [ls, ~]", "1:36: services[0].command[1]: given nothing, expected text"],
    ["command: [ls, [a]]", "1:36: services[0].command[1]: given a list of 1, expected text"],
    [
      "command: [ls, {variant}]",
      '1:36: services[0].command[1]: given a mapping, expected text (quote it: "{variant}")',
    ],
    [
      'command: [ls, "x{varaint}"]',
      `1:36: services[0].command[1]: given {varaint}, expected one of ${PLACEHOLDERS} (did you mean "variant"?)`,
    ],
    [
      'command: [awk, "{print}"]',
      `1:37: services[0].command[1]: given {print}, expected one of ${PLACEHOLDERS} ({{print}} stands for {print} itself)`,
    ],
    ['command: [ls, "a\\0b"]', '1:36: services[0].command[1]: given "a\\u0000b", expected text without a zero byte'],
    ["command: [ls], module: ./a.ts", "1:37: services[0].module: given module beside command, expected one of them"],
    [
      "command: [ls], launcher: worker",
      "1:37: services[0].launcher: given launcher beside command, expected no launcher: a foreign program is a process of its own",
    ],
    [
      "command: [ls], group: g",
      "1:37: services[0].group: given group beside command, expected no group: a foreign program is a process of its own",
    ],
    [
      "command: [ls], restart_secs: 3",
      '1:37: services[0].restart_secs: given a field, expected a setting of tcs: a program that is not given {config_file} reads no fields (did you mean "restart_sec"?)',
    ],
    [
      "command: [ls], interval: 3",
      "1:37: services[0].interval: given a field, expected a setting of tcs: a program that is not given {config_file} reads no fields (values go into command or env)",
    ],
    ["command: [ls], cwd: [a]", "1:42: services[0].cwd: given a list of 1, expected a folder"],
    ["command: [ls], env: [a]", "1:42: services[0].env: given a list of 1, expected a mapping of names to values"],
    ["command: [ls], env: {A: }", "1:43: services[0].env.A: given nothing, expected text"],
    ["command: [ls], env: {A: {b: 1}}", "1:46: services[0].env.A: given a mapping, expected text"],
    [
      'command: [ls], env: {"A=B": 1}',
      '1:43: services[0].env: given "A=B", expected the name of an environment variable',
    ],
  ])("%s", async (row, line) => {
    expect(await linesOf(load(`services: [{type: a, ${row}}]`))).toEqual([`services.yaml:${line}`]);
  });

  test.each<[string, string]>([
    [
      "thing.launcher=worker",
      "--set thing.launcher=worker: launcher: given launcher beside command, expected no launcher: a foreign program is a process of its own",
    ],
    [
      "thing.main.interval=3",
      "--set: thing.main.interval: given a field of a foreign program, expected a setting of its row, or env.NAME for its environment",
    ],
    [
      "thing.command=ls",
      "--set thing.command=ls: given command, which says what the row is, expected a setting or a field of the service",
    ],
  ])("--set %s", async (set, line) => {
    expect(await linesOf(load("services: [{type: thing, command: [ls]}]", { sets: [set] }))).toEqual([line]);
  });

  test("everything wrong in one row is told at once", async () => {
    const yaml = 'services: [{type: thing, command: [ls, "{x}", ~], module: a, cwd: {}, env: 1, y: 2}]';
    expect((await linesOf(load(yaml))).length).toBe(5);
  });
});

test("placeholders are filled in, other braces are left, doubled ones stand for themselves", () => {
  const values = { variant: "zb08", type: "guider" };
  expect(fillPlaceholders("{type}-{variant}", values)).toBe("guider-zb08");
  expect(fillPlaceholders('{"a": {"b": 1}} {} {{variant}} {nats_url}', values)).toBe(
    '{"a": {"b": 1}} {} {variant} {nats_url}',
  );
  expect(fillPlaceholders("{variant}", { variant: "$& $1 {type}" })).toBe("$& $1 {type}");
});
