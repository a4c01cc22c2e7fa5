// tcs config with the compiled binary: check, explain, schema and init.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Ajv from "ajv";
import { parse } from "yaml";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const DOME = `import { BaseBlockingPermanentService, BaseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({
  interval: z.number().positive().default(7).describe("Seconds between two looks"),
  gain: z.number().default(2),
  mode: z.enum(["day", "night"]).default("day"),
  limits: z.object({ min: z.number().default(0), max: z.number().default(9) }).default({ min: 0, max: 9 }),
  targets: z.array(z.string()).default([]),
});
@service({ config: Config })
export class Dome extends BaseBlockingPermanentService<typeof Config> {
  async runService() { while (this.isRunning) await this.sleep(1); }
}`;
const YAML = `x-sturdy: &sturdy
  restart: always
  restart_sec: 1
nats: {url: "nats://127.0.0.1:4999", subject_prefix: obs}
defaults:
  restart: on-failure
  watchdog_sec: 20
log_level: warning
services:
  - <<: *sturdy
    type: dome
    variant: north
    restart_sec: 3
    interval: \${TICK:-5}
    limits: {min: 1}
    targets: [M31, M42]
launchers:
  night:
    type: process
    services:
      - dome.south
`;

let folder: TempFolder;

beforeAll(async () => {
  folder = tempFolder();
  await folder.write("dome.ts", DOME);
  await folder.write("services.yaml", YAML);
  await folder.write(".env", "DOME_GAIN=4\nTICK=11\n");
});
afterAll(() => folder[Symbol.dispose]());

interface Explained {
  value: unknown;
  source: Record<string, unknown>;
  overrode: { value: unknown; source: Record<string, unknown> }[];
}

async function explain(args: string[], env: Record<string, string> = {}): Promise<Record<string, Explained>> {
  const { stdout, stderr } = await runTcs(["config", "explain", ...args, "--json"], { cwd: folder.path, env });
  if (stdout === "") throw new Error(stderr);
  const { values } = JSON.parse(stdout) as { values: (Explained & { key: string })[] };
  return Object.fromEntries(values.map(({ key, ...rest }) => [key, rest]));
}

/** `11 of file 14:15, 7 of schema`, the strongest first. */
function chain(explained: Explained | undefined): string {
  if (!explained) return "nothing";
  return [explained, ...explained.overrode]
    .map(({ value, source }) => {
      const { kind, flag, line, column, part, anchor, variable, variables, file } = source;
      const place = kind === "file" ? ` ${line}:${column}` : kind === "environment" ? ` ${variable}` : "";
      const dotenv = kind === "environment" && file ? ` ${file}:${line}` : "";
      const rest = [flag, part, anchor, variables && JSON.stringify(variables)].filter(Boolean).join(" ");
      return `${JSON.stringify(value)} of ${kind}${place}${dotenv}${rest ? ` ${rest}` : ""}`;
    })
    .join(", ");
}

describe("tcs config explain tells of each value who set it, and what that overrode:", () => {
  test("a field, by the command line, the file, the environment and its schema", async () => {
    const sets = ["--set", "dome.north.interval=2", "--set", "dome.interval=3", "--set", "dome.limits.max=5"];
    const found = await explain(["dome.north", ...sets], { DOME_MODE: "night", DOME_INTERVAL: "8" });
    expect(chain(found.interval)).toBe(
      '2 of flag --set dome.north.interval, 3 of flag --set dome.interval, 11 of file 14:15 [{"variable":"TICK","file":".env","line":2}], 8 of environment DOME_INTERVAL, 7 of schema',
    );
    expect(chain(found.gain)).toBe("4 of environment DOME_GAIN .env:1, 2 of schema");
    expect(chain(found.mode)).toBe('"night" of environment DOME_MODE, "day" of schema');
    expect(chain(found["limits.min"])).toBe("1 of file 15:19, 0 of schema");
    expect(chain(found["limits.max"])).toBe("5 of flag --set dome.limits.max, 9 of schema");
    expect(chain(found.targets)).toBe('["M31","M42"] of file 16:14, [] of schema');
  });

  test("a part of a field that its strongest source leaves out comes from the schema", async () => {
    const found = await explain(["dome.north"], { DOME_LIMITS: "{max: 3}" });
    expect(found["limits.max"]).toMatchObject({ value: 9, source: { kind: "schema" } });
  });

  test("an item of a list that was set", async () => {
    const found = await explain(["dome.north", "--set", "dome.north.targets[1]=M13"]);
    expect(chain(found["targets[0]"])).toBe('"M31" of file 16:15');
    expect(chain(found["targets[1]"])).toBe('"M13" of flag --set dome.north.targets[1], "M42" of file 16:20');
  });

  test("a setting of tcs, by an anchor, the row, defaults and tcs itself", async () => {
    const found = await explain(["dome.north"]);
    expect(chain(found.restart)).toBe(
      '"always" of file 2:12 sturdy, "on-failure" of file 6:12 defaults, "no" of default',
    );
    expect(chain(found.restart_sec)).toBe("3 of file 13:18, 1 of file 3:16 sturdy, 5 of default");
    expect(chain(found.watchdog_sec)).toBe("20 of file 7:17 defaults");
    expect(chain(found.log_level)).toBe('"warning" of file 8:12 log_level, "info" of default');
    expect(chain(found.launcher)).toBe('"worker" of default');
    expect(chain(found.type)).toBe('"dome" of file 11:11');
  });

  test("a home, by the launcher's block, --set and --launcher", async () => {
    expect(chain((await explain(["dome.south"])).launcher)).toBe(
      '"process" of file 19:11 launchers.night, "worker" of default',
    );
    const forced = await explain(["dome.south", "--launcher", "inline", "--set", "dome.launcher=worker"]);
    expect(chain(forced.launcher)).toBe(
      '"inline" of flag --launcher, "worker" of flag --set dome.launcher, "process" of file 19:11 launchers.night, "worker" of default',
    );
  });

  test("the broker and the prefix", async () => {
    const found = await explain(["dome.north"], { NATS_URL: "nats://elsewhere:4222" });
    expect(chain(found["nats.servers"])).toBe(
      '["nats://127.0.0.1:4999"] of file 4:13 nats, "nats://elsewhere:4222" of environment NATS_URL',
    );
    expect(chain(found["nats.subject_prefix"])).toBe('"obs" of file 4:54 nats');
    const flags = await explain(["dome.north", "--host", "h", "--prefix", "p"]);
    expect(flags["nats.servers"]).toMatchObject({ value: ["nats://h:4222"], source: { kind: "flag" } });
    expect(flags["nats.subject_prefix"]).toMatchObject({ value: "p", source: { kind: "flag" } });
  });

  test("a foreign program", async () => {
    await folder.write("foreign.yaml", "services:\n  - {type: clock, command: [date], cwd: .., env: {TZ: UTC}}\n");
    const found = await explain(["clock", "--config", "foreign.yaml", "--set", "clock.env.TZ=CET"]);
    expect(chain(found["env.TZ"])).toBe('"CET" of flag --set clock.env.TZ, "UTC" of file 2:55');
    expect(chain(found.launcher)).toBe('"exec" of default');
    expect(chain(found.command)).toBe('"date" of file 2:28');
  });

  test("in a table of 80 columns", async () => {
    const { stdout, code } = await runTcs(["config", "explain", "dome.north"], {
      cwd: folder.path,
      env: { COLUMNS: "80" },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^interval {2,}11 {2,}services\.yaml:14:15 \(\$TICK of \.env:2\)$/m);
    expect(stdout).toMatch(
      /^restart {2,}always {2,}services\.yaml:2:12 \(&sturdy\)\n {10,}on-failure {2,}over services\.yaml:6:12 \(defaults\)$/m,
    );
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("one value, or those inside of one", async () => {
    const { stdout } = await runTcs(["config", "explain", "dome.north", "limits"], { cwd: folder.path });
    expect(stdout.match(/^limits\.\w+/gm)).toEqual(["limits.min", "limits.max"]);
  });

  test("of a service whose values are wrong as far as they are known, and of a file with another wrong row", async () => {
    await folder.write("wrong.yaml", "services:\n  - {type: dome, interval: -1}\n  - {type: hello_wrld}\n");
    const result = await runTcs(["config", "explain", "dome", "--config", "wrong.yaml"], { cwd: folder.path });
    expect(result.stdout).toMatch(/^interval {2,}-1 {2,}wrong\.yaml:2:28$/m);
    expect(result.stderr).toContain("wrong.yaml:2:28: dome.main.interval: given -1, expected a positive number");
    expect(result.stderr).toContain("the file is not valid as it is");
    const other = await runTcs(["config", "explain", "hello_wrld", "--config", "wrong.yaml"], { cwd: folder.path });
    expect(other).toMatchObject({ code: 5, stdout: "" });
  });

  test.each([
    [["dome.nort"], 'no service "dome.nort"', "did you mean dome.north?"],
    [["dome.north", "limts"], 'dome.north has no value "limts"', "did you mean limits"],
    [["dome"], "there are several services of type dome", "name one of dome.north, dome.south"],
  ])("not of what is not there: %p", async (args, says, hint) => {
    const result = await runTcs(["config", "explain", ...args], { cwd: folder.path });
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(result.stderr).toContain(says);
    expect(result.stderr).toContain(hint);
  });
});

describe("tcs config check", () => {
  test("tells all that is wrong with several files, as tcs run --check does, and starts nothing", async () => {
    await folder.write("a.yaml", "services:\n  - {type: dome, interval: -1, restart: x}\n  - {type: hello_wrld}\n");
    await folder.write("b.yaml", "services: [hello_world]\n");
    const result = await runTcs(["config", "check", "a.yaml", "b.yaml"], { cwd: folder.path });
    expect(result.code).toBe(5);
    expect(result.stderr).toBe("");
    const lines = result.stdout.trimEnd().split("\n");
    expect(lines.slice(0, 3).map((line) => line.split(": ").slice(0, 2).join(" "))).toEqual([
      "a.yaml:2:28 dome.main.interval",
      "a.yaml:2:41 services[0].restart",
      "a.yaml:3:12 services[1].type",
    ]);
    expect(lines.slice(3)).toEqual(["a.yaml: not valid, 3 errors", "b.yaml: 1 service, all well"]);
    const same = await runTcs(["run", "--check", "a.yaml"], { cwd: folder.path });
    expect(same.stderr.trimEnd().split("\n")).toEqual(lines.slice(0, 3));
  });

  test("tells it as JSON, with places that an editor can go to", async () => {
    const { stdout, code } = await runTcs(["config", "check", "a.yaml", "--json"], { cwd: folder.path });
    expect(code).toBe(5);
    const { files } = JSON.parse(stdout) as { files: { file: string; valid: boolean; issues: object[] }[] };
    expect(files[0]).toMatchObject({ file: "a.yaml", valid: false });
    expect(files[0]?.issues[0]).toMatchObject({ file: "a.yaml", line: 2, column: 28, key: "dome.main.interval" });
  });

  test("ends with 0 when all is well, and with 1 when a service cannot be run as things are here", async () => {
    expect(await runTcs(["config", "check"], { cwd: folder.path })).toMatchObject({ code: 0 });
    await folder.write("broken.ts", `throw new Error("no driver");\n${serviceFile(LOOP)}`);
    await folder.write("c.yaml", "services: [broken]\n");
    const result = await runTcs(["config", "check", "c.yaml"], { cwd: folder.path });
    expect(result).toMatchObject({ code: 1, stderr: "" });
    expect(result.stdout).toContain("c.yaml: broken.main: cannot load");
  });

  test("reports a file that is not there, and goes on", async () => {
    const result = await runTcs(["config", "check", "nope.yaml", "b.yaml"], { cwd: folder.path });
    expect(result).toMatchObject({ code: 5 });
    expect(result.stdout).toContain("nope.yaml: given no such file");
    expect(result.stdout).toContain("b.yaml: 1 service, all well");
  });
});

describe("the group", () => {
  test("lists its commands, and helps with each", async () => {
    const bare = await runTcs(["config"]);
    expect(bare.code).toBe(2);
    for (const name of ["check", "explain", "init", "schema"]) {
      expect(bare.stdout).toMatch(new RegExp(`^ +${name} {2,}\\w`, "m"));
      const help = await runTcs(["config", name, "--help"]);
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toContain(`USAGE tcs config ${name}`);
      expect((await runTcs(["help", "config", name])).stdout).toBe(help.stdout);
    }
  });

  test("refuses what it does not know", async () => {
    expect(await runTcs(["config", "chek"])).toMatchObject({ code: 2, stdout: "" });
    expect((await runTcs(["config", "chek"])).stderr).toContain('did you mean "tcs config check"?');
    expect((await runTcs(["config", "check", "--jsn"])).stderr).toContain("tcs config check: unknown option --jsn");
  });

  test("is completed", async () => {
    const complete = async (...words: string[]) => (await runTcs(["__complete", "--", "config", ...words])).stdout;
    expect(await complete("ex")).toMatch(/^words\nexplain\t/);
    expect(await complete("explain", "--js")).toMatch(/^words\n--json\t/);
    expect(await complete("check", "")).toBe("files\n");
  });
});

describe("tcs config schema", () => {
  test("knows the services of the binary, of the file and beside it, and editors refuse by it what is wrong", async () => {
    const { stdout, code } = await runTcs(["config", "schema"], { cwd: folder.path });
    expect(code).toBe(0);
    const schema = JSON.parse(stdout) as { definitions: Record<string, { properties: Record<string, unknown> }> };
    expect(schema.definitions["service:dome"]?.properties.interval).toMatchObject({
      description: "Seconds between two looks",
      default: 7,
    });
    const validate = new Ajv({ strict: false }).compile(schema);
    expect(validate(parse(YAML, { merge: true }))).toBe(true);
    for (const row of ["intervall: 3", "interval: -1", "mode: dusk", "limits: 5"]) {
      expect([row, validate(parse(`services: [{type: dome, ${row}}]`))]).toEqual([row, false]);
    }
  });

  test("is given also when a file beside it cannot be loaded, and says so", async () => {
    await folder.write("broken.ts", `throw new Error("no driver");\n${serviceFile(LOOP)}`);
    const { stdout, stderr, code } = await runTcs(["config", "schema", "services.yaml"], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stderr).toContain("its fields are not known: broken: ");
    expect(JSON.parse(stdout)).toHaveProperty("definitions.service:dome");
  });
});

describe("tcs config init", () => {
  test("writes a file that is valid, that an editor knows, and that runs", async () => {
    using fresh = tempFolder();
    expect(await runTcs(["config", "init"], { cwd: fresh.path })).toMatchObject({
      code: 0,
      stdout: "created services.yaml\n",
    });
    expect((await runTcs(["config", "check"], { cwd: fresh.path })).stdout).toBe(
      "services.yaml: 3 services, all well\n",
    );
    const text = await Bun.file(`${fresh.path}/services.yaml`).text();
    const [, path] = /^# yaml-language-server: \$schema=(.*)\n/.exec(text) ?? [];
    const schema = (await Bun.file(`${fresh.path}/${path}`).json()) as object;
    expect(new Ajv({ strict: false }).compile(schema)(parse(text))).toBe(true);
    await using run = spawnTcs(["run"], { cwd: fresh.path });
    await run.waitForLine(/3 of 3 services running/);
  });

  test("replaces a file only when told to", async () => {
    using fresh = tempFolder();
    await fresh.write("night.yaml", "services: []\n");
    const refused = await runTcs(["config", "init", "night.yaml"], { cwd: fresh.path });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(await Bun.file(`${fresh.path}/night.yaml`).text()).toBe("services: []\n");
    const forced = await runTcs(["config", "init", "night.yaml", "--force"], { cwd: fresh.path });
    expect(forced).toMatchObject({ code: 0, stdout: "replaced night.yaml\n" });
    expect((await runTcs(["config", "check", "night.yaml"], { cwd: fresh.path })).code).toBe(0);
  });
});

test("tcs new service writes a configuration that an editor knows, with the fields of the new service", async () => {
  using fresh = tempFolder();
  expect(await runTcs(["new", "service", "guider"], { cwd: fresh.path })).toMatchObject({ code: 0 });
  expect(await Bun.file(`${fresh.path}/services.yaml`).text()).toStartWith(
    "# yaml-language-server: $schema=.tcs/services.schema.json\n",
  );
  const path = `${fresh.path}/.tcs/services.schema.json`;
  expect(await Bun.file(path).json()).toHaveProperty("definitions.service:guider.properties.interval");
  await fresh.write("dome.ts", DOME);
  expect((await runTcs(["new", "types"], { cwd: fresh.path })).stdout).toBe("replaced .tcs/services.schema.json\n");
  expect(await Bun.file(path).json()).toHaveProperty("definitions.service:dome.properties.gain");
});
