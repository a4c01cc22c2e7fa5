// Whose systemd runs the services: the machine's, a user's, or none.
import { describe, expect, test } from "bun:test";
import { runTcs } from "../support/binary.ts";
import { systemdOrSay } from "../support/systemd.ts";
import { tempFolder } from "../support/temp.ts";
import { startUnitFleet } from "../support/unit-fleet.ts";

const YAML = "defaults: {launcher: systemd, restart: always, restart_sec: 0}\nservices:\n  - hello_world.main\n";

test("where no systemd runs the launcher says so, and what to do, with exit code 1", async () => {
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: 1}\nsystemd: {scope: user}\n${YAML}`);
  const result = await runTcs(["run"], { cwd: folder.path, env: { XDG_RUNTIME_DIR: `${folder.path}/nowhere` } });
  expect(result.stderr).toContain("no service manager at ");
  expect(result.stderr).toContain("launcher: process");
  expect(result.code).toBe(1);
});

test("without XDG_RUNTIME_DIR a user has no service manager", async () => {
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: 1}\nsystemd: {scope: user}\n${YAML}`);
  const result = await runTcs(["run"], { cwd: folder.path });
  expect(result.stderr).toContain("XDG_RUNTIME_DIR is not set");
  expect(result.code).toBe(1);
});

describe.skipIf(!systemdOrSay())("a user's systemd", () => {
  test("a launcher that is not root runs its services under its user's manager, with systemctl --user", async () => {
    await using fleet = await startUnitFleet({ yaml: YAML, user: "astronomer" });
    await fleet.launch();
    const pid = await fleet.pidOf("hello_world.main");
    expect(pid).toBeGreaterThan(0);
    expect(await fleet.property("hello_world.main", "FragmentPath")).toMatch(/^\/run\/user\/\d+\/systemd\/user\//);
    await fleet.signal("hello_world.main", "KILL");
    await fleet.wire.waitForEvent("restarting", "hello_world.main");
    await fleet.wire.waitForEvent("ready", "hello_world.main", 2);
    await fleet.systemctl("stop", "tcs@hello_world.main");
    const stop = await fleet.wire.waitForEvent("stop", "hello_world.main");
    expect(stop.data.set_by).toStartWith("systemctl@");
  });
});
