import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../src/build/compile.ts";
import { hostTarget } from "../../src/build/targets.ts";
import { embeddedAsset } from "../broker/fixtures/asset.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";

const ENTRYPOINTS = [join(import.meta.dir, "fixtures/main.ts"), join(import.meta.dir, "fixtures/worker.ts")];
const identity = { version: "1.2.3-dev.4+gabc1234", commit: "abc1234", date: "2026-11-21", time: 0 };
const asset = embeddedAsset();
let folder: TempFolder;
let bare: string;
let withBroker: string;

beforeAll(async () => {
  folder = tempFolder("tcs-compile-");
  bare = join(folder.path, "bare");
  withBroker = join(folder.path, "with-broker");
  const common = { entrypoints: ENTRYPOINTS, target: hostTarget(), identity };
  await compile({ ...common, outfile: bare, broker: undefined });
  await compile({ ...common, outfile: withBroker, broker: asset });
});
afterAll(() => folder[Symbol.dispose]());

/** Runs a compiled fixture in an empty folder with an empty PATH. */
async function run(binary: string, command: string, env: Record<string, string> = {}) {
  using cwd = tempFolder("tcs-compiled-");
  const child = Bun.spawn([binary, command], {
    cwd: cwd.path,
    env: { PATH: cwd.path, TCS_STATE_DIR: join(cwd.path, "state"), ...env },
    stdin: "ignore",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout: stdout.trim(), stderr: stderr.trim(), code };
}

test("nothing but the executables is left in the folder", () => {
  expect(readdirSync(folder.path).sort()).toEqual(["bare", "with-broker"]);
});

test("the version is the one that was stamped on it", async () => {
  expect((await run(bare, "version")).stdout).toBe(identity.version);
});

test("a Worker is found from a module beside it", async () => {
  expect((await run(bare, "worker")).stdout).toBe("hello from the worker");
});

test("an error is told at its place in the sources", async () => {
  expect((await run(bare, "fail")).stderr).toMatch(/fixtures\/main\.ts:\d+/);
});

test("an error class keeps its name", async () => {
  expect((await run(bare, "name")).stdout).toBe("UsageError: which one?");
});

test("the embedded broker is extracted to the state folder, whole", async () => {
  using state = tempFolder("tcs-state-");
  const { stdout } = await run(withBroker, "broker", { TCS_STATE_DIR: state.path });
  expect(stdout).toBe(join(state.path, "bin", `nats-server-${asset.sha256.slice(0, 12)}`));
  expect(readFileSync(stdout).equals(readFileSync(asset.path))).toBe(true);
});

test("TCS_NATS_SERVER wins over the embedded broker", async () => {
  expect((await run(withBroker, "broker", { TCS_NATS_SERVER: asset.path })).stdout).toBe(asset.path);
});

test("TCS_NATS_SERVER that names no program is an error", async () => {
  const { stderr, code } = await run(withBroker, "broker", { TCS_NATS_SERVER: "/nowhere" });
  expect(stderr).toStartWith("TCS_NATS_SERVER: /nowhere is not an executable file");
  expect(code).toBe(3);
});

test("without an embedded broker one on PATH is used", async () => {
  using installed = tempFolder("tcs-path-");
  const path = await installed.write("nats-server", "#!/bin/sh\n");
  Bun.spawnSync(["chmod", "+x", path]);
  expect((await run(bare, "broker", { PATH: installed.path })).stdout).toBe(path);
});

test("without any broker that is the error, with ways out", async () => {
  const { stderr, code } = await run(bare, "broker");
  expect(stderr).toBe(
    "this build has no embedded broker\ngive --host, or put nats-server on PATH, or set TCS_NATS_SERVER to one",
  );
  expect(code).toBe(3);
});

test("a build that fails leaves the executable of before in place", async () => {
  const before = readFileSync(bare);
  const broken = await folder.write("broken/main.ts", 'import "./missing.ts";\n');
  const built = compile({
    entrypoints: [broken],
    target: hostTarget(),
    identity,
    outfile: bare,
    broker: undefined,
  });
  await expect(built).rejects.toThrow("./missing.ts");
  expect(readFileSync(bare).equals(before)).toBe(true);
});
