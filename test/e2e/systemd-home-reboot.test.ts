// Units and their launcher through reboots and orderly ends of either, and who may have a service then.
import { describe, expect, test } from "bun:test";
import { systemdOrSay } from "../support/systemd.ts";
import { startUnitFleet } from "../support/unit-fleet.ts";
import { waitFor } from "../support/wait.ts";

const TWO = "services:\n  - hello_world.main\n  - hello_world.other\n";
const UNITS = `defaults: {launcher: systemd, restart: always, restart_sec: 0}\n`;

describe.skipIf(!systemdOrSay())("units of systemd", () => {
  test("after a power failure what was stopped stays stopped, and nothing runs until its launcher does", async () => {
    await using fleet = await startUnitFleet({ yaml: `${UNITS}lease_sec: 6\n${TWO}` });
    await fleet.launch();
    await fleet.systemctl("stop", "tcs@hello_world.other");
    await fleet.wire.waitForEvent("stop", "hello_world.other");
    await fleet.systemd.reboot();
    expect(await fleet.pidOf("hello_world.main")).toBe(0);
    // The lease of the launcher that was there before the failure may not be over yet.
    await fleet.launch("--standby");
    await waitFor("its start", () => fleet.pidOf("hello_world.main"));
    expect(await fleet.pidOf("hello_world.other")).toBe(0);
    const why = await fleet.tcs("why", "hello_world.other");
    expect(why.stdout).toContain("stopped by systemctl@");
  });

  test("a shutdown of the machine is nobody's stop: all start again after it", async () => {
    await using fleet = await startUnitFleet({ yaml: `${UNITS}lease_sec: 6\n${TWO}` });
    await fleet.launch();
    await fleet.systemd.run(["systemctl", "poweroff"]);
    await fleet.wire.waitForEvent("stop", "hello_world.main");
    await fleet.wire.waitForEvent("stop", "hello_world.other");
    expect(fleet.wire.of("registry.stop", "hello_world.main").map(({ data }) => data.target)).toEqual([undefined]);
    await fleet.systemd.reboot();
    await fleet.launch("--standby");
    await waitFor("its start", () => fleet.pidOf("hello_world.main"));
    await waitFor("the start of the other", () => fleet.pidOf("hello_world.other"));
  });

  test("with persistent: true they start with the machine, but for those that were stopped; their launcher adopts them", async () => {
    await using fleet = await startUnitFleet({ yaml: `${UNITS}lease_sec: 6\nsystemd: {persistent: true}\n${TWO}` });
    await fleet.launch();
    await fleet.tcs("stop", "hello_world.other");
    expect((await fleet.systemctl("is-enabled", "tcs@hello_world.main")).stdout).toContain("enabled");
    await waitFor("its unit to be disabled", async () =>
      (await fleet.systemctl("is-enabled", "tcs@hello_world.other")).stdout.includes("disabled"),
    );
    await fleet.systemd.reboot();
    const pid = await waitFor("its start with the machine", () => fleet.pidOf("hello_world.main"));
    expect(await fleet.pidOf("hello_world.other")).toBe(0);
    const launcher = await fleet.launch("--standby");
    await waitFor("that it is taken in", () => launcher.log().includes("runs already, and goes on"));
    expect(await fleet.pidOf("hello_world.main")).toBe(pid);
    expect(await fleet.pidOf("hello_world.other")).toBe(0);
    expect((await fleet.tcs("start", "hello_world.other")).code).toBe(0);
    expect((await fleet.systemctl("is-enabled", "tcs@hello_world.other")).stdout).toContain("enabled");
    await launcher.end("TERM");
    expect((await fleet.systemctl("is-enabled", "tcs@hello_world.main")).stdout).toContain("enabled");
  });

  test("with on_exit: leave they run on when their launcher ends, and the next one adopts them", async () => {
    await using fleet = await startUnitFleet({ yaml: `${UNITS}systemd: {on_exit: leave}\n${TWO}` });
    const launcher = await fleet.launch();
    const pid = await fleet.pidOf("hello_world.main");
    await launcher.end("TERM");
    await fleet.wire.flush();
    expect(await fleet.pidOf("hello_world.main")).toBe(pid);
    expect(fleet.wire.of("registry.stop", "hello_world.main")).toEqual([]);
    expect((await fleet.tcs("health", "hello_world.main")).code).toBe(0);
    await fleet.launch();
    expect(await fleet.pidOf("hello_world.main")).toBe(pid);
  });

  test("while they run without their launcher no other launcher starts them", async () => {
    await using fleet = await startUnitFleet({ yaml: UNITS + TWO });
    const launcher = await fleet.launch();
    const pid = await fleet.pidOf("hello_world.main");
    await launcher.end("KILL");
    const other = await fleet.runFor(4, "--launcher", "process");
    expect(other.stderr).toContain("not started yet. Run by launcher");
    expect(await fleet.pidOf("hello_world.main")).toBe(pid);
    expect(fleet.wire.of("registry.start", "hello_world.main")).toHaveLength(1);
  });

  test("units of rows that are gone are ended by the next launcher", async () => {
    await using fleet = await startUnitFleet({ yaml: UNITS + TWO });
    const launcher = await fleet.launch();
    await launcher.end("KILL");
    await fleet.write("services.yaml", UNITS.concat("services:\n  - hello_world.main\n"));
    await fleet.launch();
    expect(await fleet.pidOf("hello_world.other")).toBe(0);
    expect(await fleet.pidOf("hello_world.main")).toBeGreaterThan(0);
  });

  test("a unit of that name that is somebody else's is left alone, and the service says so", async () => {
    await using fleet = await startUnitFleet({ yaml: `${UNITS}services:\n  - hello_world.main\n` });
    await fleet.systemd.ok([
      "sh",
      "-c",
      `printf '[Service]\\nExecStart=sleep 1000\\n' >/etc/systemd/system/tcs@.service`,
    ]);
    await fleet.systemctl("daemon-reload");
    await fleet.systemctl("start", "tcs@hello_world.main");
    const pid = await fleet.pidOf("hello_world.main");
    await fleet.launch();
    const crashed = await fleet.wire.waitForEvent("crashed", "hello_world.main");
    expect(crashed.data.message).toContain("is a unit of somebody else already: /etc/systemd/system/tcs@.service");
    expect(await fleet.pidOf("hello_world.main")).toBe(pid);
  });

  test("fifty services are fifty units, all of which run", async () => {
    const rows = Array.from({ length: 50 }, (_, nth) => `  - hello_world.n${nth}\n`).join("");
    await using fleet = await startUnitFleet({ yaml: `${UNITS}services:\n${rows}` });
    const launcher = await fleet.launch();
    expect(launcher.log()).toContain("50 of 50 services running");
    const units = (await fleet.systemctl("list-units", "--state=running", "--plain", "--no-legend", "tcs@*")).stdout;
    expect(units.trim().split("\n")).toHaveLength(50);
    await launcher.end("TERM");
    const left = (await fleet.systemctl("list-units", "--state=running", "--plain", "--no-legend", "tcs@*")).stdout;
    expect(left.trim()).toBe("");
  });
});
