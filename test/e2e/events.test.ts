// tcs events and tcs night: what happened to the fleet, told from its streams.
import { expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { waitFor } from "../support/wait.ts";

const FALLS = serviceFile(`async runService() { await this.sleep(0.05); throw new Error("mirror fell"); }`);
const YAML = "services:\n  - hello_world\n  - {type: falls, restart: on-failure, restart_sec: 0.05, restart_max: 1}\n";

async function run(fleet: TestFleet, ...args: string[]) {
  return await runTcs([...args, "--port", String(fleet.broker.port)], { env: { USER: "ann" } });
}

async function eventfulFleet(): Promise<TestFleet> {
  const fleet = await runFleet({ yaml: YAML, files: { "falls.ts": FALLS } });
  await fleet.wire.waitForEvent("failed", "falls.main");
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  await run(fleet, "stop", "hello_world.main", "--reason", "dome open");
  await run(fleet, "start", "hello_world.main");
  return fleet;
}

test("tcs events tells the story of the fleet, without what is routine", async () => {
  await using fleet = await eventfulFleet();
  const { stdout, code } = await run(fleet, "events");
  expect(code).toBe(0);
  const told = (id: string) =>
    stdout
      .split("\n")
      .filter((line) => line.includes(`  ${id} `))
      .map((line) =>
        line
          .replace(/^\S+ \S+ +\S+ +/, "")
          .replace(/@[^\s:,]+/, "@host")
          .replace(/pid \d+ on \S+/, "pid N"),
      );
  expect(told("falls.main")).toEqual([
    "started, pid N",
    "crashed, exit 1: mirror fell; to be restarted",
    "restart 1 of 1",
    "crashed, exit 1: mirror fell",
    "given up after 1 restart",
  ]);
  expect(told("hello_world.main")).toEqual([
    "started, pid N",
    expect.stringMatching(/^stop by \S+@host: dome open$/),
    "stopped",
    expect.stringMatching(/^started by \S+@host, pid N$/),
  ]);
  const all = (await run(fleet, "events", "falls", "--all")).stdout;
  expect(all).toContain("declared by its launcher");
  expect(all).not.toContain("hello_world");
  const json = (await run(fleet, "events", "falls.main", "--json", "-n", "1")).stdout;
  expect(JSON.parse(json)).toMatchObject({ service_id: "falls.main", kind: "failed", severity: "error" });
  expect((await run(fleet, "events", "--since", "10m", "--until", "9m")).stderr).toContain(
    "nothing happened that fits",
  );
  expect((await run(fleet, "events", "--since", "soon")).code).toBe(2);
});

test("tcs events -f goes on with what happens, over a restart of the broker", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.wire.waitForEvent("ready", "hello_world.main");
  await using follower = spawnTcs(["events", "-f", "--port", String(fleet.broker.port)]);
  await follower.waitForLine(/hello_world\.main .*started/);
  await run(fleet, "stop", "hello_world.main", "--reason", "first");
  await follower.waitForLine(/stop by \S+: first/);
  await fleet.broker.kill();
  await follower.waitForLine(/connection to the broker lost/);
  await fleet.broker.start();
  await follower.waitForLine(/connected to the broker/);
  await waitFor(
    "an answer",
    async () => (await run(fleet, "start", "hello_world.main", "--reason", "second")).code === 0,
  );
  await follower.waitForLine(/started by \S+: second/);
  expect(follower.stdout.match(/stop by \S+: first/g)?.length).toBe(1);
  follower.signal("SIGINT");
  expect(await follower.exited).toBe(130);
});

test("tcs night tells the night for the log, as text, Markdown and JSON", async () => {
  await using fleet = await eventfulFleet();
  await fleet.folder.write("site.yaml", "site: {name: OCA, timezone: America/Santiago}\nservices: [hello_world]\n");
  const config = ["--config", `${fleet.folder.path}/site.yaml`];
  const text = (await run(fleet, "night", ...config)).stdout;
  expect(text).toMatch(/^Night of \d{4}-\d\d-\d\d at OCA: /);
  expect(text).toContain("falls.main: 2 crashes, 1 restart, 1 time given up");
  expect(text).toMatch(/hello_world\.main: 2 orders/);
  const markdown = (await run(fleet, "night", ...config, "--markdown")).stdout;
  expect(markdown).toMatch(/^# Night of \d{4}-\d\d-\d\d, OCA\n/);
  expect(markdown).toMatch(/\| falls\.main \| 2 \| 1 \| 1 \| 0 \| 0 \|/);
  expect(markdown).toMatch(/\| \S+ \S+ \| falls\.main \| \*\*given up after 1 restart\*\* \|/);
  const json = JSON.parse((await run(fleet, "night", ...config, "--json", "--service", "falls")).stdout);
  expect(json).toMatchObject({ version: 1, site: { name: "OCA", timezone: "America/Santiago" } });
  expect(json.services).toEqual([
    { service_id: "falls.main", starts: 1, crashes: 2, restarts: 1, failures: 1, troubles: 0, orders: 0 },
  ]);
  expect((await run(fleet, "night", "2020-01-01", ...config)).stdout).toContain("nothing happened");
  expect((await run(fleet, "night")).stderr).toContain("no site is configured");
  for (const wrong of [
    ["night", "2026-02-30"],
    ["night", "last week"],
    ["night", "--timezone", "Mars/Base"],
    ["night", "--longitude", "400"],
    ["night", "--longitude", ""],
  ]) {
    expect(await run(fleet, ...wrong)).toMatchObject({ code: 2, stdout: "" });
  }
  await fleet.folder.write("site.yaml", "site: {timezone: Mars/Base}\nservices: [hello_world]\n");
  const wrong = await run(fleet, "night", ...config);
  expect(wrong.code).toBe(5);
  expect(wrong.stderr).toContain('site.yaml:1:18: site.timezone: given "Mars/Base", expected an IANA time zone');
});

test("a broker without streams says what makes them; one that is away, that it is", async () => {
  await using broker = await startNats();
  const empty = await runTcs(["events", "--port", String(broker.port)]);
  expect(empty.code).toBe(1);
  expect(empty.stderr).toMatch(/cannot read the fleet from .*: no stream on this broker stores/);
  await broker.kill();
  expect((await runTcs(["night", "--port", String(broker.port)])).code).toBe(4);
});
