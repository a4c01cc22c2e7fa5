// The monitoring library in somebody else's project: packed by npm, installed by npm, imported by its public name.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startNats, type TestBroker } from "../support/nats.ts";
import { startRegistry } from "../support/registry.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const ROOT = join(import.meta.dir, "../..");
/** Where `bun` and `tsc` of the project are. */
const BIN = join(ROOT, "node_modules/.bin");

const PROGRAM = `
import { createMonitor, MonitoredObject, Status } from "ocabox-tcs/monitoring";

await using monitor = await createMonitor(process.argv[2] ?? "weather");
monitor.setStatus(Status.OK, "measuring");

const mast: MonitoredObject = new MonitoredObject("mast");
mast.setStatus(Status.OK);
monitor.addSubmonitor(mast);
monitor.addMetricCb(() => ({ wind: 3.5, gust: Number.NaN }));
await monitor.trackTask(async () => "done");
try {
  mast.addSubmonitor(monitor);
} catch (error) {
  console.log(error instanceof Error ? \`\${error.name}: \${error.message}\` : "");
}
`;

const folder = tempFolder("tcs-npm-");
let broker: TestBroker;

async function run(command: string[], env: Record<string, string> = {}) {
  const child = Bun.spawn(command, {
    cwd: folder.path,
    env: { PATH: `${BIN}:${process.env.PATH}`, HOME: folder.path, TCS_STATE_DIR: folder.path, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const [stdout, stderr, code] = await within(command.join(" "), ended, 120_000);
  return { stdout, stderr, code };
}

beforeAll(async () => {
  broker = await startNats();
  using registry = startRegistry();
  await folder.write("package.json", JSON.stringify({ name: "observatory", private: true, type: "module" }));
  await folder.write("program.ts", PROGRAM);
  const npm = { npm_config_registry: registry.url, npm_config_audit: "false", npm_config_fund: "false" };
  expect(await run(["npm", "pack", "--silent", "--pack-destination", folder.path, ROOT], npm)).toMatchObject({
    code: 0,
  });
  const [tarball = ""] = readdirSync(folder.path).filter((name) => name.endsWith(".tgz"));
  const installed = await run(["npm", "install", "--ignore-scripts", `./${tarball}`], npm);
  expect(installed).toMatchObject({ code: 0 });
}, 180_000);

afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function report(name: string, command: string[]) {
  await using wire = await listenToWire(broker.url);
  const ended = await run([...command, name], { NATS_URL: broker.url });
  expect(ended).toEqual({
    stdout: `MonitorTreeError: monitor "${name}" cannot be a part of "mast": that would be a circle\n`,
    stderr: "",
    code: 0,
  });
  const last = await wire.waitForStatus(name, "shutdown");
  expect(last.data.details).toMatchObject({ children: [{ name: "mast" }], metrics: { wind: 3.5, gust: null } });
  expect(wire.story(name)).toContain("status ok");
}

describe("a project that has installed ocabox-tcs by npm", () => {
  test("runs its TypeScript with Bun", async () => {
    await report("by_bun", [process.execPath, "program.ts"]);
  }, 60_000);

  test("checks its types, compiles, and runs with Node", async () => {
    const compilerOptions = {
      target: "ES2022",
      lib: ["ES2022", "ESNext.Disposable"],
      module: "NodeNext",
      strict: true,
      types: ["node"],
      typeRoots: [join(ROOT, "node_modules/@types")],
      outDir: "built",
    };
    await folder.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["program.ts"] }));
    expect(await run(["tsc"])).toEqual({ stdout: "", stderr: "", code: 0 });
    await report("by_node", ["node", "built/program.js"]);
  }, 120_000);

  test("and finds no fault with the types of the library itself", async () => {
    const compilerOptions = {
      target: "ES2024",
      lib: ["ES2024", "ESNext"],
      module: "NodeNext",
      strict: true,
      noEmit: true,
    };
    const more = { skipLibCheck: false, types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] };
    await folder.write(
      "strict.json",
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...more }, files: ["program.ts"] }),
    );
    const { stdout } = await run(["tsc", "--project", "strict.json"]);
    expect(stdout.split("\n").filter((line) => line.includes("ocabox-tcs"))).toEqual([]);
  }, 120_000);
});
