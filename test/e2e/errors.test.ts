// Errors as users meet them: provoked with the binary, each line is the one that docs/errors.md shows.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readErrorDocs } from "../../src/build/error-docs.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";

const docs = await readErrorDocs();

/** What is another at each run: numbers, names of launchers and hosts, folders. */
function alike(text: string): string {
  return text
    .replaceAll(/(?<=[\s:]|^)(\/[\w.-]+)+\/(?=[\w.-]+\.(ts|yaml)|\.local)/g, "/…/")
    .replaceAll(/launcher \w+ on [\w.-]+/g, "launcher L on H")
    .replaceAll(/\d+/g, "0");
}

/** @param code as on the page @param stderr what a command that failed has said */
function expectAsOnPage(code: string, stderr: string): void {
  const doc = docs.find((one) => one.code === code);
  expect(alike(stderr)).toContain(alike(doc?.example ?? `no ${code} on the page`));
}

const ONE = "services: [hello_world]\n";
const SECRET = "services:\n  - type: guider\n    api_key: open-sesame\n";
const GUIDER = `import { BaseBlockingPermanentService, baseServiceConfig, service } from "ocabox-tcs";
import { z } from "zod";
@service({ config: baseServiceConfig.extend({ api_key: z.string().meta({ secret: true }) }) })
export class Guider extends BaseBlockingPermanentService {
  async runService() {}
}
`;

/** In an empty folder, without a broker. */
const ALONE: [code: string, exit: number, args: string[], files?: Record<string, string>, env?: object][] = [
  ["E_USAGE", 2, ["status", "--jsno"]],
  ["E_BROKER_UNREACHABLE", 4, ["status", "--host", "localhost", "--port", "FREE"]],
  ["E_STATE_FOLDER", 1, ["broker", "--port", "FREE"], {}, { TCS_STATE_DIR: "/proc/tcs" }],
  ["E_CONFIG", 5, ["run"], { "services.yaml": "services: [{type: hello_world, restart: maybe}]\n" }],
  ["E_SERVICE_NAME", 2, ["new", "service", "1abc"]],
  ["E_FILE_EXISTS", 1, ["new", "service", "guider"], { "guider.ts": "", "guider.test.ts": "" }],
  ["E_SERVICES_FILE", 5, ["new", "service", "guider"], { "services.yaml": "services: hello\n" }],
  ["E_WRITE", 1, ["new", "service", "guider", "--dir", "camera.ts"], { "camera.ts": "" }],
  ["E_INSTALL", 1, ["install", "--uninstall", "--prefix", ".local"]],
  ["E_EXPORT", 1, ["export", "docker"], { "services.yaml": "include: [a.yaml]\n", "a.yaml": ONE }],
  ["E_SECRET_IN_FILE", 5, ["export", "compose"], { "services.yaml": SECRET, "guider.ts": GUIDER }],
  [
    "E_CHANGED_BY_HAND",
    1,
    ["export", "compose", "--out", "exported"],
    { "services.yaml": ONE, "exported/compose.yaml": "mine\n" },
  ],
  ["E_SERVICE_DEFINITION", 1, ["service", "empty.ts"], { "empty.ts": "export const x = 1;\n" }],
  ["E_SERVICE_LOAD", 1, ["service", "broken.ts"], { "broken.ts": 'throw new Error("no camera here");\n' }],
];

test.each(ALONE)("%s is told as on the page, with code %i: tcs %j", async (code, exit, args, files = {}, env = {}) => {
  using folder = tempFolder();
  for (const [name, text] of Object.entries(files)) await folder.write(name, text);
  const port = String(await freePort());
  const words = args.map((word) => (word === "FREE" ? port : word));
  await using tcs = spawnTcs(words, { cwd: folder.path, env: { ...env, TCS_NATS_URL: `nats://127.0.0.1:${port}` } });
  expect(await within(`the end of tcs ${args.join(" ")}`, tcs.exited)).toBe(exit);
  expectAsOnPage(code, tcs.stderr);
});

test.each([
  ["E_DASHBOARD_ADDRESS", "dashboard"],
  ["E_METRICS_PORT", "metrics"],
])("%s is told as on the page: tcs %s at a port that is taken", async (code, command) => {
  using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { stderr } = await runTcs([command, "--port", String(taken.port), "--host", "127.0.0.1:9"]);
  expectAsOnPage(code, stderr);
});

test("what a broker without streams cannot do is told as on the page", async () => {
  await using broker = await startNats({ jetstream: false });
  const said = async (...args: string[]) => (await runTcs([...args, "--host", broker.url])).stderr;
  expectAsOnPage("E_STREAM_UNREADABLE", await said("status"));
  expectAsOnPage("E_NO_LOG_STREAM", await said("logs"));
  expectAsOnPage("E_SETTINGS_STORE", await said("config", "list"));
});

let fleet: TestFleet;
let folder: TempFolder;
beforeAll(async () => {
  fleet = await runFleet({ yaml: "services: [hello_world]\n" });
  folder = tempFolder();
  await fleet.wire.waitForEvent("ready", "hello_world.main");
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test.each([
  ["E_NOT_FOUND", 3, ["why", "camera.main"]],
  ["E_REQUEST", 1, ["rpc", "hello_world.main", "expose"]],
  ["E_RPC_REFUSED", 1, ["rpc", "hello_world.main", "expose"]],
  ["E_NO_STREAM", 1, ["progress", "--once"]],
  ["E_SETTINGS_REFUSED", 5, ["config", "set", "hello_world.main", "password=open-sesame"]],
])("%s is told as on the page, with code %i, of a fleet: tcs %j", async (code, exit, args) => {
  const result = await runTcs([...args, "--port", String(fleet.broker.port)]);
  expectAsOnPage(code, result.stderr);
  expect(result.code).toBe(exit);
});

test("a second launcher of the same file, and of the same services, is told as on the page", async () => {
  const env = { TCS_STATE_DIR: `${fleet.folder.path}/.state` };
  const same = await runTcs(["run"], { cwd: fleet.folder.path, env });
  expectAsOnPage("E_ALREADY_RUNNING", same.stderr);
  await using other = await runFleet({ yaml: "services: [hello_world]\n", broker: fleet.broker });
  expect(await within("the end of the other", other.tcs.exited)).toBe(1);
  expectAsOnPage("E_OWNED", other.tcs.stderr);
});

test("a revision that is none is told as on the page", async () => {
  const port = ["--port", String(fleet.broker.port)];
  expect(await runTcs(["config", "set", "hello_world.main", "interval=2", ...port])).toMatchObject({ code: 0 });
  const refused = await runTcs(["config", "set", "hello_world.main", "interval=3", "--revision", "77", ...port]);
  expectAsOnPage("E_SETTINGS_CONFLICT", refused.stderr);
});

test("with --json a failure is one object on standard error, with its code; standard output stays empty", async () => {
  const port = String(await freePort());
  const { code, stdout, stderr } = await runTcs(["status", "--json", "--port", port]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
  expect(JSON.parse(stderr)).toMatchObject({
    error: {
      code: "E_BROKER_UNREACHABLE",
      message: expect.stringContaining("connection refused"),
      hint: expect.stringContaining("tcs broker"),
      exit_code: 4,
    },
  });
  const config = await runTcs(["config", "explain", "x", "--json"], { cwd: folder.path });
  expect(JSON.parse(config.stderr).error).toMatchObject({
    code: "E_CONFIG",
    lines: [expect.any(String)],
    exit_code: 5,
  });
  const usage = await runTcs(["config", "list", "--json", "--jsno"]);
  expect(JSON.parse(usage.stderr).error).toMatchObject({ code: "E_USAGE", exit_code: 2 });
});

test("an error without advice of its own names its code, and tcs help says the rest", async () => {
  await folder.write("camera.ts", "");
  const { stderr } = await runTcs(["new", "service", "guider", "--dir", "camera.ts"], { cwd: folder.path });
  expect(stderr).toEndWith('\n     "tcs help E_WRITE" says what can be done\n');
  const told = await runTcs(["help", "E_WRITE"]);
  expect(told.code).toBe(0);
  expect(told.stdout).toMatch(/^E_WRITE\n[\s\S]*\nCause: [\s\S]*\nRemedy: [\s\S]*exit code 1\.\n$/);
  expect(await runTcs(["help", "e_wrote"])).toMatchObject({ code: 3, stdout: "" });
});

test("the Tab key knows the codes", async () => {
  const { stdout } = await runTcs(["__complete", "--", "help", "e_rpc_t"]);
  expect(stdout).toBe("words\nE_RPC_TIMEOUT\n");
});

test("--verbose adds the code and where it comes from, without the shortened names of a build", async () => {
  const { stderr } = await runTcs(["status", "--verbose", "--port", String(await freePort())]);
  const [, , code, ...frames] = stderr.trimEnd().split("\n");
  expect(code).toBe("     E_BROKER_UNREACHABLE");
  expect(frames.length).toBeGreaterThan(2);
  expect(frames.filter((line) => !/^ +at /.test(line))).toEqual([]);
});
