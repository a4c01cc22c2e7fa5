// One service run by hand, without a launcher: `tcs service`, a file with a shebang, and Bun itself.
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTcs, spawnTcs, tcsBinary } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { textChunks } from "../support/text.ts";
import { within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const REPOSITORY = join(import.meta.dir, "../..");

const CONFIGURED = `import { BaseBlockingPermanentService, BaseServiceConfig, main, service } from "ocabox-tcs";
import { z } from "zod";
const Config = BaseServiceConfig.extend({ target: z.string().default("none") });
@service({ config: Config })
export class Tracker extends BaseBlockingPermanentService<typeof Config> {
  async runService() {
    this.logger.info("tracking", this.config.target);
    while (this.isRunning) await this.sleep(1000);
  }
  onStop() { this.logger.info("parked"); }
}
await main(Tracker);
`;
const ROWS = "services:\n  - {type: tracker, target: M31}\n  - {type: tracker, variant: south, target: LMC}\n";

test("a file is run with its defaults, and is ephemeral: status and heartbeats, no registry events, no parent", async () => {
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  using folder = tempFolder();
  await folder.write("tracker.ts", CONFIGURED);
  await using tcs = spawnTcs(["service", "tracker.ts", "--port", String(broker.port)], { cwd: folder.path });
  const ok = await wire.waitForStatus("tracker.main", "ok");
  expect(ok.data).toMatchObject({ name: "tracker.main", pid: tcs.pid });
  expect(ok.data).not.toHaveProperty("parent");
  await wire.waitFor("its heartbeat", ({ subject }) => subject === "svc.heartbeat.tracker.main");
  tcs.signal("SIGINT");
  expect(await within("the end of tcs", tcs.exited)).toBe(130);
  expect(tcs.stderr).toContain("tracking none");
  expect(tcs.stderr).toContain("parked");
  await wire.flush();
  expect(wire.story("tracker.main")).toEqual(["status startup", "status ok", "status shutdown", "status shutdown"]);
});

test("a configuration file and a variant choose its row", async () => {
  using folder = tempFolder();
  await folder.write("tracker.ts", CONFIGURED);
  await folder.write("fleet.yaml", ROWS);
  for (const [variant, target] of [
    ["main", "M31"],
    ["south", "LMC"],
  ]) {
    await using tcs = spawnTcs(["service", "tracker.ts", "fleet.yaml", variant ?? ""], { cwd: folder.path });
    await tcs.waitForLine(new RegExp(`tracker\\.${variant} +tracking ${target}`));
  }
  const missing = await runTcs(["service", "tracker.ts", "fleet.yaml", "north"], { cwd: folder.path });
  expect(missing.code).toBe(3);
  expect(missing.stderr).toContain("main, south");
});

test("a file with a shebang runs by itself, from any folder, when tcs is on the PATH", async () => {
  using folder = tempFolder();
  const file = await folder.write("sub/tracker.ts", `#!/usr/bin/env -S tcs service\n${CONFIGURED}`);
  chmodSync(file, 0o755);
  const port = String(await freePort());
  const child = Bun.spawn([file, "--set", "target=Vega", "--port", port], {
    cwd: "/",
    env: { PATH: `${dirname(tcsBinary())}:${process.env.PATH}`, HOME: folder.path },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  for await (const chunk of textChunks(child.stderr)) {
    said += chunk;
    if (said.includes("tracking Vega")) child.kill("SIGTERM");
  }
  expect(said).toMatch(/tracker\.main +tracking Vega/);
  expect(await child.exited).toBe(143);
});

test("bun FILE runs it through main(), with the row of a configuration file", async () => {
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  using folder = tempFolder();
  await folder.write("tracker.ts", CONFIGURED);
  await folder.write("fleet.yaml", `nats: {port: ${broker.port}}\n${ROWS}`);
  mkdirSync(join(folder.path, "node_modules"));
  symlinkSync(REPOSITORY, join(folder.path, "node_modules/ocabox-tcs"));
  symlinkSync(join(REPOSITORY, "node_modules/zod"), join(folder.path, "node_modules/zod"));
  const child = Bun.spawn([process.execPath, "tracker.ts", "fleet.yaml", "south"], {
    cwd: folder.path,
    stdio: ["ignore", "ignore", "pipe"],
  });
  await wire.waitForStatus("tracker.south", "ok");
  child.kill("SIGTERM");
  expect(await child.stderr.text()).toContain("tracking LMC");
  expect(await child.exited).toBe(143);
  await wire.flush();
  expect(wire.story("tracker.south")).toEqual(["status startup", "status ok", "status shutdown", "status shutdown"]);
});

test("the same file, with its call of main(), is a service of a fleet", async () => {
  using folder = tempFolder();
  await folder.write("tracker.ts", CONFIGURED);
  await folder.write("services.yaml", `nats: {port: ${await freePort()}}\n${ROWS}`);
  await using tcs = spawnTcs(["run"], { cwd: folder.path });
  await tcs.waitForLine(/tracker\.main +tracking M31/);
  await tcs.waitForLine(/tracker\.south +tracking LMC/);
});

test("a service in the binary is run by its type", async () => {
  await using tcs = spawnTcs([
    "service",
    "hello_world",
    "--port",
    String(await freePort()),
    "--set",
    "message=Ahoj 🔭",
  ]);
  await tcs.waitForLine(/hello_world\.main +Ahoj 🔭/);
});

const ends: Record<string, { file: string; code: number; says: RegExp; status: string }> = {
  "ends its work": {
    file: serviceFile("async execute() {}", "BaseSingleShotService"),
    code: 0,
    says: /^$/,
    status: "shutdown",
  },
  "throws in runService": {
    file: serviceFile("async runService() { throw new Error('lost star'); }"),
    code: 1,
    says: /ERROR +thing\.main +Runtime error: lost star/,
    status: "error",
  },
  "throws in onStart": {
    file: serviceFile(`onStart() { throw new Error("no power"); }\n${LOOP}`),
    code: 1,
    says: /ERROR +thing\.main +Startup failed: no power/,
    status: "failed",
  },
  "throws at import": {
    file: `throw new Error("bad lens");\n${serviceFile(LOOP)}`,
    code: 1,
    says: /ERROR +thing\.main +Initialization failed: .*bad lens/,
    status: "failed",
  },
  "throws where nobody awaits it": {
    file: serviceFile(`onStart() { setTimeout(() => { throw new Error("lost callback"); }, 20); }\n${LOOP}`),
    code: 1,
    says: /ERROR +thing\.main +Runtime error: lost callback/,
    status: "error",
  },
  "calls process.exit(7)": {
    file: serviceFile("async runService() { process.exit(7); }"),
    code: 7,
    says: /ERROR +thing\.main +Runtime error: the service called process\.exit\(7\)/,
    status: "error",
  },
  "has no service in it": {
    file: "export const x = 1;\n",
    code: 1,
    says: /thing\.ts has no service in it/,
    status: "failed",
  },
};
for (const [what, { file, code, says, status }] of Object.entries(ends)) {
  test(`a service run by hand that ${what} ends with code ${code}`, async () => {
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    using folder = tempFolder();
    await folder.write("thing.ts", file);
    const result = await runTcs(["service", "thing.ts", "--port", String(broker.port)], { cwd: folder.path });
    expect(result.stderr).toMatch(says);
    expect(result.stderr).not.toMatch(/^\s+at |unexpected error/m);
    expect(result.code).toBe(code);
    await wire.flush();
    expect(wire.of("status", "thing.main").at(-1)?.data.status).toBe(status);
  });
}

test("a second Ctrl-C ends a service run by hand that does not end", async () => {
  using folder = tempFolder();
  await folder.write(
    "thing.ts",
    serviceFile(`${LOOP}\nonStop() { console.log("hangs"); return new Promise(() => {}); }`),
  );
  await using tcs = spawnTcs(["service", "thing.ts", "--port", String(await freePort())], { cwd: folder.path });
  await tcs.waitForLine(/no NATS broker/);
  tcs.signal("SIGINT");
  await tcs.waitForLine(/hangs/);
  const presses = setInterval(() => tcs.signal("SIGINT"), 200);
  expect(await within("the end of tcs", tcs.exited, 5000)).toBe(130);
  clearInterval(presses);
});

test("what is asked for but is not there is told in a line, with exit code 3 or 5", async () => {
  using folder = tempFolder();
  const cases: [string[], number, RegExp][] = [
    [["missing.ts"], 5, /missing\.ts.*no such file/],
    [["hello_wrld"], 5, /hello_world/],
    [["hello_world", "missing.yaml"], 5, /missing\.yaml/],
  ];
  for (const [args, code, says] of cases) {
    const result = await runTcs(["service", ...args], { cwd: folder.path });
    expect(result.stderr).toMatch(says);
    expect(result.stderr).not.toMatch(/^\s+at |unexpected error/m);
    expect([args, result.code]).toEqual([args, code]);
  }
});

test("a service that a launcher runs is not run by hand beside it, until it is stopped there", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.wire.waitForStatus("hello_world.main", "ok");
  await fleet.wire.waitFor("its heartbeat", ({ subject }) => subject === "svc.heartbeat.hello_world.main");
  const port = String(fleet.broker.port);
  const refused = await runTcs(["service", "hello_world", "--port", port]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^tcs: hello_world\.main is run already by launcher\.launcher\.\S+ \(\S+, pid \d+\)$/m,
  );
  expect(fleet.wire.of("status", "hello_world.main").at(-1)?.data.status).toBe("ok");
  expect((await runTcs(["stop", "hello_world.main", "--port", port])).code).toBe(0);
  await using alone = spawnTcs(["service", "hello_world", "--port", port]);
  await alone.waitForLine(/hello_world\.main {2}Hello World!/);
});
