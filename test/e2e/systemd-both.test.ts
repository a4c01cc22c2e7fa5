// Units that tcs systemd install writes, and units that a launcher writes: together where they can be, never one for two.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { systemdOrSay } from "../support/systemd.ts";
import { CONFIG, startTcsMachine, TCS, type TcsMachine, UNIT } from "../support/systemd-fleet.ts";
import { waitFor } from "../support/wait.ts";

const ONE = "tcs@hello_world.one.service";
const TWO = "tcs@hello_world.two.service";
const YAML = `defaults: {launcher: systemd, restart: always, restart_sec: 0.1}
services:
  - hello_world.one
  - {type: hello_world, variant: two, after: [hello_world.one]}
`;

describe.skipIf(!systemdOrSay())("a launcher that is a unit, of services that are units", () => {
  let machine: TcsMachine;
  beforeAll(async () => {
    machine = await startTcsMachine(YAML);
  });
  afterAll(() => machine?.[Symbol.asyncDispose]());

  test("is refused to an account that may not order systemd about", async () => {
    const { code, stderr } = await machine.tcs(["systemd", "install", CONFIG, "--enable"]);
    expect(code).toBe(1);
    expect(stderr).toContain("expected a launcher that runs as root, not as tcs");
    expect((await machine.systemd.run(["ls", "/etc/systemd/system/tcs-systemd.json"])).code).not.toBe(0);
  });

  test("runs as root, and has them run", async () => {
    await machine.tcsOk(["systemd", "install", CONFIG, "--run-as", "root", "--enable"]);
    await machine.waitForState(UNIT, "ActiveState", "active");
    await machine.waitForState(TWO, "ActiveState", "active");
    expect(await machine.show(UNIT, "StatusText")).toBe("ok: 2 of 2 services running");
    expect((await machine.systemd.ok(["stat", "-c", "%a", await machine.show(ONE, "FragmentPath")])).trim()).toBe(
      "644",
    );
  });

  test("is started again after kill -9, and finds them running", async () => {
    const before = [await machine.show(ONE, "MainPID"), await machine.show(TWO, "MainPID")];
    const launcher = await machine.show(UNIT, "MainPID");
    await machine.signal("KILL", launcher);
    await waitFor("its restart", async () => !["0", launcher].includes(await machine.show(UNIT, "MainPID")));
    await machine.waitForState(UNIT, "StatusText", "ok: 2 of 2 services running");
    expect([await machine.show(ONE, "MainPID"), await machine.show(TWO, "MainPID")]).toEqual(before);
    expect((await machine.journal(UNIT)).map(({ message }) => message).join("\n")).toContain(
      "hello_world.two: tcs@hello_world.two.service runs already, and goes on",
    );
  });

  test("refuses a unit for each beside it, and changes nothing", async () => {
    const before = await machine.show(ONE, "DropInPaths");
    const { code, stderr } = await machine.tcs(["systemd", "install", "/etc/tcs/services.yaml", "--each", "--yes"]);
    expect(code).toBe(1);
    expect(stderr).toContain("/run/systemd/system/tcs@hello_world.one.service is there already");
    expect(await machine.show(ONE, "DropInPaths")).toBe(before);
    expect(await machine.show(UNIT, "ActiveState")).toBe("active");
  });

  test("takes them along when it is uninstalled", async () => {
    await machine.tcsOk(["systemd", "uninstall", CONFIG, "--yes"]);
    for (const unit of [ONE, TWO]) expect(await machine.show(unit, "LoadState")).toBe("not-found");
    expect(await machine.processes("^tcs")).toEqual([]);
  });

  test("leaves alone services that have a unit each, and says so", async () => {
    await machine.tcsOk(["systemd", "install", CONFIG, "--each", "--enable"]);
    await machine.waitForState(TWO, "ActiveState", "active");
    await machine.systemd.ok(["systemctl", "stop", ONE]);
    const before = await machine.show(TWO, "MainPID");
    const { stderr } = await machine.systemd.run(["timeout", "--signal=INT", "4", TCS, "run", CONFIG]);
    expect(stderr).toContain(`${ONE} is a unit of tcs systemd install --each already`);
    expect(await machine.show(ONE, "ActiveState")).toBe("inactive");
    expect(await machine.show(TWO, "MainPID")).toBe(before);
    await machine.tcsOk(["systemd", "uninstall", CONFIG, "--yes"]);
  });

  test("has services run as units though another configuration has a unit for each of its own", async () => {
    const other = "/etc/tcs/other.yaml";
    await machine.systemd.write(
      other,
      `nats: {port: ${machine.broker.port}}\nservices: [{type: hello_world, variant: three, launcher: systemd}]\n`,
    );
    await machine.tcsOk(["systemd", "install", CONFIG, "--each", "--enable"]);
    await machine.tcsOk(["systemd", "install", other, "--run-as", "root", "--enable"]);
    await machine.waitForState("tcs@hello_world.three.service", "ActiveState", "active");
    expect(await machine.show("tcs@hello_world.three.service", "FragmentPath")).toBe(
      "/run/systemd/system/tcs@hello_world.three.service",
    );
    expect(await machine.show(TWO, "ActiveState")).toBe("active");
  });
});
