// Services as units of their own in a real systemd: their policies are systemd's.
import { describe, expect, test } from "bun:test";
import { systemdOrSay } from "../support/systemd.ts";
import { CONFIG, UNIT as LAUNCHER, startTcsMachine, type TcsMachine } from "../support/systemd-fleet.ts";
import { waitFor } from "../support/wait.ts";

const header =
  'import { service, BasePermanentService, BaseSingleShotService, BaseBlockingPermanentService } from "ocabox-tcs";\n';

/** Does what the file /run/tcs-do says, when there is one. */
const PUPPET = `${header}import { existsSync, readFileSync } from "node:fs";
@service("puppet")
export class Puppet extends BaseBlockingPermanentService {
  async runService() {
    while (this.isRunning) {
      const order = existsSync("/run/tcs-do") ? readFileSync("/run/tcs-do", "utf8").trim() : "";
      if (order === "hang") for (;;);
      if (order.startsWith("exit")) process.exit(Number(order.split(" ")[1]));
      if (order === "degrade") this.monitor.setStatus("degraded", "clouds");
      await this.sleep(0.05);
    }
  }
}`;

const ONCE = `${header}@service("once")
export class Once extends BaseSingleShotService {
  async execute() { this.logger.info("done"); }
}`;

/** Takes three seconds to start: its status says how far it is. */
const LONG = `${header}@service("long")
export class Long extends BasePermanentService {
  async startService() {
    for (let step = 0; step < 30; step++) {
      this.monitor.setStatus("startup", "step " + step);
      await this.sleep(0.1);
    }
  }
  async stopService() {}
}`;

const install = (machine: TcsMachine) => machine.tcsOk(["systemd", "install", CONFIG, "--each", "--enable"]);
const order = (machine: TcsMachine, what: string) => machine.systemd.write("/run/tcs-do", what);
const UNIT = "tcs@puppet.main.service";

describe.skipIf(!systemdOrSay())("services as units of their own", () => {
  test("are ready when they run, and show their own status and message", async () => {
    await using machine = await startTcsMachine("services:\n  - type: puppet\n", { "/etc/tcs/puppet.ts": PUPPET });
    await install(machine);
    await machine.waitForState(UNIT, "StatusText", /^ok/);
    await order(machine, "degrade");
    await machine.waitForState(UNIT, "StatusText", "degraded: clouds");
    expect(await machine.statusOf("puppet.main")).toBe("degraded");
  });

  test.each([
    ["a service", ["--each"], "tcs@long.main.service"],
    ["a fleet", [], LAUNCHER],
  ] as const)(
    "may take longer to start than systemd waits, as long as there is progress: %s",
    async (_, args, unit) => {
      await using machine = await startTcsMachine("services:\n  - type: long\n", { "/etc/tcs/long.ts": LONG });
      await machine.tcsOk(["systemd", "install", CONFIG, ...args, "--property", "TimeoutStartSec=1.5"]);
      await machine.systemd.ok(["systemctl", "start", unit]);
      await machine.waitForState(unit, "ActiveState", "active");
      const tookUsec =
        Number(await machine.show(unit, "ActiveEnterTimestampMonotonic")) -
        Number(await machine.show(unit, "ExecMainStartTimestampMonotonic"));
      expect(tookUsec).toBeGreaterThan(2_500_000);
    },
  );

  test("whose loop hangs are ended by the watchdog of their configuration", async () => {
    const rows = "services:\n  - {type: puppet, watchdog_sec: 2, restart: always, restart_sec: 0}\n";
    await using machine = await startTcsMachine(rows, { "/etc/tcs/puppet.ts": PUPPET });
    await install(machine);
    expect(await machine.show(UNIT, "WatchdogUSec")).toBe("2s");
    await order(machine, "hang");
    await waitFor("the watchdog", async () =>
      (await machine.systemd.ok(["journalctl", "-u", UNIT, "--no-pager"])).includes("Watchdog timeout"),
    );
    await machine.systemd.ok(["rm", "/run/tcs-do"]);
    await waitFor("a next life", async () => Number(await machine.show(UNIT, "NRestarts")) > 0);
    await machine.waitForState(UNIT, "ActiveState", "active");
  });

  test("are restarted as often as their configuration allows, and then given up", async () => {
    const rows =
      "services:\n  - {type: puppet, restart: on-failure, restart_sec: 0, restart_max: 2, restart_window: 60}\n";
    await using machine = await startTcsMachine(rows, { "/etc/tcs/puppet.ts": PUPPET });
    await install(machine);
    await order(machine, "exit 3");
    await machine.waitForState(UNIT, "ActiveState", "failed");
    const journal = await machine.systemd.ok(["journalctl", "-u", UNIT, "--no-pager"]);
    expect(journal.match(/: Started /g)?.length).toBe(3);
    expect(await machine.tcsOk(["systemd", "status"])).toMatch(/tcs@puppet\.main\.service: failed .* restarts/);
  });

  test("that end by themselves and well are not restarted on-failure, and have not failed", async () => {
    const rows = "services:\n  - {type: once, restart: on-failure}\n";
    await using machine = await startTcsMachine(rows, { "/etc/tcs/once.ts": ONCE });
    await install(machine);
    await machine.waitForState("tcs@once.main.service", "ActiveState", "inactive");
    expect(await machine.show("tcs@once.main.service", "Result")).toBe("success");
    expect(await machine.show("tcs@once.main.service", "NRestarts")).toBe("0");
  });

  test("start after those that they need, whatever their ids look like", async () => {
    const rows =
      "services:\n  - {type: hello_world, variant: a@b, after: [puppet.x-1]}\n  - {type: puppet, variant: x-1}\n";
    await using machine = await startTcsMachine(rows, { "/etc/tcs/puppet.ts": PUPPET });
    await install(machine);
    const [first, second] = ["tcs@puppet.x\\x2d1.service", "tcs@hello_world.a\\x40b.service"];
    await machine.waitForState(second, "ActiveState", "active");
    const startOf = async (unit: string) => Number(await machine.show(unit, "ExecMainStartTimestampMonotonic"));
    const readyOf = async (unit: string) => Number(await machine.show(unit, "ActiveEnterTimestampMonotonic"));
    expect(await startOf(second)).toBeGreaterThanOrEqual(await readyOf(first));
    expect(await machine.statusOf("hello_world.a@b")).toBe("ok");
  });

  test("that cannot be units are named, with the reason", async () => {
    const rows =
      "services:\n  - {type: hello_world, schedule: every 5m}\n  - {type: program, command: [sleep, '1000']}\n  - type: puppet\n";
    await using machine = await startTcsMachine(rows, { "/etc/tcs/puppet.ts": PUPPET });
    const { stderr, stdout } = await machine.tcs(["systemd", "install", CONFIG, "--each"]);
    expect(stderr).toContain("hello_world.main has no unit: it is periodic");
    expect(stderr).toContain("program.main has no unit: it is a foreign program");
    expect(stdout).toContain("tcs@puppet.main.service.d");
    expect(stdout).not.toContain("hello_world");
  });
});
