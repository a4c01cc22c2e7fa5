// tcs version --fleet: who runs which version, and whether they differ.
import { expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { binaryOfVersion } from "../support/versions.ts";
import { waitFor } from "../support/wait.ts";

const NEWER = await binaryOfVersion("aaaaaaa");
const MINE = (await runTcs(["--version"])).stdout.trim();

test("without --fleet it is the same as --version, also where there is no broker", async () => {
  expect(await runTcs(["version"])).toEqual({ code: 0, stdout: `${MINE}\n`, stderr: "" });
});

test("--json tells what is inside: the commit and its day, the runtime, the broker", async () => {
  expect(JSON.parse((await runTcs(["version", "--json"])).stdout)).toEqual({
    version: MINE,
    commit: expect.stringMatching(/^[0-9a-f]{7}$|^unknown$/),
    date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    bun: Bun.version,
    broker: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  const other = JSON.parse((await runTcs(["version", "--json"], { program: NEWER })).stdout);
  expect(other).toMatchObject({ version: "0.1.0+aaaaaaa", commit: "aaaaaaa", date: "2026-11-21" });
});

test("launchers and services run by hand are told, and the first line says that they differ", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world.one\n  - hello_world.two\n" });
  const { broker, wire } = fleet;
  const ask = async (...args: string[]) => await runTcs(["version", "--fleet", "--port", String(broker.port), ...args]);
  await wire.waitForEvent("ready", "hello_world.two");
  const same = await ask();
  expect(same.code).toBe(0);
  expect(same.stdout.split("\n")[0]).toBe(`this is tcs ${MINE}, as all that tell theirs run (1 part of the fleet)`);
  expect(JSON.parse((await ask("--json")).stdout)).toMatchObject({ format: 1, version: MINE, same: true });

  await using other = await runFleet({ yaml: "services:\n  - hello_world.three\n", broker, program: NEWER });
  await other.wire.waitForEvent("ready", "hello_world.three");
  await using _hand = spawnTcs(["service", "hello_world", "--port", String(broker.port)], { program: NEWER });
  await wire.waitForStatus("hello_world.main", "ok");
  const running = await waitFor("all three", async () => {
    const found = JSON.parse((await ask("--json")).stdout);
    return found.running.length === 3 && found;
  });
  expect(running.same).toBe(false);
  expect(running.running).toContainEqual(
    expect.objectContaining({ kind: "launcher", version: MINE, pid: fleet.tcs.pid, services: 2 }),
  );
  expect(running.running).toContainEqual(
    expect.objectContaining({ kind: "launcher", version: "0.1.0+aaaaaaa", pid: other.tcs.pid }),
  );
  expect(running.running).toContainEqual(
    expect.objectContaining({ kind: "service", name: "hello_world.main", version: "0.1.0+aaaaaaa" }),
  );
  const { stdout } = await ask();
  expect(stdout.split("\n")[0]).toBe(`this is tcs ${MINE}; the fleet runs 2 versions, and 2 of 3 another one`);
  expect(stdout).toMatch(/^0\.1\.0\+aaaaaaa +\S+ +\d+ +hello_world\.main \(by hand\) +another version$/m);
  expect(stdout).toBe(Bun.stripANSI(stdout));
});

test("nobody there is no fault; no broker is", async () => {
  await using broker = await startNats();
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world.one\n", broker });
  await fleet.wire.waitForEvent("ready", "hello_world.one");
  await fleet.stop();
  const none = await runTcs(["version", "--fleet", "--port", String(broker.port)]);
  expect(none).toMatchObject({ code: 0, stdout: `this is tcs ${MINE}; nothing of the fleet runs\n` });
  await broker[Symbol.asyncDispose]();
  expect((await runTcs(["version", "--fleet", "--port", String(broker.port)])).code).toBe(4);
});
