// tcs doctor, the compiled binary: what it says, and the code it ends with.
import { describe, expect, test } from "bun:test";
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureStreams } from "../../src/broker/index.ts";
import { openConnection } from "../client/publish.ts";
import { runTcs, spawnTcs, type TcsOptions } from "../support/binary.ts";
import { runFleet } from "../support/fleet.ts";
import { canMakeHosts, onHost } from "../support/hosts.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

const HELLO = "services:\n  - type: hello_world\n";
/** On a host of its own, so that what other tests leave for a moment is not found. */
const alone: TcsOptions = canMakeHosts ? { under: onHost("north") } : {};

interface Report {
  level: string;
  broker: Record<string, unknown>;
  checks: { name: string; skipped?: string; findings: { level: string; text: string; advice?: string }[] }[];
}

async function report(args: string[], options: TcsOptions = alone): Promise<Report & { code: number }> {
  const { code, stdout, stderr } = await runTcs(["doctor", "--json", ...args], options);
  expect(stderr).toBe("");
  return { ...JSON.parse(stdout), code };
}

function findings({ checks }: Report, name: string) {
  return checks.find((check) => check.name === name)?.findings;
}

const at = (broker: { port: number }) => ["--host", "127.0.0.1", "--port", String(broker.port)];

describe("a fleet that is well", () => {
  test("takes one line for each check, and code 0", async () => {
    await using fleet = await runFleet({ yaml: HELLO });
    await fleet.wire.waitForStatus("hello_world.main", "ok");
    const { code, stdout, stderr } = await runTcs(["doctor", ...at(fleet.broker)], alone);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(`● All is well   14 checks, broker nats://127.0.0.1:${fleet.broker.port}`);
    const checks = lines.filter((line) => line.startsWith("  ● "));
    expect(checks).toHaveLength(14);
    expect(checks).toContainEqual(expect.stringMatching(/ services +1 of 1 service running, 1 launcher$/));
    expect(checks).toContainEqual(expect.stringMatching(/ owners +bucket svc_owners: 1 launcher, 1 service known$/));
    expect(checks).toContainEqual(expect.stringMatching(/ duplicates +none: 2 heard in the last minute/));
    expect(checks).toContainEqual(expect.stringMatching(/ versions +\S+ everywhere$/));
    // Titles of the groups, and the empty lines between them.
    expect(lines.filter((line) => /^\w/.test(line))).toEqual(["Broker", "Fleet", "This host"]);
  });

  test("the same as JSON, for programs", async () => {
    await using fleet = await runFleet({ yaml: HELLO });
    await fleet.wire.waitForStatus("hello_world.main", "ok");
    const { code, ...seen } = await report(at(fleet.broker));
    expect(code).toBe(0);
    expect(seen).toMatchObject({ version: 1, level: "ok", broker: { reachable: true, subject_prefix: "svc" } });
    expect(seen.checks.flatMap((check) => check.findings).every(({ level }) => level === "ok")).toBe(true);
  });
});

describe("a broker that is away", () => {
  test("is code 4; the host is checked all the same", async () => {
    const { code, stdout } = await runTcs(["doctor", "--port", String(await freePort())], alone);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^× 1 error {3}5 checks/);
    expect(stdout).toMatch(/× connection +nats:\/\/.*: connection refused\n +→ start one with "tcs run"/);
    expect(stdout).toContain("○ not checked without a broker: round trip, JetStream");
    expect(stdout).toMatch(/● state folder +/);
  });

  test("fits the terminal, in colour or in plain ASCII as it can", async () => {
    const port = String(await freePort());
    const env = { COLUMNS: "60", FORCE_COLOR: "1" };
    const coloured = (await runTcs(["doctor", "--port", port], { ...alone, env })).stdout;
    expect(coloured).toContain("\u001b[31m×\u001b[39m");
    for (const line of coloured.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(60);
    const plain = (await runTcs(["doctor", "--port", port], { ...alone, env: { LC_ALL: "C" } })).stdout;
    expect(plain).toMatch(/^[ -~\n]*$/);
    expect(plain).toContain("-> start one with");
  });
});

test("errors are code 6; warnings are code 0, with --strict 6", async () => {
  await using broker = await startNats();
  expect(await report(at(broker))).toMatchObject({ code: 6, level: "error" });
  await using open = await openConnection(broker.url);
  await ensureStreams(open.connection);
  expect(await report(at(broker))).toMatchObject({ code: 0, level: "ok" });
  const manager = await open.connection.jetstreamManager();
  await manager.streams.update("svc_status", { max_msg_size: 1_000 });
  expect(await report(at(broker))).toMatchObject({ code: 0, level: "warning" });
  expect(await report([...at(broker), "--strict"])).toMatchObject({ code: 6, level: "warning" });
});

test("one service run twice by hand is found by its heartbeats", async () => {
  await using broker = await startNats();
  using folder = tempFolder();
  await using open = await openConnection(broker.url);
  await ensureStreams(open.connection);
  const start = () => spawnTcs(["service", "hello_world", ...at(broker)], { cwd: folder.path });
  await using one = start();
  await one.waitForLine(/Hello World/);
  await using two = start();
  await two.waitForLine(/Hello World/);
  // It takes a second heartbeat of the first to know that it is still there.
  const [found] = await waitFor("the double", async () => {
    const seen = findings(await report(at(broker)), "duplicates");
    return seen?.[0]?.level === "error" ? seen : undefined;
  });
  for (const { pid } of [one, two]) expect(found?.text).toContain(`pid ${pid} on `);
  expect(found?.text).toMatch(/^hello_world\.main runs 2 times: /);
});

describe("a configuration that is given", () => {
  test("is checked to the end, services' files included", async () => {
    await using broker = await startNats();
    await using open = await openConnection(broker.url);
    await ensureStreams(open.connection);
    using folder = tempFolder();
    const nats = `nats:\n  port: ${broker.port}\n`;
    const file = await folder.write("services.yaml", `${nats}${HELLO}`);
    expect(findings(await report(["--config", file]), "configuration")).toEqual([
      { level: "ok", text: `${file}: 1 service, all well` },
    ]);
    await folder.write("broken.ts", 'throw new Error("no camera");');
    await folder.write("services.yaml", `${nats}${HELLO}  - type: broken\n    module: ./broken.ts\n`);
    const broken = await report(["--config", file]);
    expect(broken.code).toBe(0);
    expect(findings(broken, "configuration")).toEqual([
      expect.objectContaining({ level: "warning", text: expect.stringMatching(/^broken\.main: /) }),
    ]);
    await folder.write("services.yaml", `${nats}${HELLO}    restart: sometimes\n    restart_sec: soon\n`);
    const wrong = await report(["--config", file]);
    expect(wrong.code).toBe(6);
    expect(findings(wrong, "configuration")?.map(({ text }) => text)).toEqual([
      expect.stringContaining("services.yaml:5:14: services[0].restart: given"),
      expect.stringContaining("services.yaml:6:18: services[0].restart_sec: given"),
    ]);
  });

  test("that does not tell where the broker is, is an error and no riddle", async () => {
    using folder = tempFolder();
    const file = await folder.write("services.yaml", `nats:\n  port: many\n${HELLO}`);
    const seen = await report(["--config", file]);
    expect(seen.code).toBe(6);
    expect(findings(seen, "connection")?.[0]?.text).toMatch(/^nobody can tell where the broker is: .*services\.yaml:2/);
    expect(findings(seen, "configuration")?.[0]?.level).toBe("error");
    const missing = await report(["--config", join(folder.path, "none.yaml")]);
    expect(missing.code).toBe(6);
    const { code, stderr } = await runTcs(["doctor", "--host", "a b"], alone);
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining("--host") });
  });
});

test("the broker inside, once extracted, is compared with what it should be", async () => {
  using folder = tempFolder();
  const env = { TCS_STATE_DIR: join(folder.path, "state") };
  const program = async () => findings(await report(["--port", String(port)], { ...alone, env }), "program")?.[0];
  const port = await freePort();
  expect(await program()).toMatchObject({ level: "ok", text: expect.stringMatching(/inside, not needed yet$/) });
  await using broker = spawnTcs(["broker", "--port", String(port)], { env });
  await broker.waitForLine(/Ctrl-C ends it/);
  broker.signal("SIGTERM");
  await broker.exited;
  expect(await program()).toMatchObject({ level: "ok", text: expect.stringMatching(/inside, whole$/) });
  const bin = join(env.TCS_STATE_DIR, "bin");
  const name = readdirSync(bin).find((entry) => !entry.endsWith(".checked")) ?? "";
  appendFileSync(join(bin, name), "x");
  expect(await program()).toMatchObject({
    level: "error",
    text: `the broker ${join(bin, name)} is damaged`,
    advice: expect.stringMatching(/^rm /),
  });
});
