// tcs systemd: what it writes, enables, keeps and removes, on a machine with a real systemd.
import { describe, expect, test } from "bun:test";
import { systemdOrSay } from "../support/systemd.ts";
import { CONFIG, startTcsMachine, TCS, type TcsMachine, UNIT } from "../support/systemd-fleet.ts";
import { waitFor } from "../support/wait.ts";

const TWO = "services:\n  - type: hello_world\n  - type: examples.minimal\n";
/** What systemd-analyze finds exposed, from 0 (nothing) to 10, is at most this. */
const MOST_EXPOSED = 2.5;

/** All in the folders that units are written to, with what stands in it. */
const written = (machine: TcsMachine) =>
  machine.systemd.ok([
    "sh",
    "-c",
    "cd /etc && find systemd sysusers.d -newer /etc/fstab ! -type d -printf '%p %l\\n' -exec md5sum {} + | sort",
  ]);

const exposure = async (machine: TcsMachine, unit: string) => {
  const said = await machine.systemd.ok(["systemd-analyze", "security", "--no-pager", unit]);
  return Number(/Overall exposure level for .*: ([\d.]+)/.exec(said)?.[1]);
};

describe.skipIf(!systemdOrSay())("tcs systemd", () => {
  test("writes units that systemd finds no fault with, and that may do little", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.tcsOk(["systemd", "install", CONFIG]);
    expect(await machine.systemd.run(["systemd-analyze", "verify", UNIT])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await exposure(machine, UNIT)).toBeLessThan(MOST_EXPOSED);
    await machine.tcsOk(["systemd", "install", CONFIG, "--each"]);
    const unit = "tcs@hello_world.main.service";
    expect(await machine.systemd.run(["systemd-analyze", "verify", unit])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await exposure(machine, unit)).toBeLessThan(MOST_EXPOSED);
  });

  test("--dry-run and show print what would be written, and write nothing", async () => {
    await using machine = await startTcsMachine(TWO);
    const before = await written(machine);
    const dry = await machine.tcs(["systemd", "install", CONFIG, "--dry-run"]);
    expect(dry.stdout).toContain("# /etc/systemd/system/tcs-launcher@.service\n");
    expect(dry.stderr).toContain("tcs-launcher@.service: would be written");
    expect(await machine.tcsOk(["systemd", "show", CONFIG])).toBe(dry.stdout);
    expect(await written(machine)).toBe(before);
  });

  test("asks nobody where nobody sits: without --enable nothing is started, and it says how that is done", async () => {
    await using machine = await startTcsMachine(TWO);
    const { code, stderr } = await machine.tcs(["systemd", "install", CONFIG]);
    expect(code).toBe(0);
    expect(stderr).toContain(`systemctl enable --now ${UNIT}`);
    expect(await machine.show(UNIT, "ActiveState")).toBe("inactive");
    expect(await machine.show(UNIT, "UnitFileState")).toBe("disabled");
  });

  test("changes nothing the second time", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.tcsOk(["systemd", "install", CONFIG, "--enable"]);
    const [pid, files] = [await machine.show(UNIT, "MainPID"), await written(machine)];
    const again = await machine.tcs(["systemd", "install", CONFIG, "--enable"]);
    expect(again).toEqual({ code: 0, stdout: "", stderr: "tcs: nothing to change\n" });
    expect(await written(machine)).toBe(files);
    expect(await machine.show(UNIT, "MainPID")).toBe(pid);
  });

  test("uninstall leaves of the units nothing, stopped or running or failed", async () => {
    await using machine = await startTcsMachine(TWO);
    const before = await written(machine);
    await machine.tcsOk(["systemd", "install", CONFIG, "--enable"]);
    const { stdout, stderr } = await machine.tcs(["systemd", "uninstall", CONFIG]);
    expect(stdout.match(/^removed /gm)?.length).toBe(3);
    expect(stderr).toContain("/var/lib/tcs");
    expect(await written(machine)).toBe(before);
    expect(await machine.show(UNIT, "LoadState")).not.toBe("loaded");
    expect(await machine.show(UNIT, "ActiveState")).toBe("inactive");
    expect(await machine.processes("^tcs$")).toEqual([]);
    expect(await machine.tcs(["systemd", "uninstall"])).toMatchObject({
      code: 0,
      stderr: "tcs: nothing to change: no units were written\n",
    });
    expect((await machine.tcs(["systemd", "uninstall", CONFIG])).code).toBe(3);
  });

  test("a file that was changed by hand is kept, named, and told by status", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.tcsOk(["systemd", "install", CONFIG]);
    const template = "/etc/systemd/system/tcs-launcher@.service";
    await machine.systemd.ok(["sh", "-c", `echo '# mine' >>${template}`]);
    expect((await machine.tcs(["systemd", "install", CONFIG])).stderr).toContain(`kept ${template}`);
    expect(await machine.tcsOk(["systemd", "status"])).toContain(`changed by hand: ${template}`);
    expect((await machine.tcs(["systemd", "uninstall", CONFIG])).stderr).toContain(`kept ${template}`);
    expect(await machine.systemd.ok(["tail", "-n", "1", template])).toBe("# mine\n");
    // It is nobody's now: not written over either.
    expect((await machine.tcs(["systemd", "install", CONFIG])).stderr).toContain(`kept ${template}`);
    expect(await machine.systemd.ok(["tail", "-n", "1", template])).toBe("# mine\n");
  });

  test("uninstall goes on where somebody else has taken files away", async () => {
    await using machine = await startTcsMachine(TWO);
    const before = await written(machine);
    await machine.tcsOk(["systemd", "install", CONFIG, "--enable"]);
    await machine.systemd.ok(["rm", "/etc/systemd/system/tcs-launcher@.service"]);
    await machine.systemd.ok(["systemctl", "daemon-reload"]);
    expect(await machine.tcsOk(["systemd", "status"])).toContain("missing: /etc/systemd/system/tcs-launcher@.service");
    await machine.tcsOk(["systemd", "uninstall"]);
    expect(await written(machine)).toBe(before);
    expect(await machine.processes("^tcs$")).toEqual([]);
  });

  test("install brings back what is missing, and tells systemd what it has not read yet", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.tcsOk(["systemd", "install", CONFIG, "--enable"]);
    const dropIn = `/etc/systemd/system/${UNIT}.d/50-tcs.conf`;
    await machine.systemd.ok(["rm", dropIn]);
    expect(await machine.tcsOk(["systemd", "install", CONFIG])).toBe(`written ${dropIn}\n`);
    await machine.systemd.write(`/etc/systemd/system/${UNIT}.d/mine.conf`, "[Service]\nMemoryMax=1G\n");
    expect(await machine.show(UNIT, "NeedDaemonReload")).toBe("yes");
    expect((await machine.tcs(["systemd", "install", CONFIG])).stderr).toBe("tcs: nothing to change\n");
    expect(await machine.show(UNIT, "NeedDaemonReload")).toBe("no");
  });

  test("what the configuration does not ask for any more is stopped and removed", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.tcsOk(["systemd", "install", CONFIG, "--each", "--enable"]);
    const gone = "tcs@examples.minimal.main.service";
    await machine.waitForState(gone, "ActiveState", "active");
    await machine.systemd.write(CONFIG, `nats:\n  port: ${machine.broker.port}\nservices:\n  - type: hello_world\n`);
    expect(await machine.tcsOk(["systemd", "status"])).toContain(
      `not as the configuration asks for: /etc/systemd/system/${gone}.d`,
    );
    expect(await machine.tcsOk(["systemd", "install", CONFIG, "--each"])).toBe(
      `removed /etc/systemd/system/${gone}.d/50-tcs.conf\n`,
    );
    expect(await machine.show(gone, "ActiveState")).toBe("inactive");
    expect(await machine.show("tcs@hello_world.main.service", "ActiveState")).toBe("active");
  });

  test("two configurations share a template, and the last one takes it along", async () => {
    await using machine = await startTcsMachine(TWO);
    const before = await written(machine);
    const other = "/etc/tcs/other night.yaml";
    await machine.systemd.write(
      other,
      `nats:\n  port: ${machine.broker.port}\nservices:\n  - {type: hello_world, variant: two}\n`,
    );
    await machine.tcsOk(["systemd", "install", CONFIG, "--enable"]);
    await machine.tcsOk(["systemd", "install", other, "--enable"]);
    const unit = "tcs-launcher@etc-tcs-other\\x20night.yaml.service";
    expect(await machine.show(unit, "ActiveState")).toBe("active");
    expect((await machine.tcs(["systemd", "uninstall"])).stderr).toContain("several configurations");
    await machine.tcsOk(["systemd", "uninstall", CONFIG]);
    expect(await machine.show(unit, "ActiveState")).toBe("active");
    const { configurations } = JSON.parse(await machine.tcsOk(["systemd", "status", "--json"]));
    expect(configurations).toMatchObject([
      { file: other, units: [{ unit, state: "active (running)", enabled: "enabled" }], outdated: [], missing: [] },
    ]);
    await machine.tcsOk(["systemd", "uninstall", "--all"]);
    expect(await written(machine)).toBe(before);
  });

  test("a part of a configuration has a unit beside that of the whole", async () => {
    const parts = "launchers:\n  night-shift:\n    services:\n      - type: hello_world\n";
    await using machine = await startTcsMachine(parts);
    await machine.tcsOk(["systemd", "install", CONFIG, "--launcher", "night-shift", "--enable"]);
    const unit = "tcs-launcher@etc-tcs-services.yaml:night\\x2dshift.service";
    expect(await machine.show(unit, "StatusText")).toBe("ok: 1 of 1 service running");
    expect(await machine.show(unit, "Description")).toBe(`TCS fleet ${CONFIG}, night-shift`);
  });

  test("says who may not read what, and refuses an account that is not there", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.systemd.ok(["chmod", "600", CONFIG]);
    expect((await machine.tcs(["systemd", "install", CONFIG])).stderr).toContain(
      `${CONFIG} is not for everybody to read`,
    );
    const refused = await machine.tcs(["systemd", "install", CONFIG, "--run-as", "nobody-at-all"]);
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toContain("there is no account nobody-at-all");
  });

  test("runs as another account, with state of its own, beside one that runs as tcs", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.systemd.ok(["useradd", "--system", "ann"]);
    const other = "/etc/tcs/other.yaml";
    await machine.systemd.write(
      other,
      `nats:\n  port: ${machine.broker.port}\nservices:\n  - {type: hello_world, variant: two}\n`,
    );
    await machine.tcsOk(["systemd", "install", CONFIG, "--enable"]);
    await machine.tcsOk(["systemd", "install", other, "--enable", "--run-as", "ann"]);
    const owner = async (path: string) => (await machine.systemd.ok(["stat", "-c", "%U", path])).trim();
    const pid = await machine.show("tcs-launcher@etc-tcs-other.yaml.service", "MainPID");
    expect(await owner(`/proc/${pid}`)).toBe("ann");
    expect(await owner("/var/lib/tcs-ann")).toBe("ann");
    expect(await owner("/var/lib/tcs")).toBe("tcs");
    expect(await machine.systemd.ok(["ls", "/var/lib/tcs-ann"])).toContain("launchers");
    expect(await machine.tcsOk(["systemd", "status"])).not.toContain("not as");
  });

  test("refuses a configuration that is not valid, and who may not write", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.systemd.ok(["useradd", "--create-home", "joe"]);
    const refused = await machine.tcs(["systemd", "install", CONFIG], { user: "joe" });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("--user");
    await machine.systemd.write(CONFIG, "services:\n  - typo: x\n");
    expect((await machine.tcs(["systemd", "install", CONFIG])).code).toBe(5);
  });

  test("writes units of a user's own, without any right", async () => {
    await using machine = await startTcsMachine(TWO);
    const { systemd } = machine;
    await systemd.ok(["useradd", "--create-home", "joe"]);
    await systemd.ok([
      "sh",
      "-c",
      "touch /var/lib/systemd/linger/joe 2>/dev/null || loginctl enable-linger joe; systemctl start user@$(id -u joe)",
    ]);
    const joe = { user: "joe" };
    expect(await machine.tcsOk(["systemd", "install", CONFIG, "--user", "--enable"], joe)).toContain(`enabled ${UNIT}`);
    expect(await systemd.ok(["systemctl", "--user", "show", "--value", "-p", "StatusText", UNIT], joe)).toBe(
      "ok: 2 of 2 services running\n",
    );
    expect(await systemd.run(["systemd-analyze", "--user", "verify", UNIT], joe)).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
    await machine.tcsOk(["systemd", "uninstall", "--user"], joe);
    expect((await systemd.ok(["find", "/home/joe/.config/systemd", "!", "-type", "d"], joe)).trim()).toBe("");
  });

  test("finds tcs by the name under which it is on the PATH, so that an upgrade is taken", async () => {
    await using machine = await startTcsMachine(TWO);
    await machine.systemd.ok(["ln", "-s", TCS, "/usr/local/bin/tcs"]);
    const shown = await machine.systemd.ok(["tcs", "systemd", "show", CONFIG]);
    expect(shown).toContain(`\nExecStart=/usr/local/bin/tcs run ${CONFIG}\n`);
  });

  test("asks before it enables, when somebody sits there", async () => {
    await using machine = await startTcsMachine(TWO);
    const typed = (answer: string) =>
      machine.systemd.ok(["script", "-qec", `${TCS} systemd install ${CONFIG}`, "/dev/null"], { input: answer });
    expect(await typed("n\n")).toContain("not started");
    expect(await machine.show(UNIT, "ActiveState")).toBe("inactive");
    const said = await typed("y\n");
    expect(said).toContain(`Enable and start ${UNIT}? [y/N]`);
    await waitFor("the fleet", async () => (await machine.show(UNIT, "ActiveState")) === "active");
  });
});
