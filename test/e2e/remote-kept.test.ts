// Values of the broker while it is away: those that were in use count at the next start, and everybody says so.
import { expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { askFleet } from "../support/reload.ts";
import { askConfig, has, startThing, THING, withBroker, YAML } from "../support/remote-values.ts";
import { waitFor } from "../support/wait.ts";

const keptFile = ({ folder }: TestFleet): string | undefined => {
  const launchers = join(folder.path, ".state", "launchers");
  const name = readdirSync(launchers).find((one) => one.endsWith(".last-good.json"));
  return name && join(launchers, name);
};

/** The launcher of a fleet once more, in its folder and with its state. */
const again = ({ folder }: TestFleet) =>
  spawnTcs(["run"], { cwd: folder.path, env: { TCS_STATE_DIR: join(folder.path, ".state") } });

const explain = ({ folder }: TestFleet, ...args: string[]) =>
  runTcs(["config", "explain", "thing.main", ...args], {
    cwd: folder.path,
    env: { TCS_STATE_DIR: join(folder.path, ".state") },
  });

test("a start without the broker takes what was in use, says how old that is, and follows the broker when it comes", async () => {
  await using fleet = await startThing();
  expect(keptFile(fleet)).toBeUndefined();
  await askConfig(fleet, "set", "thing.main", "n=7");
  await fleet.tcs.waitForLine(has(7));
  await waitFor("the values on disk", () => keptFile(fleet) !== undefined);
  expect(statSync(keptFile(fleet) ?? "").mode & 0o777).toBe(0o600);
  await fleet.stop();
  await fleet.broker.stop();
  await using tcs = again(fleet);
  await tcs.waitForLine(/cannot be read: its values count as they were kept at \S+ \S+ UTC \(just now\)/);
  await tcs.waitForLine(has(7));
  expect(tcs.stderr).not.toMatch(has(1));
  const explained = await explain(fleet, "n");
  expect(explained.stdout).toMatch(
    /^n +7 +tcs_config thing\.main revision \d+ by \S+@\S+\n +1 +over services\.yaml:4:\d+/m,
  );
  expect(explained.stderr).toMatch(/no NATS broker at .*: its values count as they were kept at/);
  await fleet.broker.start();
  await waitFor("the broker", async () => (await askConfig(fleet, "set", "thing.main", "n=8")).code === 0);
  await tcs.waitForLine(has(8));
  expect((await askFleet(fleet, "why", "thing.main")).stdout).toMatch(
    /From NATS: +tcs_config thing\.main revision \d+ by \S+\n/,
  );
});

test("what was taken back is not kept, and a start with the broker does not take what is kept", async () => {
  await using fleet = await startThing();
  await askConfig(fleet, "set", "thing.main", "n=7");
  await fleet.tcs.waitForLine(has(7));
  await fleet.stop();
  expect(keptFile(fleet)).toBeDefined();
  await askConfig(fleet, "unset", "thing.main", "--all");
  await using tcs = again(fleet);
  await tcs.waitForLine(/3 of 3 services running/);
  expect(tcs.stderr).toMatch(has(1));
  expect(tcs.stderr).not.toMatch(has(7));
  expect(keptFile(fleet)).toBeUndefined();
});

test("a bucket that was wiped while nobody ran is told at the start; the file counts", async () => {
  await using fleet = await startThing();
  await askConfig(fleet, "set", "thing.main", "n=7");
  await fleet.tcs.waitForLine(has(7));
  await fleet.stop();
  await withBroker(fleet.broker.url, async (connection) => {
    await (await connection.jetstreamManager()).streams.delete("KV_tcs_config");
  });
  await using tcs = again(fleet);
  await tcs.waitForLine(/the broker has lost tcs_config thing\.main revision \d+ by \S+: what the file says counts/);
  await tcs.waitForLine(/3 of 3 services running/);
  expect(tcs.stderr).toMatch(has(1));
});

test("what is kept is not used when it is damaged, or others could have written it", async () => {
  await using fleet = await startThing();
  await askConfig(fleet, "set", "thing.main", "n=7");
  await fleet.tcs.waitForLine(has(7));
  await fleet.stop();
  await fleet.broker.stop();
  const file = keptFile(fleet) ?? "";
  const good = readFileSync(file, "utf8");
  for (const [spoil, words] of [
    [() => writeFileSync(file, good.slice(0, 40)), /what was kept cannot be read/],
    [() => writeFileSync(file, good.replace('"over":[{', '"over":[{"x":1},{')), /is not used: it is damaged/],
    [() => chmodSync(file, 0o666), /is not used: others may read or have written it/],
  ] as const) {
    spoil();
    await using tcs = again(fleet);
    await tcs.waitForLine(words);
    await tcs.waitForLine(has(1));
  }
});

test("kept values that the file's services do not take any more are set aside, and the file alone runs", async () => {
  await using fleet = await startThing();
  await askConfig(fleet, "set", "thing.main", "n=50");
  await fleet.tcs.waitForLine(has(50));
  await fleet.stop();
  await fleet.broker.stop();
  await fleet.folder.write("thing.ts", THING.replace("max(99)", "max(9)"));
  await using tcs = again(fleet);
  await tcs.waitForLine(
    /tcs_config thing\.main revision \d+ by \S+: thing\.main\.n: given 50, expected a number of at most 9/,
  );
  await tcs.waitForLine(has(1));
});

test("explain tells what the launcher would take: of a wrong value that it is set aside, of secrets nothing", async () => {
  await using broker = await startNats();
  await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": THING }, broker });
  await fleet.tcs.waitForLine(/3 of 3 services running/);
  await askConfig(fleet, "set", "thing", "mode=night", "pin=12345678", "--force");
  await askConfig(fleet, "set", "thing.main", "limits.max=9");
  const { stdout, stderr } = await explain(fleet);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^mode +night +tcs_config type thing revision \d+ by \S+$/m);
  expect(stdout).toMatch(/^limits\.max +9 +tcs_config thing\.main revision \d+ by \S+\n +5 +over services\.yaml:4/m);
  expect(stdout).toMatch(/^limits\.min +1 +services\.yaml:4/m);
  expect(stdout).toMatch(/^pin +\*\*\* +tcs_config type thing/m);
  expect(stdout).not.toContain("12345678");
  const { values } = JSON.parse((await explain(fleet, "mode", "--json")).stdout);
  expect(values[0].source).toMatchObject({ kind: "remote", place: "tcs_config type thing", revision: 1 });
  await askConfig(fleet, "set", "thing.main", "n=13");
  const wrong = await explain(fleet, "n");
  expect(wrong.stdout).toMatch(/^n +1 +services\.yaml:4/m);
  expect(wrong.stderr).toMatch(/expected no 13[\s\S]*tcs_config thing\.main revision \d+ by \S+: it changes nothing/);
});
