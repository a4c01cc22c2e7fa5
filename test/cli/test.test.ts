import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { hostModules } from "../../src/entry/modules.ts";
import { KIND_NAMES } from "../../src/scaffold/kinds.ts";
import { typeCheck } from "../scaffold/project.ts";
import { runTcs, spawnTcs, tcsBinary } from "../support/binary.ts";
import { tempFolder } from "../support/temp.ts";

const SOURCE_ENTRY = join(import.meta.dir, "../../src/cli/main.ts");
const NOBODY = 65_534;

const HEAD = `import { expect, test } from "bun:test";
import { startForTest } from "ocabox-tcs/testing";
import { Dome } from "./dome.ts";
`;
const DOME = `import { BaseBlockingPermanentService, main, service } from "ocabox-tcs";
@service
export class Dome extends BaseBlockingPermanentService {
  override async runService() { while (this.isRunning) await this.sleep(1); }
}
await main(Dome);
`;
const TEST = `${HEAD}
test("it opens", async () => {
  await using dome = await startForTest(Dome);
  expect(dome.status).toBe("ok");
});
test("it closes", async () => {
  await using dome = await startForTest(Dome);
  expect(await dome.stop()).toMatchObject({ phase: "stopped" });
});
`;

/** A folder with a service and its test, and nothing else. */
async function project(test = TEST) {
  const folder = tempFolder("tcs-author-");
  await folder.write("dome.ts", DOME);
  await folder.write("dome.test.ts", test);
  return folder;
}

/** Runs any command in a bare environment. */
async function run(command: string[], cwd: string, env: Record<string, string>) {
  const child = Bun.spawn(command, { cwd, env: { PATH: "/usr/bin:/bin", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

/** As an ordinary user: root may write anywhere. */
const asNobody = (...command: string[]) =>
  process.getuid?.() === 0
    ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...command]
    : command;

describe("on a host with nothing but the binary", () => {
  test("the tests that were scaffolded pass for another user, with editor support beside them", async () => {
    using folder = tempFolder("tcs-author-");
    if (process.getuid?.() === 0) chownSync(folder.path, NOBODY, NOBODY);
    const env = { HOME: folder.path };
    for (const kind of KIND_NAMES) {
      const name = `a_${kind}_one`;
      const made = await run(asNobody(tcsBinary(), "new", "service", name, "--kind", kind), folder.path, env);
      expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining("\n  tcs test\n") });
    }
    expect(readdirSync(folder.path)).toContain("tsconfig.json");
    const { code, stderr } = await run(asNobody(tcsBinary(), "test"), folder.path, env);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(` ${3 * KIND_NAMES.length} pass\n 0 fail\n`),
    });
  });

  test("a test may import all that a service may, and gets the same things", async () => {
    const names = [...Object.keys(hostModules.framework), ...Object.keys(hostModules.fallbacks)];
    using folder = await project(`${HEAD}
import { BaseServiceConfig, Status, VERSION } from "ocabox-tcs";
import * as monitoring from "ocabox-tcs/monitoring";
import { z } from "zod";
test.each(${JSON.stringify(names)})("%s", async (name) => expect(Object.keys(await import(name))).not.toEqual([]));
test("one of each", () => {
  expect(monitoring.Status).toBe(Status);
  expect(BaseServiceConfig).toBeInstanceOf(z.ZodObject);
  console.log("version", VERSION);
});
`);
    const { code, stdout, stderr } = await runTcs(["test"], { cwd: folder.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(` ${names.length + 1} pass\n`) });
    expect(stdout).toContain(`version ${(await runTcs(["--version"])).stdout}`);
  });

  test("an editor finds all of that too", async () => {
    using folder = tempFolder("tcs-author-");
    await runTcs(["new", "service", "dome"], { cwd: folder.path });
    const uses = Object.keys(hostModules.framework).map((name, i) => `export * as m${i} from "${name}";\n`);
    await folder.write("uses.ts", uses.join(""));
    expect(await typeCheck(folder.path)).toEqual({ code: 0, output: "" });
  });

  test("a package beside the service goes before the one in the binary; the framework does not", async () => {
    using folder = await project(`${HEAD}
import * as zod from "zod";
test("packages", () => expect(zod).toMatchObject({ mine: true }));
`);
    await folder.write("node_modules/zod/package.json", '{ "name": "zod", "main": "index.js" }');
    await folder.write("node_modules/zod/index.js", "export const mine = true;\n");
    await folder.write("node_modules/ocabox-tcs/package.json", '{ "name": "ocabox-tcs", "main": "index.js" }');
    await folder.write("node_modules/ocabox-tcs/index.js", 'throw new Error("not this one");\n');
    expect(await runTcs(["test"], { cwd: folder.path })).toMatchObject({ code: 0 });
  });

  test("coverage is that of the author's files only", async () => {
    using folder = await project();
    const { stdout, stderr } = await runTcs(["test", "--", "--coverage"], { cwd: folder.path });
    const files = [...`${stdout}${stderr}`.matchAll(/^ (\S+\.[jt]s) +\|/gm)].map(([, file]) => file);
    expect(files).toEqual(["dome.ts"]);
  });
});

describe("a test that fails", () => {
  test("ends with bun's own exit code", async () => {
    using folder = await project(`${HEAD}\ntest("no", () => expect(1).toBe(2));\n`);
    expect(await runTcs(["test"], { cwd: folder.path })).toMatchObject({ code: 1 });
  });

  test("is told with the names and places of the sources, the author's and ours", async () => {
    using folder = await project(`${HEAD}\ntest("no", async () => { await startForTest(Dome, { intervall: 1 }); });\n`);
    const { stderr } = await runTcs(["test"], { cwd: folder.path });
    expect(stderr).toContain("ServiceTestError: Dome: intervall: given an unknown field");
    expect(stderr).toMatch(/ at prepare \(\S+\/node_modules\/ocabox-tcs\/src\/service\/testing\.ts:\d+:\d+\)/);
    expect(stderr).toMatch(/ at \S+ \(\S+\/dome\.test\.ts:5:\d+\)/);
  });
});

describe("the command line", () => {
  test("a pattern chooses files, and what follows -- goes to bun test", async () => {
    using folder = await project();
    await folder.write("sub/other.test.ts", TEST.replace("./dome", "../dome"));
    const chosen = await runTcs(["test", "sub/", "--", "-t", "closes"], { cwd: folder.path });
    expect(chosen).toMatchObject({ code: 0, stderr: expect.stringContaining("Ran 1 test across 1 file.") });
    const both = await runTcs(["test", "other", "dome.test"], { cwd: folder.path });
    expect(both.stderr).toContain("Ran 4 tests across 2 files.");
    const help = await runTcs(["test", "--", "--help"], { cwd: folder.path });
    expect(help.stdout).toContain("bun test [flags]");
  });

  test("a file given by its path may lie outside the working folder", async () => {
    using folder = await project();
    using elsewhere = tempFolder();
    const { code } = await runTcs(["test", join(folder.path, "dome.test.ts")], { cwd: elsewhere.path });
    expect(code).toBe(0);
  });

  test.each([
    ["a folder without tests", [], /^tcs: no tests in \S+\n {5}tests are files as dome\.test\.ts; .*\n$/],
    ["a pattern, in a folder without tests", ["dome"], /^tcs: no tests in /],
  ])("%s: one line and what to do, exit 3", async (_what, patterns, said) => {
    using folder = tempFolder();
    await folder.write("node_modules/x/x.test.ts", "");
    await folder.write(".hidden/x.test.ts", "");
    const { code, stdout, stderr } = await runTcs(["test", ...patterns], { cwd: folder.path });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(said);
  });

  test("a pattern that matches no test: the tests there are, exit 3", async () => {
    using folder = await project();
    const { code, stderr } = await runTcs(["test", "dome.ts"], { cwd: folder.path });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: `tcs: no test file in ${folder.path} matches dome.ts\n     there are dome.test.ts\n`,
    });
  });

  test("no tests at all can be asked for", async () => {
    using folder = tempFolder();
    expect(await runTcs(["test", "--", "--pass-with-no-tests"], { cwd: folder.path })).toMatchObject({ code: 0 });
  });
});

describe("the framework is extracted to the state folder", () => {
  test("once: processes that do it at the same time all find it whole", async () => {
    using folder = await project();
    using state = tempFolder("tcs-state-");
    const options = { cwd: folder.path, env: { TCS_STATE_DIR: state.path } };
    const runs = await Promise.all([1, 2, 3].map(() => runTcs(["test"], options)));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(readdirSync(join(state.path, "lib"))).toHaveLength(1);
  });

  test("and again where it is damaged", async () => {
    using folder = await project();
    using state = tempFolder("tcs-state-");
    const options = { cwd: folder.path, env: { TCS_STATE_DIR: state.path } };
    await runTcs(["test"], options);
    const files = readdirSync(state.path, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js"));
    for (const path of files) truncateSync(join(state.path, path), 10);
    expect(await runTcs(["test"], options)).toMatchObject({ code: 0 });
  });

  test("a home that is read-only is told, with a way out that works", async () => {
    using folder = await project();
    using home = tempFolder("tcs-home-");
    for (const path of [folder.path, home.path]) chmodSync(path, 0o555);
    const { code, stderr } = await run(asNobody(tcsBinary(), "test"), folder.path, { HOME: home.path });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^tcs: cannot create the state folder \S+: .*\n {5}set TCS_STATE_DIR to a folder you can write to\n$/,
      ),
    });
    using state = tempFolder("tcs-state-");
    chmodSync(state.path, 0o777);
    const env = { HOME: home.path, TCS_STATE_DIR: state.path };
    expect(await run(asNobody(tcsBinary(), "test"), folder.path, env)).toMatchObject({ code: 0 });
  });
});

test("it is one process: a signal ends the tests themselves", async () => {
  using folder = await project(`${HEAD}\ntest("long", async () => {
  console.error("pid", process.pid);
  await new Promise(() => setInterval(() => undefined, 1000));
}, 60_000);\n`);
  await using tcs = spawnTcs(["test"], { cwd: folder.path });
  expect((await tcs.waitForLine(/pid (\d+)/))[1]).toBe(String(tcs.pid));
  tcs.signal("SIGTERM");
  expect(await tcs.exited).toBe(143);
});

test("with --watch the tests run again when a file changes", async () => {
  using folder = await project();
  await using tcs = spawnTcs(["test", "--", "--watch"], { cwd: folder.path });
  await tcs.waitForLine(/ 2 pass/);
  await folder.write("dome.test.ts", `${TEST}\ntest("it turns", () => {});\n`);
  expect(await tcs.waitForLine(/ 3 pass/)).toHaveLength(1);
});

test("from source it does the same", async () => {
  using folder = await project();
  using home = tempFolder("tcs-home-");
  const { code, stderr } = await run([process.execPath, SOURCE_ENTRY, "test"], folder.path, { HOME: home.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(" 2 pass\n 0 fail\n") });
  expect(readdirSync(folder.path).sort()).toEqual(["dome.test.ts", "dome.ts"]);
});
