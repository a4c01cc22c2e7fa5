// Services of a project with its own copy of ocabox-tcs, installed by npm: they run with the framework inside tcs.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json" with { type: "json" };
import { OWN_HOMES } from "../../src/config/types.ts";
import { runTcs, spawnTcs, tcsBinary } from "../support/binary.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { startRegistry } from "../support/registry.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const ROOT = join(import.meta.dir, "../..");
const folder = tempFolder("tcs-project-");
const project = join(folder.path, "dome-control");
/** Where the project is used: only that is installed, and what it needs. */
const host = join(folder.path, "host");
let broker: TestBroker;

async function run(command: string[], cwd: string, env: Record<string, string> = {}) {
  const child = Bun.spawn(command, {
    cwd,
    env: { PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`, HOME: folder.path, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const [stdout, stderr, code] = await within(command.join(" "), ended, 120_000);
  return { code, output: stdout + stderr };
}

beforeAll(async () => {
  broker = await startNats();
  using registry = startRegistry();
  const npm = { npm_config_registry: registry.url, npm_config_audit: "false", npm_config_fund: "false" };
  const install = ["npm", "install", "--ignore-scripts", "--omit=dev", "--install-links"];
  expect(
    await run(["npm", "pack", "--silent", "--pack-destination", folder.path, ROOT], folder.path, npm),
  ).toMatchObject({
    code: 0,
  });
  const tarball = readdirSync(folder.path).find((name) => name.endsWith(".tgz")) ?? "";
  expect((await runTcs(["new", "project", "@obs/dome-control"], { cwd: folder.path })).code).toBe(0);
  expect(await run([...install, `../${tarball}`], project, npm)).toMatchObject({ code: 0 });
  await folder.write("host/package.json", "{}");
  expect(await run([...install, `../${tarball}`, "../dome-control"], host, npm)).toMatchObject({ code: 0 });
}, 300_000);

afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test("the project has a copy of the framework, with which its tests and its types are right", async () => {
  expect(readdirSync(join(project, "node_modules"))).toContain("ocabox-tcs");
  expect(await run(["bun", "test", "src"], project)).toMatchObject({
    code: 0,
    output: expect.stringContaining("3 pass"),
  });
  expect(await run(["tsc", "--noEmit"], project)).toEqual({ code: 0, output: "" });
}, 120_000);

test("its tests pass with tcs alone, too", async () => {
  expect(await runTcs(["test"], { cwd: project })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("3 pass"),
  });
});

test.each(OWN_HOMES)(
  "in %s, it registers with the framework inside tcs, beside one from an installed package",
  async (home) => {
    await using wire = await listenToWire(broker.url);
    await Bun.write(join(project, "installed.yaml"), `nats: {port: ${broker.port}}\nservices: [dome_control.here]\n`);
    await using own = spawnTcs(["run", "--config", "installed.yaml", "--launcher", home], { cwd: project });
    await own.waitForLine(/1 of 1 service running/);
    const rows = ["{type: dome_control, variant: a}", '{module: "@obs/dome-control/dome_control", variant: b}'];
    await Bun.write(join(host, "services.yaml"), `nats: {port: ${broker.port}}\nservices: [${rows.join(", ")}]\n`);
    await using used = spawnTcs(["run", "--launcher", home], { cwd: host });
    await used.waitForLine(/2 of 2 services running/);
    for (const id of ["dome_control.here", "dome_control.a", "dome_control.b"]) await wire.waitForStatus(id, "ok");
    expect(own.stderr + used.stderr).not.toMatch(/WARNING|ERROR/);
  },
);

test("what an installed package has is listed with it", async () => {
  const { stdout } = await runTcs(["services", "dome"], { cwd: host });
  expect(stdout).toContain(`Package @obs/dome-control 0.1.0\n  dome_control  @obs/dome-control\n      interval`);
});

/** The project with another range of versions of the framework in its package.json, for the time of `use`. */
async function askingFor(range: string, use: () => Promise<void>): Promise<void> {
  const file = join(project, "package.json");
  const text = readFileSync(file, "utf8");
  const about = JSON.parse(text);
  writeFileSync(file, JSON.stringify({ ...about, dependencies: { ...about.dependencies, "ocabox-tcs": range } }));
  try {
    await use();
  } finally {
    writeFileSync(file, text);
  }
}

test("made for another line of the framework, it is refused with both versions, and nothing starts", async () => {
  await askingFor("^9.1.0", async () => {
    const why = `it is written for ocabox-tcs ^9.1.0 (package.json in ${project}), and this tcs has ${version}: update tcs, or the service and its ocabox-tcs`;
    expect(await runTcs(["run"], { cwd: project })).toMatchObject({
      code: 5,
      stdout: "",
      stderr: expect.stringContaining(`services.yaml:11:5: dome_control.main: ${why}`),
    });
    expect(await runTcs(["service", "src/dome_control.ts"], { cwd: project })).toMatchObject({
      stderr: expect.stringContaining(why),
    });
    expect((await runTcs(["services", "dome"], { cwd: project })).stdout).toContain("cannot be run: it is written for");
  });
});

test("made for a later version of the same line, it runs, and says so in its log", async () => {
  const [major, minor] = version.split(".");
  await askingFor(`^${major}.${minor}.99`, async () => {
    await using tcs = spawnTcs(["run", "--config", "installed.yaml"], { cwd: project });
    await tcs.waitForLine(/WARNING +dome_control.here +it is written for ocabox-tcs/);
    await tcs.waitForLine(/1 of 1 service running/);
  });
});

test("a new project runs at once, where there is nothing but the executable", async () => {
  using empty = tempFolder();
  const env = { PATH: "/usr/bin:/bin", NATS_URL: broker.url };
  expect(await run([tcsBinary(), "new", "project", "mount"], empty.path, env)).toMatchObject({ code: 0 });
  // What it says to type next can be typed.
  const spaced = await run([tcsBinary(), "new", "project", "mount", "--dir", "my dir"], empty.path, env);
  expect(spaced.output).toContain("cd 'my dir/mount'");
  await using wire = await listenToWire(broker.url);
  await using tcs = spawnTcs(["run"], { cwd: join(empty.path, "mount"), env: { NATS_URL: broker.url } });
  await tcs.waitForLine(/mount\.main +all is well/);
  await wire.waitForStatus("mount.main", "ok");
});
