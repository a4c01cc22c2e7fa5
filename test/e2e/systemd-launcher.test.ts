// A fleet as one unit of a real systemd: what an operator does to it, and what befalls it.
import { describe, expect, test } from "bun:test";
import { systemdOrSay } from "../support/systemd.ts";
import { CONFIG, startTcsMachine, type TcsMachine, UNIT } from "../support/systemd-fleet.ts";
import { waitFor } from "../support/wait.ts";

const TWO = "services:\n  - type: hello_world\n  - type: examples.minimal\n";

const install = (machine: TcsMachine, ...args: string[]) =>
  machine.tcsOk(["systemd", "install", CONFIG, "--enable", ...args]);
const since = async (machine: TcsMachine) => Number(await machine.show(UNIT, "ActiveEnterTimestampMonotonic"));

/** Its start takes until /run/tcs-go is there; it says so before, then that it is there. */
const SLOW = `import { service, BasePermanentService } from "ocabox-tcs";
import { existsSync } from "node:fs";
@service("slow")
export class Slow extends BasePermanentService {
  async startService() {
    this.logger.warning("waiting");
    while (!existsSync("/run/tcs-go")) await this.sleep(0.02);
  }
  async stopService() {}
}`;

/** Says something at each level, and that it starts no program that would speak to systemd in its place. */
const SPEAKING = `import { service, BasePermanentService } from "ocabox-tcs";
@service("speaking")
export class Speaking extends BasePermanentService {
  async startService() {
    const { NOTIFY_SOCKET, WATCHDOG_USEC } = process.env;
    this.logger.debug("quiet");
    this.logger.info("socket", NOTIFY_SOCKET ?? "none", "watchdog", WATCHDOG_USEC ?? "none");
    this.logger.warning("doubtful");
    this.logger.error("broken\\non two lines");
    this.logger.critical("burning");
  }
  async stopService() {}
}`;

describe.skipIf(!systemdOrSay())("a fleet as one unit", () => {
  test("is active only when its services are ready, shows how it is, and hides systemd from what it starts", async () => {
    const rows =
      "services:\n  - {type: slow, launcher: process}\n  - {type: speaking, log_level: debug, launcher: process}\n";
    await using machine = await startTcsMachine(rows, { "/etc/tcs/slow.ts": SLOW, "/etc/tcs/speaking.ts": SPEAKING });
    const { systemd } = machine;
    await machine.tcsOk(["systemd", "install", CONFIG]);
    await systemd.ok(["systemctl", "start", "--no-block", UNIT]);
    await waitFor("the service that waits", async () =>
      (await machine.journal(UNIT)).some(({ message }) => message === "slow.main  waiting"),
    );
    expect(await machine.show(UNIT, "ActiveState")).toBe("activating");
    await systemd.ok(["touch", "/run/tcs-go"]);
    await machine.waitForState(UNIT, "ActiveState", "active");
    await machine.waitForState(UNIT, "StatusText", "ok: 2 of 2 services running");
    expect(await systemd.ok(["systemctl", "status", UNIT])).toContain('Status: "ok: 2 of 2 services running"');
    const said = (await machine.journal(UNIT)).filter(({ message }) => message.startsWith("speaking.main"));
    expect(said).toEqual([
      { priority: "7", message: "speaking.main  quiet" },
      { priority: "6", message: "speaking.main  socket none watchdog none" },
      { priority: "4", message: "speaking.main  doubtful" },
      { priority: "3", message: "speaking.main  broken" },
      { priority: "3", message: "speaking.main  on two lines" },
      { priority: "2", message: "speaking.main  burning" },
    ]);
  });

  test("runs as a user of its own, with state kept in /var/lib/tcs", async () => {
    await using machine = await startTcsMachine(TWO);
    expect(await install(machine)).toContain(`enabled ${UNIT}`);
    const pid = await machine.show(UNIT, "MainPID");
    expect(await machine.systemd.ok(["stat", "-c", "%U", `/proc/${pid}`])).toBe("tcs\n");
    expect(await machine.systemd.ok(["stat", "-c", "%U %a", "/var/lib/tcs"])).toBe("tcs 750\n");
    expect(await machine.statusOf("hello_world.main")).toBe("ok");
  });

  test("starts a broker of its own where it is given none, with all that a unit may not do", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.systemd.write(CONFIG, TWO);
    await install(machine);
    const said = (await machine.journal(UNIT)).map(({ message }) => message);
    expect(said).toContainEqual(expect.stringMatching(/^tcs {2}broker nats:.* \(started here\)$/));
    expect(await machine.processes("^nats-server")).not.toEqual([]);
    await machine.systemd.ok(["systemctl", "stop", UNIT]);
    expect(await machine.processes("^nats-server")).toEqual([]);
  });

  test("is started again after kill -9, and nothing of it is left from before", async () => {
    await using machine = await startTcsMachine(TWO);
    await install(machine);
    const before = await since(machine);
    const old = await machine.show(UNIT, "MainPID");
    await machine.signal("KILL", old);
    await waitFor("the next start", async () => (await since(machine)) > before);
    expect(await machine.show(UNIT, "NRestarts")).toBe("1");
    expect(await machine.show(UNIT, "MainPID")).not.toBe(old);
    await waitFor("its services", async () => (await machine.statusOf("hello_world.main")) === "ok");
    expect(await machine.processes("^tcs$")).toEqual([await machine.show(UNIT, "MainPID")]);
  });

  test("that stands still is ended by the watchdog, and started again", async () => {
    await using machine = await startTcsMachine(TWO);
    await install(machine, "--property", "WatchdogSec=2", "--property", "TimeoutAbortSec=1");
    expect(await machine.show(UNIT, "WatchdogUSec")).toBe("2s");
    const before = await since(machine);
    // Longer than the watchdog waits: the signs of life come.
    await Bun.sleep(3000);
    expect(await machine.show(UNIT, "NRestarts")).toBe("0");
    await machine.signal("STOP", await machine.show(UNIT, "MainPID"));
    await waitFor("the next start", async () => (await since(machine)) > before);
    expect(await machine.systemd.ok(["journalctl", "-u", UNIT, "--no-pager"])).toContain("Watchdog timeout");
    expect(await machine.show(UNIT, "NRestarts")).toBe("1");
  });

  test("whose configuration is wrong says so at the right level, and is not started again", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.tcsOk(["systemd", "install", CONFIG]);
    await machine.systemd.write(CONFIG, "services:\n  - typo: x\n");
    expect((await machine.systemd.run(["systemctl", "start", UNIT])).code).toBe(1);
    await machine.waitForState(UNIT, "ActiveState", "failed");
    expect(await machine.show(UNIT, "NRestarts")).toBe("0");
    const lines = await machine.journal(UNIT);
    expect(lines).toContainEqual({ priority: "3", message: expect.stringContaining("services[0]") });
    expect(lines.filter(({ priority }) => priority !== "3")).toEqual([]);
  });

  test("is given up after too many ends in a row", async () => {
    await using machine = await startTcsMachine(TWO);
    await install(machine, "--property", "RestartSec=20ms");
    // A drop-in of the operator's, as systemctl edit writes it.
    const limit = "[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n";
    await machine.systemd.write(`/etc/systemd/system/${UNIT}.d/override.conf`, limit);
    await machine.systemd.ok(["systemctl", "daemon-reload"]);
    await machine.systemd.run(["systemctl", "reset-failed", UNIT]);
    await waitFor("the limit", async () => {
      await machine.systemd.run(["systemctl", "kill", "--signal=KILL", UNIT]);
      const journal = await machine.systemd.ok(["journalctl", "-u", UNIT, "--no-pager"]);
      return journal.includes("Start request repeated too quickly");
    });
    expect(await machine.tcsOk(["systemd", "status"])).toContain("failed (failed)");
  });

  test("stops in order when it is told to, which is no failure", async () => {
    await using machine = await startTcsMachine(TWO);
    await install(machine);
    await machine.systemd.ok(["systemctl", "stop", UNIT]);
    expect(await machine.show(UNIT, "ActiveState")).toBe("inactive");
    expect(await machine.show(UNIT, "Result")).toBe("success");
    const messages = (await machine.journal(UNIT)).map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringMatching(/^tcs {2}SIGTERM: stopping/));
    expect(messages).toContainEqual(expect.stringMatching(/^tcs {2}stopped, /));
  });

  test("reads its configuration again when it is reloaded, and systemd sees the reload", async () => {
    await using machine = await startTcsMachine(TWO);
    await install(machine);
    const pid = await machine.show(UNIT, "MainPID");
    await machine.systemd.write(
      CONFIG,
      `nats:\n  port: ${machine.broker.port}\n${TWO}  - {type: hello_world, variant: second}\n`,
    );
    await machine.systemd.ok(["systemctl", "reload", UNIT]);
    await machine.waitForState(UNIT, "StatusText", "ok: 3 of 3 services running");
    await machine.waitForState(UNIT, "ActiveState", "active");
    expect(await machine.show(UNIT, "MainPID")).toBe(pid);
    expect(await machine.systemd.ok(["journalctl", "-u", UNIT, "--no-pager"])).toContain("Reloaded");
  });

  test("comes back after the power has failed, and a service that was stopped by its operator stays stopped", async () => {
    await using machine = await startTcsMachine(TWO);
    await install(machine);
    await machine.tcsOk(["stop", "hello_world.main", "--config", CONFIG]);
    await waitFor("the stop", async () => (await machine.statusOf("hello_world.main")) === "shutdown");
    await machine.systemd.reboot();
    await machine.waitForState(UNIT, "ActiveState", "active");
    await waitFor("its services", async () => (await machine.statusOf("examples.minimal.main")) === "ok");
    expect(await machine.statusOf("hello_world.main")).not.toBe("ok");
    await machine.waitForState(UNIT, "StatusText", /: 1 of 2 services running/);
  });
});
