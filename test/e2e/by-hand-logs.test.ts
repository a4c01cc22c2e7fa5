// What a service that is run by hand says is kept and published as a fleet's, and none of it is in its way.
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const REPOSITORY = join(import.meta.dir, "../..");

/** A service that says what `talk` (statements) has it say, and then waits. */
const talker = (talk: string, head = "") =>
  serviceFile(
    `async runService() { ${talk}; this.monitor.setStatus(Status.OK, "all said"); while (this.isRunning) await this.sleep(1000); }`,
    undefined,
    head,
  );

const stateIn = (folder: TempFolder) => join(folder.path, ".state");
const logsIn = (folder: TempFolder, place = "by-hand") => join(stateIn(folder), "logs", place);
const on = (folder: TempFolder, env: Record<string, string> = {}) => ({
  cwd: folder.path,
  env: { TCS_STATE_DIR: stateIn(folder), ...env },
});

/** Messages in a log file, the oldest first. */
function messagesIn(path: string): string[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line): string => JSON.parse(line).message);
}

test("its lines are shown by tcs logs from any host, and from the files of its own; the framework's are told apart", async () => {
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  using folder = tempFolder();
  await folder.write("dome.ts", talker(`this.logger.warning("opening"); console.log("key", process.env.API_KEY)`));
  const options = on(folder, { API_KEY: "key-12345" });
  await using tcs = spawnTcs(["service", "dome.ts", "--port", String(broker.port)], options);
  await wire.waitForStatus("dome.main", "ok");
  await wire.waitFor("its lines", ({ subject }) => subject === "svc.log.info.dome.main");
  tcs.signal("SIGINT");
  expect(await within("the end of tcs", tcs.exited)).toBe(130);
  const said = ["WARNING  dome.main  opening", "INFO     dome.main  key ***"];
  for (const [args, env] of [
    [["--port", String(broker.port)], {}],
    [["--local"], options.env],
  ] as const) {
    const shown = await runTcs(["logs", "dome", ...args], { cwd: folder.path, env });
    const lines = shown.stdout.split("\n").map((line) => line.slice(24));
    expect({ args, lines: lines.filter((line) => said.includes(line)) }).toEqual({ args, lines: said });
    // What the framework says of it is no launcher's.
    for (const line of lines) expect(line).not.toMatch(/^\S+ +tcs /);
  }
  expect(tcs.stderr).toMatch(/^\S+ \S+ WARNING {2}dome\.main {2}opening\n\S+ \S+ INFO {5}dome\.main {2}key \*\*\*$/m);
});

test("bun FILE keeps them too", async () => {
  await using broker = await startNats();
  using folder = tempFolder();
  const file = talker(`this.logger.info("from bun")`, `import { main } from "ocabox-tcs";`);
  await folder.write("dome.ts", `${file}await main(Thing);\n`);
  await folder.write("fleet.yaml", `nats: {port: ${broker.port}}\nservices: [dome]\n`);
  mkdirSync(join(folder.path, "node_modules"));
  symlinkSync(REPOSITORY, join(folder.path, "node_modules/ocabox-tcs"));
  symlinkSync(join(REPOSITORY, "node_modules/zod"), join(folder.path, "node_modules/zod"));
  const child = Bun.spawn([process.execPath, "dome.ts", "fleet.yaml"], {
    cwd: folder.path,
    env: { ...process.env, ...on(folder).env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  await waitFor("the line on the wire", async () =>
    (await runTcs(["logs", "dome", "--port", String(broker.port)])).stdout.includes("from bun"),
  );
  child.kill("SIGTERM");
  expect(await child.exited).toBe(143);
  expect(messagesIn(join(logsIn(folder), "dome.main.jsonl"))).toContain("from bun");
});

test("without a broker its files have everything, to the last word of one that ends by an error", async () => {
  using folder = tempFolder();
  await folder.write(
    "thing.ts",
    serviceFile(
      `async runService() { for (let n = 0; n < 1000; n++) this.logger.info("line", n); throw new Error("lost"); }`,
    ),
  );
  const { code } = await runTcs(["service", "thing.ts", "--port", String(await freePort())], on(folder));
  expect(code).toBe(1);
  const messages = messagesIn(join(logsIn(folder), "thing.main.jsonl"));
  expect(messages.filter((text) => text.startsWith("line"))).toEqual(
    Array.from({ length: 1000 }, (_, n) => `line ${n}`),
  );
  expect(messages.some((text) => /Runtime error: lost/.test(text))).toBe(true);
  expect(readdirSync(logsIn(folder))).toEqual(["thing.main.jsonl"]);
});

test("a state folder that cannot be written is one warning, and the service runs", async () => {
  using folder = tempFolder();
  // Not a folder: that stops root too.
  writeFileSync(join(folder.path, ".state"), "");
  await folder.write(
    "thing.ts",
    talker(`for (let n = 0; n < 3000; n++) { this.logger.info("line", n); if (n % 100 === 0) await this.sleep(0.1); }`),
  );
  await using tcs = spawnTcs(["service", "thing.ts", "--port", String(await freePort())], on(folder));
  await tcs.waitForLine(/line 2999/);
  tcs.signal("SIGTERM");
  expect(await within("the end of tcs", tcs.exited)).toBe(143);
  expect(tcs.stderr.match(/logs cannot be written to \S+\/by-hand: /g)?.length).toBe(1);
});

test("two runs at a time of one service keep a file each; a later one goes on in the first", async () => {
  using folder = tempFolder();
  await folder.write("thing.ts", talker(`this.logger.info("I am", process.env.NAME)`));
  const args = ["service", "thing.ts", "--port", String(await freePort())];
  {
    await using a = spawnTcs(args, on(folder, { NAME: "a" }));
    await a.waitForLine(/I am a/);
    await using b = spawnTcs(args, on(folder, { NAME: "b" }));
    await b.waitForLine(/I am b/);
    // What has been killed holds nothing.
    await waitFor("its file", () => messagesIn(join(logsIn(folder), "thing.main.jsonl")).includes("I am a"));
    a.signal("SIGKILL");
  }
  await using c = spawnTcs(args, on(folder, { NAME: "c" }));
  await c.waitForLine(/I am c/);
  c.signal("SIGTERM");
  await within("the end of tcs", c.exited);
  const names = (place?: string) =>
    messagesIn(join(logsIn(folder, place), "thing.main.jsonl")).filter((text) => text.startsWith("I am"));
  expect([names(), names("by-hand.2")]).toEqual([["I am a", "I am c"], ["I am b"]]);
  const shown = await runTcs(["logs", "thing", "--local"], on(folder));
  expect(shown.stdout.match(/I am \w/g)).toEqual(["I am a", "I am b", "I am c"]);
});

test("a flood does not hold it up, is kept as its row's file says, and is published within bounds", async () => {
  const lines = 100_000;
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  using folder = tempFolder();
  await folder.write(
    "thing.ts",
    talker(`const from = performance.now();
      for (let n = 0; n < ${lines}; n++) this.logger.info("line", n);
      this.monitor.setStatus(Status.BUSY, "took " + Math.round(performance.now() - from))`),
  );
  await folder.write(
    "services.yaml",
    `nats: {port: ${broker.port}}\nlogs: {max_size: 64KB, files: 2}\nservices: [thing]\n`,
  );
  await using tcs = spawnTcs(["service", "thing.ts", "services.yaml"], on(folder));
  const took = await wire.waitFor("the end of the flood", ({ data }) => /^took/.test(String(data.message)));
  await waitFor("the last line", () =>
    messagesIn(join(logsIn(folder), "thing.main.jsonl")).includes(`line ${lines - 1}`),
  );
  tcs.signal("SIGTERM");
  expect(await within("the end of tcs", tcs.exited)).toBe(143);
  // 100,000 lines to a pipe alone take about a second here.
  expect(Number(String(took.data.message).slice(5))).toBeLessThan(8_000);
  expect(readdirSync(logsIn(folder)).toSorted()).toEqual(["thing.main.jsonl", "thing.main.jsonl.1"]);
  const published = wire.records.filter(({ subject }) => subject.startsWith("svc.log."));
  expect(published.length).toBeGreaterThan(100);
  expect(published.length).toBeLessThan(2_000);
});
