// A configuration of several files: named one by one, the files of a folder, or included.
import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join, relative } from "node:path";
import { FleetSource } from "../../src/config/fleet-source.ts";
import { loadFleet } from "../../src/config/load-fleet.ts";
import { readNatsSection } from "../../src/config/nats.ts";
import { explainBroker } from "../../src/config/provenance/explain-broker.ts";
import { explainSettings } from "../../src/config/provenance/explain-settings.ts";
import { originsOf } from "../../src/config/provenance/row-origins.ts";
import { positionOf } from "../../src/config/row-source.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { BUILTINS, linesOf } from "./support.ts";

type Files = Record<string, string>;

async function folderWith(files: Files): Promise<TempFolder> {
  const folder = tempFolder();
  for (const [name, text] of Object.entries(files)) await folder.write(name, text);
  return folder;
}

function load(folder: TempFolder, ...names: string[]) {
  const [file = "", ...more] = names.map((name) => join(folder.path, name));
  return loadFleet({ file, more, env: {}, builtinTypes: BUILTINS });
}

async function idsOf(folder: TempFolder, ...names: string[]): Promise<string[]> {
  return (await load(folder, ...names)).services.map(({ id }) => id);
}

async function faultsOf(folder: TempFolder, ...names: string[]): Promise<string[]> {
  return (await linesOf(load(folder, ...names))).map((line) => line.replaceAll(`${folder.path}/`, ""));
}

const ROW = (variant: string) => `services: [hello_world.${variant}]\n`;

describe("the files of a configuration", () => {
  test("are those named, in their order", async () => {
    using folder = await folderWith({ "b.yaml": ROW("b"), "a.yaml": ROW("a") });
    expect(await idsOf(folder, "b.yaml", "a.yaml")).toEqual(["hello_world.b", "hello_world.a"]);
  });

  test("are those of a folder, by name; not what is hidden, put aside or of another kind", async () => {
    using folder = await folderWith({
      "conf.d/20-b.yml": ROW("b"),
      "conf.d/10-a.yaml": ROW("a"),
      "conf.d/.c.yaml": "broken: [",
      "conf.d/c.yaml.off": "broken: [",
      "conf.d/c.yaml~": "broken: [",
      "conf.d/README.md": "broken: [",
      "conf.d/deeper.yaml/c.yaml": "broken: [",
    });
    const fleet = await load(folder, "conf.d");
    expect(fleet.services.map(({ id }) => id)).toEqual(["hello_world.a", "hello_world.b"]);
    expect(fleet.file).toBe(join(folder.path, "conf.d"));
    expect(fleet.files?.map((path) => relative(folder.path, path))).toEqual(["conf.d/10-a.yaml", "conf.d/20-b.yml"]);
    expect(fleet.folders).toEqual([join(folder.path, "conf.d")]);
  });

  test.each([
    ["conf.d"],
    ["conf.d/"],
    ["conf.d/*.yaml"],
    ["[conf.d/a.yaml, conf.d/b.yaml]"],
    ["[conf.d/a.yaml, conf.d]"],
    ['"*/*.yaml"'],
    [`\${CONF:-conf.d}`],
  ])("are those included: %s", async (include) => {
    using folder = await folderWith({
      "services.yaml": `include: ${include}\n${ROW("main")}`,
      "conf.d/b.yaml": ROW("b"),
      "conf.d/a.yaml": ROW("a"),
    });
    expect(await idsOf(folder, "services.yaml")).toEqual(["hello_world.main", "hello_world.a", "hello_world.b"]);
  });

  test("are each read once, by whatever name, also in a circle", async () => {
    using folder = await folderWith({
      "services.yaml": `include: ["*.yaml", more]\n${ROW("main")}`,
      "more/a.yaml": `include: ../services.yaml\n${ROW("a")}`,
    });
    symlinkSync("a.yaml", join(folder.path, "more/b.yaml"));
    expect(await idsOf(folder, "services.yaml", "services.yaml")).toEqual(["hello_world.main", "hello_world.a"]);
  });

  test("may be empty, as long as one has a service", async () => {
    using folder = await folderWith({
      "services.yaml": `include: [e.yaml, conf.d/*.yaml]\n${ROW("main")}`,
      "e.yaml": "# later\n",
    });
    expect(await idsOf(folder, "services.yaml")).toEqual(["hello_world.main"]);
    mkdirSync(join(folder.path, "conf.d"));
    expect((await faultsOf(folder, "conf.d"))[0]).toEndWith(
      "conf.d: given a folder without configuration files, expected files as dome.yaml in it",
    );
    expect(await faultsOf(folder, "e.yaml")).toEqual([
      "e.yaml:1:1: given an empty file, expected services: with at least one, as `- type: hello_world`",
    ]);
  });

  test("that are not there are told with the place that names them", async () => {
    using folder = await folderWith({
      "services.yaml": `include:\n  - confd\n  - {a: b}\n${ROW("main")}`,
      "conf.d/a.yaml": "",
    });
    expect(await faultsOf(folder, "services.yaml")).toEqual([
      'services.yaml:2:5: include[0]: given confd, expected a file or a folder that is there (did you mean "conf.d"?)',
      "services.yaml:3:5: include[1]: given a mapping, expected a file, a folder or a pattern as conf.d/*.yaml",
    ]);
  });
});

describe("what one file says", () => {
  test("names its modules, programs and registry from its own folder", async () => {
    using folder = await folderWith({
      "services.yaml": "include: [dome, weather/conf.yaml]\nregistry: {mount: ./mount.ts}\nservices: [wind, mount]\n",
      "mount.ts": "",
      "dome/a.yaml": "services: [{type: dome}, {module: ./follower.ts}, {type: shared}]\n",
      "dome/dome.ts": "",
      "dome/follower.ts": "",
      "shared.ts": "",
      "weather/conf.yaml": "registry: {wind: ./wind.ts}\nservices: [{type: mast, command: [./mast.sh]}]\n",
      "weather/wind.ts": "",
    });
    const { services } = await load(folder, "services.yaml");
    const files = services.map(({ module }) => {
      const path = module.kind === "file" ? module.path : module.kind === "program" ? module.configFile : "";
      return relative(folder.path, path);
    });
    expect(files).toEqual([
      "weather/wind.ts",
      "mount.ts",
      "dome/dome.ts",
      "dome/follower.ts",
      "shared.ts",
      "weather/conf.yaml",
    ]);
    const program = services.at(-1)?.module;
    expect(program?.kind === "program" && program.cwd).toBe(join(folder.path, "weather"));
  });

  test("in defaults: is for its own rows; in the first file for all, and weaker", async () => {
    using folder = await folderWith({
      "services.yaml": `defaults: {restart: always, restart_sec: 1}\nlog_level: warning\nterminate_delay: 3\n${ROW("main")}`,
      "b.yaml": `defaults: {restart: on-failure}\nterminate_delay: 7\nlog_level: debug\n${ROW("b")}`,
      "c.yaml": ROW("c"),
    });
    const { services, launcher } = await load(folder, "services.yaml", "b.yaml", "c.yaml");
    expect(services.map(({ restart, logLevel }) => [restart.policy, restart.delayMs, logLevel])).toEqual([
      ["always", 1000, "warning"],
      ["on-failure", 1000, "debug"],
      ["always", 1000, "warning"],
    ]);
    expect(launcher.terminateDelayMs).toBe(7000);
  });

  test("of the broker, the logs and the metrics may stand in any of them", async () => {
    using folder = await folderWith({
      "services.yaml": `nats: {port: 4333}\ninclude: conf.d\n${ROW("main")}`,
      "conf.d/a.yaml": "nats: {port: 4333}\nlogs: {files: 2}\nmetrics: 9464\nlease_sec: 9\n",
    });
    expect(await load(folder, "services.yaml")).toMatchObject({
      nats: { servers: ["nats://localhost:4333"] },
      logs: { files: 2 },
      metrics: { port: 9464 },
      launcher: { leaseMs: 9000 },
    });
  });

  test("of a launcher adds to what another says of it", async () => {
    using folder = await folderWith({
      "a.yaml": "launchers: {night: {services: [hello_world.a]}}\n",
      "b.yaml": "launchers: {night: {type: process, services: [hello_world.b]}, day: {services: [hello_world.c]}}\n",
    });
    const file = join(folder.path, "a.yaml");
    const more = [join(folder.path, "b.yaml")];
    const fleet = await loadFleet({ file, more, env: {}, builtinTypes: BUILTINS, launcher: "night" });
    expect(fleet.launcher).toMatchObject({ name: "night", home: "process" });
    expect(fleet.services.map(({ id, home }) => [id, home])).toEqual([
      ["hello_world.a", "process"],
      ["hello_world.b", "process"],
    ]);
  });

  test("may be waited for in another, and be set from outside", async () => {
    using folder = await folderWith({
      "a.yaml": "services: [{type: hello_world, variant: a, after: hello_world.b}]\n",
      "b.yaml": ROW("b"),
    });
    const file = join(folder.path, "a.yaml");
    const options = { file, more: [join(folder.path, "b.yaml")], env: {}, builtinTypes: BUILTINS };
    const { services } = await loadFleet({ ...options, sets: ["hello_world.b.interval=9"] });
    expect(services.map(({ after, overrides }) => [after, overrides])).toEqual([
      [["hello_world.b"], {}],
      [[], { interval: "9" }],
    ]);
  });
});

describe("contradictions", () => {
  test("are told with both places, and everything else that is wrong with its own file", async () => {
    using folder = await folderWith({
      "a.yaml":
        "nats: {port: 4333}\nregistry: {mount: ./m.ts}\nlaunchers: {night: {type: worker}}\nservices:\n  - hello_world\n",
      "b.yaml": `nats:
  port: 4334
registry: {mount: ./n.ts}
launchers: {night: {type: process}}
services:
  - type: hello_world
  - type: hello_wrld
  - type: hello_world
    variant: b
    restart: maybe
`,
    });
    expect(await faultsOf(folder, "a.yaml", "b.yaml")).toEqual([
      "b.yaml:1:1: nats: given other values than another file, expected the same as in a.yaml:1, or only one of them",
      "b.yaml:3:12: registry.mount: given other values than another file, expected the same as in a.yaml:2, or only one of them",
      "b.yaml:4:21: launchers.night.type: given other values than another file, expected the same as in a.yaml:3, or only one of them",
      "b.yaml:6:5: services[0]: given hello_world.main a second time, expected each service once; it stands in a.yaml:5 already (give it another variant)",
      'b.yaml:7:11: services[1].type: given "hello_wrld", expected a built-in service, an entry in registry, a module, or a file hello_wrld.ts beside the configuration (did you mean "hello_world"?)',
      'b.yaml:10:14: services[2].restart: given "maybe", expected one of no, on-failure, on-abnormal, always',
    ]);
  });

  test("in two files that cannot be read are all told", async () => {
    using folder = await folderWith({ "a.yaml": "a: [", "b.yaml": "- 1\n", "c.yaml": "prot: 1\n" });
    const faults = await faultsOf(folder, "a.yaml", "b.yaml", "c.yaml", "d.yaml");
    expect(faults.map((line) => line.slice(line.startsWith("/") ? folder.path.length + 1 : 0).split(":")[0])).toEqual([
      "a.yaml",
      "b.yaml",
      "c.yaml",
      "d.yaml",
    ]);
  });
});

test("what units of systemd have is said in any of the files, and once", async () => {
  using folder = await folderWith({
    "a.yaml": ROW("a"),
    "b.yaml": `systemd: {scope: user}\n${ROW("b")}`,
    "c.yaml": `systemd: {scope: system}\n${ROW("c")}`,
  });
  expect((await load(folder, "a.yaml", "b.yaml")).systemd).toMatchObject({ scope: "user" });
  expect(await faultsOf(folder, "a.yaml", "b.yaml", "c.yaml")).toEqual([
    "c.yaml:1:1: systemd: given other values than another file, expected the same as in b.yaml:1, or only one of them",
  ]);
});

test("a value's place is in the file it stands in", async () => {
  using folder = await folderWith({
    "a.yaml": ROW("a"),
    "b.yaml": "services:\n  - type: hello_world\n    interval: 3\n",
  });
  const row = (await load(folder, "a.yaml", "b.yaml")).services[1];
  expect(row && positionOf(row, ["interval"])).toEqual({ file: join(folder.path, "b.yaml"), line: 3, column: 15 });
});

test("who set a value is told by the file that says it: the row's own before the first one", async () => {
  using folder = await folderWith({
    "a.yaml": `defaults: {restart: always, restart_max: 3}\nlog_level: warning\n${ROW("a")}`,
    "b.yaml": `nats: {host: nats.lan}\ndefaults: {restart: on-failure}\nlog_level: error\n${ROW("b")}launchers:\n  n: {type: inline}\n`,
    "c.yaml": `launchers:\n  n: {services: [hello_world.c]}\n`,
  });
  const fleet = await load(folder, "a.yaml", "b.yaml", "c.yaml");
  const told = (variant: string, key: string) => {
    const row = fleet.services.find((one) => one.variant === variant);
    const origins = row && originsOf(row);
    if (!origins) throw new Error("no origins");
    const values = [...explainSettings(row, origins), ...explainBroker(fleet, origins)];
    const value = values.find((one) => one.key === key);
    const sources = [value?.source, ...(value?.overrode ?? []).map(({ source }) => source)];
    return sources.flatMap((source) =>
      source?.kind === "file" ? [`${source.file.split("/").at(-1)}:${source.line}`] : [],
    );
  };
  expect(told("b", "restart")).toEqual(["b.yaml:2", "a.yaml:1"]);
  expect(told("b", "restart_max")).toEqual(["a.yaml:1"]);
  expect(told("b", "log_level")).toEqual(["b.yaml:3", "a.yaml:2"]);
  expect(told("a", "log_level")).toEqual(["a.yaml:2"]);
  expect(told("c", "launcher")).toEqual(["b.yaml:6"]);
  expect(told("a", "nats.servers")).toEqual(["b.yaml:1"]);
});

test("the broker is found in whichever file names it, for commands that only need that", async () => {
  using folder = await folderWith({
    "services.yaml": "include: conf.d\n",
    "conf.d/a.yaml": ROW("a"),
    "conf.d/b.yaml": "nats: {host: b.obs}\n",
  });
  expect(await readNatsSection(join(folder.path, "services.yaml"), {})).toMatchObject({ host: "b.obs" });
  expect(await readNatsSection(join(folder.path, "conf.d"), {})).toMatchObject({ host: "b.obs" });
});

test("reading again finds a file that was added, and reads .env of the folder", async () => {
  using folder = await folderWith({ "conf.d/a.yaml": ROW("a"), "conf.d/.env": "WHO=me\n" });
  const source = new FleetSource({ file: join(folder.path, "conf.d"), env: {}, builtinTypes: BUILTINS });
  expect((await source.read()).env).toEqual({ WHO: "me" });
  await folder.write("conf.d/b.yaml", ROW("b"));
  expect((await source.reread()).fleet.services.map(({ id }) => id)).toEqual(["hello_world.a", "hello_world.b"]);
});

test("reading again waits for a file that is being written, whichever it is", async () => {
  using folder = await folderWith({ "services.yaml": `include: conf.d\n${ROW("main")}`, "conf.d/a.yaml": ROW("a") });
  const source = new FleetSource({ file: join(folder.path, "services.yaml"), env: {}, builtinTypes: BUILTINS });
  await source.read();
  utimesSync(join(folder.path, "services.yaml"), 1, 1);
  // Half of it is valid, too.
  await folder.write("conf.d/a.yaml", ROW("a"));
  const rereading = source.reread();
  await Bun.sleep(20);
  await folder.write("conf.d/a.yaml", "services: [hello_world.a, hello_world.b]\n");
  const ids = (await rereading).fleet.services.map(({ id }) => id);
  expect(ids).toEqual(["hello_world.main", "hello_world.a", "hello_world.b"]);
});
