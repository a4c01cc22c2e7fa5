// A fleet is run by one launcher at a time on a host, wherever it is started from.
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const YAML = "services:\n  - hello_world\n";

test("a second run of the same file is refused, naming who runs it; the first goes on", async () => {
  await using fleet = await runFleet({ yaml: YAML });
  const { tcs, wire, folder } = fleet;
  await wire.waitForStatus("hello_world.main", "ok");
  mkdirSync(join(folder.path, "sub"));
  const env = { TCS_STATE_DIR: tcs.stateDir };
  const from: [string, string][] = [
    [folder.path, "services.yaml"],
    [join(folder.path, "sub"), "../services.yaml"],
    ["/", join(folder.path, "services.yaml")],
  ];
  for (const [cwd, config] of from) {
    const second = await runTcs(["run", "-c", config], { cwd, env });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`already run by a launcher on this host (pid ${tcs.pid})`);
    expect(second.stderr).toContain("tcs status");
  }
  await fleet.stop();
  expect(wire.of("registry.declared", "hello_world.main").length).toBe(1);
  expect(wire.of("registry.crashed", "hello_world.main")).toEqual([]);
});

test("a symbolic link to the file is the same fleet", async () => {
  await using fleet = await runFleet({ yaml: YAML });
  await fleet.wire.waitForStatus("hello_world.main", "ok");
  const link = join(fleet.folder.path, "other.yaml");
  symlinkSync(join(fleet.folder.path, "services.yaml"), link);
  const second = await runTcs(["run", "-c", link], { env: { TCS_STATE_DIR: fleet.tcs.stateDir } });
  expect(second.stderr).toContain(`(pid ${fleet.tcs.pid})`);
  expect(second.code).toBe(1);
});

test("another home is the same fleet: its services must not run twice", async () => {
  await using fleet = await runFleet({ yaml: YAML });
  await fleet.wire.waitForStatus("hello_world.main", "ok");
  const second = await runTcs(["run", "--launcher", "process"], {
    cwd: fleet.folder.path,
    env: { TCS_STATE_DIR: fleet.tcs.stateDir },
  });
  expect(second.stderr).toContain(`(pid ${fleet.tcs.pid})`);
  expect(second.code).toBe(1);
});

test("the whole file and one of its launchers cannot run beside each other, as they have services in common", async () => {
  await using night = await runFleet({
    yaml: "launchers:\n  night: {type: inline, services: [hello_world]}\n  day: {type: inline, services: [examples.minimal]}\n",
    args: ["--launcher", "night"],
  });
  await night.wire.waitForStatus("hello_world.main", "ok");
  const whole = await runTcs(["run"], { cwd: night.folder.path, env: { TCS_STATE_DIR: night.tcs.stateDir } });
  expect(whole.stderr).toContain("hello_world.main of ");
  expect(whole.stderr).toContain(`(pid ${night.tcs.pid})`);
  expect(whole.code).toBe(1);
});

test("the launcher's id is the same from any folder, at any time", async () => {
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  await using first = await runFleet({ yaml: YAML, broker });
  const parent = String((await wire.waitForEvent("start", "hello_world.main")).data.parent);
  await first.stop();
  await using again = spawnTcs(["run", "-c", join(first.folder.path, "services.yaml")], { cwd: "/" });
  expect((await wire.waitForEvent("start", "hello_world.main", 2)).data.parent).toBe(parent);
  again.signal("SIGTERM");
  await within("the end of tcs", again.exited);
});

test("the lock of a launcher that was killed, or a damaged one, is in nobody's way", async () => {
  await using fleet = await runFleet({ yaml: YAML });
  await fleet.wire.waitForStatus("hello_world.main", "ok");
  expect(await fleet.stop("SIGKILL")).toBe(137);
  const env = { TCS_STATE_DIR: fleet.tcs.stateDir };
  {
    await using again = spawnTcs(["run"], { cwd: fleet.folder.path, env });
    await again.waitForLine(/1 of 1 service running/);
    again.signal("SIGKILL");
    await within("the end of tcs", again.exited);
  }
  const locks = join(fleet.tcs.stateDir, "launchers");
  for (const name of readdirSync(locks)) writeFileSync(join(locks, name), '{"pid": 1');
  await using again = spawnTcs(["run"], { cwd: fleet.folder.path, env });
  await again.waitForLine(/1 of 1 service running/);
});
