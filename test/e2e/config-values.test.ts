// The commands for values on the broker, with the compiled binary: what they say, end with, take from pipes and never show.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runTcs, type TcsResult } from "../support/binary.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { withBroker } from "../support/remote-values.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const SCHEMA = {
  type: "object",
  properties: {
    n: { type: "number", maximum: 99 },
    limits: { type: "object", properties: { min: { type: "number" }, max: { type: "number" } } },
    pin: { type: "string", secret: true },
    logins: {
      type: "array",
      items: { type: "object", properties: { user: { type: "string" }, code: { type: "string", secret: true } } },
    },
  },
};

let broker: TestBroker;
let folder: TempFolder;
const VERBS = ["get", "set", "unset", "list", "history", "rollback", "diff", "apply", "export"];

beforeAll(async () => {
  folder = tempFolder();
  broker = await startNats();
  await withBroker(broker.url, async (connection) => {
    const kv = await connection.jetstream().views.kv("tcs_schemas");
    await kv.put("type.thing", JSON.stringify({ schema: SCHEMA }));
  });
  expect(await ask("set", "thing.main", "n=2", "limits.max=3")).toMatchObject({
    code: 0,
    stderr: "tcs: no launcher has thing.main: such values wait for one that does\n",
  });
  expect(await ask("set", "thing.main", "n=4")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

const ask = (...args: string[]): Promise<TcsResult> =>
  runTcs(["config", ...args, "--port", String(broker.port)], { cwd: folder.path });

/** As a shell does it: what `first` writes is what `then` reads. */
async function piped(first: string[], then: string[]): Promise<TcsResult> {
  const { stdout } = await ask(...first);
  return await runTcs(["config", ...then, "--port", String(broker.port)], {
    cwd: folder.path,
    stdin: stdout,
  });
}

test.each(VERBS)("tcs config %s --help shows an example that names it", async (verb) => {
  const { code, stdout } = await runTcs(["config", verb, "--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`EXAMPLES\\n\\n {2}tcs config ${verb}`));
});

test.each(VERBS)("tcs config %s without a broker ends with 4, and says where it looked", async (verb) => {
  await folder.write("values.yaml", "services:\n  thing.main: {n: 1}\n");
  const words = {
    apply: ["values.yaml"],
    set: ["thing.main", "n=1"],
    unset: ["thing.main", "n"],
    list: [],
    export: [],
  };
  const args = (words as Record<string, string[]>)[verb] ?? ["thing.main"];
  const { code, stdout, stderr } = await runTcs(["config", verb, ...args, "--port", "1"], { cwd: folder.path });
  expect([code, stdout]).toEqual([4, ""]);
  expect(stderr).toContain("no NATS broker at nats://localhost:1 (address from: command line)");
});

describe("what is not there, or not said, is told with its exit code and the nearest that is", () => {
  const SAID: [string[], number, RegExp][] = [
    [["get"], 2, /which service\?[\s\S]*an id, a type, or --global for all/],
    [["get", "thing.mai"], 3, /nothing is set for thing\.mai\n.*did you mean thing\.main\?/],
    [["get", "other"], 3, /nothing is set for type other\n.*"tcs config list" shows all that is set/],
    [["get", "thing.main", "limit.max"], 3, /limit\.max is not set for thing\.main\n.*did you mean limits\.max\?/],
    [["get", "--global"], 3, /nothing is set for all services/],
    [["history", "thin.main"], 3, /nothing was ever set for thin\.main\n.*did you mean thing\.main\?/],
    [["rollback", "thing.b"], 3, /nothing was ever set for thing\.b/],
    [["rollback", "thing.main", "x"], 2, /the revision: given "x"/],
    [["rollback", "thing.main", "77"], 3, /thing\.main has no revision 77\n.*there are 1, 2/],
    [["diff"], 2, /which document, or which service\?/],
    [["diff", "thing.main", "77"], 3, /thing\.main has no revision 77/],
    [["diff", "nothing.yaml"], 5, /nothing\.yaml: given no such file/],
    [["unset", "thing.main"], 2, /which values\?[\s\S]*--all/],
    [["unset", "thing.main", "m"], 3, /m is not set for thing\.main/],
    [["unset", "thing.mian", "--all"], 3, /nothing is set for thing\.mian\n.*did you mean thing\.main\?/],
    [["set", "thing.main"], 2, /which values\?[\s\S]*interval=2/],
    [["set", "thing.main", "n"], 2, /given "n", expected as interval=2/],
    [["set", "thing main", "n=1"], 2, /"thing main" is no name of a service: it contains white space/],
    [["set", "thing.*", "n=1"], 2, /wildcards/],
    [["set", "thing.main", "--global", "n=1"], 2, /given both/],
    [
      ["set", "thing.main", "n=1", "--revision", "1"],
      1,
      /thing\.main is at revision 2, not 1: changed by \S+, .*: n: 2 -> 4/,
    ],
    [["apply"], 2, /FILE|file/],
    [["apply", "nothing.yaml"], 5, /nothing\.yaml: given no such file/],
    [["gte", "thing.main"], 2, /did you mean "tcs config get"\?/],
    [["get", "thing.main", "--jsn"], 2, /--json/],
  ];
  test.each(SAID)("tcs config %p", async (args, code, words) => {
    const result = await ask(...args);
    expect([result.code, result.stdout]).toEqual([code, ""]);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toMatch(/\n +at /);
  });
});

test("each tells programs the same, as JSON, and only that on standard output", async () => {
  const json = async (...args: string[]) => {
    const { code, stdout } = await ask(...args, "--json");
    expect([args, code]).toEqual([args, 0]);
    return JSON.parse(stdout);
  };
  const fields = { n: 4, limits: { max: 3 } };
  const setting = { kind: "service", name: "thing.main", revision: 2, by: expect.stringContaining("@"), fields };
  expect(await json("get", "thing.main")).toMatchObject({ version: 1, ...setting });
  expect(await json("get", "thing.main", "limits")).toEqual({ max: 3 });
  expect(await json("get", "thing.other")).toMatchObject({ revision: 0, fields: {} });
  expect(await json("list")).toMatchObject({ version: 1, bucket: "tcs_config", settings: [setting] });
  expect((await json("history", "thing.main")).revisions[1]).toMatchObject({
    ...setting,
    changes: [{ path: "n", before: 2, after: 4 }],
  });
  expect(await json("diff", "thing.main")).toMatchObject({
    differing: [{ kind: "service", name: "thing.main", changes: [{ path: "n", before: 2, after: 4 }] }],
  });
  expect(await json("export")).toEqual({ services: { "thing.main": { $revision: 2, ...fields } } });
  expect(await json("set", "thing.main", "n=4")).toMatchObject({ changed: false, changes: [], now: setting });
});

test("an export is applied by a pipe, and nothing changes by it; changed on the way it is compared and stored", async () => {
  expect(await piped(["export"], ["apply", "-"])).toMatchObject({ code: 0, stdout: "" });
  expect(await piped(["export", "--json"], ["diff", "-"])).toMatchObject({ code: 0, stdout: "" });
  const options = { stdin: "services: {thing.piped: {n: x}}\n" };
  const wrong = await runTcs(["config", "apply", "-", "--port", String(broker.port)], options);
  expect(wrong).toMatchObject({ code: 5, stdout: "" });
  expect(wrong.stderr).toMatch(/^standard input:1:\d+: thing\.piped: n: given "x"/m);
});

describe("a secret", () => {
  beforeAll(async () => {
    expect((await ask("set", "thing.safe", "n=1", "pin=open-sesame", "--force")).code).toBe(0);
    expect((await ask("set", "thing.safe", "logins=[{user: ann, code: sim-sala-bim}]", "--force")).code).toBe(0);
  });
  const SECRETS = /open-sesame|sim-sala-bim/;

  test.each([
    [["get", "thing.safe"]],
    [["get", "thing.safe", "pin"]],
    [["get", "thing.safe", "logins"]],
    [["list"]],
    [["history", "thing.safe"]],
    [["diff", "thing.safe"]],
    [["diff", "thing.safe", "3"]],
    [["export"]],
    [["set", "thing.safe", "pin=open-sesame-2", "--force"]],
    [["rollback", "thing.safe"]],
  ])("is shown by none: tcs config %p", async (args) => {
    for (const format of [[], ["--json"]]) {
      const { code, stdout, stderr } = await ask(...args, ...format);
      expect([args, code]).toEqual([args, 0]);
      expect(stdout + stderr).not.toMatch(SECRETS);
    }
  });

  test("stays what it is when an export is applied; to where it is not, it is not taken as ***", async () => {
    const exported = await ask("export");
    expect(exported.stdout).toMatch(/pin: "\*\*\*"/);
    expect(exported.stderr).toContain("2 secrets hidden: apply leaves what is there; --secrets shows them");
    await folder.write("values.yaml", exported.stdout.replace("n: 1\n", "n: 2\n"));
    expect((await ask("apply", "values.yaml")).stdout).toMatch(/^thing\.safe: n: 1 -> 2 /);
    expect((await ask("export", "--secrets")).stdout).toMatch(SECRETS);
    await folder.write("values.yaml", "services: {thing.new: {pin: '***'}}\n");
    const refused = await ask("apply", "values.yaml", "--force");
    expect(refused).toMatchObject({ code: 5, stdout: "" });
    expect(refused.stderr).toMatch(/pin: \*\*\* stands for a secret, which is not on this broker\n.*export --secrets/);
  });
});
