// tcs install where systemd runs the launcher, or its services: both go over to the new version.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tcsBinary } from "../support/binary.ts";
import { startNats } from "../support/nats.ts";
import { startSystemd, systemdOrSay } from "../support/systemd.ts";
import { tempFolder } from "../support/temp.ts";
import { binaryOfVersion } from "../support/versions.ts";
import { waitFor } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const NEWER = systemdOrSay() ? await binaryOfVersion("aaaaaaa") : "";

/** A host with systemd on which this version is installed, in a folder of its own. */
async function installedHost() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(tempFolder());
  const broker = stack.use(await startNats());
  const wire = stack.use(await listenToWire(broker.url));
  const systemd = stack.use(await startSystemd({ folders: [dirname(tcsBinary()), dirname(NEWER), folder.path] }));
  const install = (program: string, ...args: string[]) =>
    systemd.run([program, "install", "--prefix", folder.path, ...args]);
  expect(await install(tcsBinary())).toMatchObject({ code: 0 });
  const all = stack.move();
  return {
    ...{ folder, broker, wire, systemd, install },
    /** By which the installed version is called. */
    link: join(folder.path, "bin/tcs"),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

describe.skipIf(!systemdOrSay())("tcs install where systemd runs things", () => {
  test("a launcher under systemd is restarted by it, back too, and one that was stopped stays stopped", async () => {
    await using host = await installedHost();
    const { broker, wire, systemd, link, install } = host;
    for (const name of ["one", "two"]) {
      const config = `/etc/tcs/${name}.yaml`;
      await systemd.write(config, `nats:\n  port: ${broker.port}\nservices:\n  - hello_world.${name}\n`);
      await systemd.write(
        `/etc/systemd/system/${name}.service`,
        `[Service]\nExecStart=${link} run ${config}\nEnvironment=TCS_STATE_DIR=/var/lib/tcs\n`,
      );
    }
    expect(await systemd.run(["systemctl", "start", "one", "two"])).toMatchObject({ code: 0 });
    await wire.waitForEvent("ready", "hello_world.one");
    await wire.waitForEvent("ready", "hello_world.two");
    await systemd.run(["systemctl", "stop", "two"]);
    const versionOf = async (unit: string) => {
      const pid = (await systemd.run(["systemctl", "show", "--property=MainPID", "--value", unit])).stdout.trim();
      return pid === "0" ? "" : (await systemd.run(["readlink", `/proc/${pid}/exe`])).stdout;
    };

    const upgrade = await install(NEWER);
    expect(upgrade).toMatchObject({ code: 0 });
    expect(upgrade.stderr).toContain("the launcher of /etc/tcs/one.yaml");
    expect(upgrade.stderr).toContain("restarting one.service");
    await wire.waitForEvent("ready", "hello_world.one", 2);
    await waitFor("the new version", async () => (await versionOf("one")).includes("aaaaaaa"));
    expect(await versionOf("two")).toBe("");

    expect(await install(NEWER, "--rollback")).toMatchObject({ code: 0 });
    await wire.waitForEvent("ready", "hello_world.one", 3);
    expect(await versionOf("one")).not.toContain("aaaaaaa");
    expect(wire.of("registry.start", "hello_world.two").length).toBe(1);
  });

  test("with --units it writes what tcs systemd install writes, tells so before, and is not removed under it", async () => {
    await using broker = await startNats();
    await using systemd = await startSystemd({ folders: [dirname(tcsBinary()), dirname(NEWER)] });
    const config = "/etc/tcs/services.yaml";
    const unit = "tcs-launcher@etc-tcs-services.yaml.service";
    await systemd.write(config, `nats:\n  port: ${broker.port}\nservices: [hello_world]\n`);
    const show = async (property: string) =>
      (await systemd.ok(["systemctl", "show", "--value", "-p", property, unit])).trim();
    const install = (program: string, ...args: string[]) => systemd.run([program, "install", "-c", config, ...args]);

    const told = await install(tcsBinary(), "--units", "--dry-run");
    expect(told.code).toBe(0);
    expect(told.stderr).toContain("ExecStart=/usr/local/bin/tcs run /etc/tcs/services.yaml");
    expect((await systemd.run(["ls", "/usr/local/bin/tcs"])).code).not.toBe(0);
    expect(await show("FragmentPath")).toBe("");

    expect(await install(tcsBinary(), "--units", "--yes")).toMatchObject({ code: 0 });
    await waitFor("its start", async () => (await show("StatusText")) === "ok: 1 of 1 service running");
    expect(await show("UnitFileState")).toBe("enabled");

    const upgrade = await install(NEWER, "--units");
    expect(upgrade.code).toBe(0);
    expect(upgrade.stderr).toContain(`restarting ${unit}`);
    expect(upgrade.stderr).toContain("nothing to change");
    expect(await systemd.ok(["readlink", `/proc/${await show("MainPID")}/exe`])).toContain("aaaaaaa");
    expect(await systemd.ok(["/usr/local/bin/tcs", "systemd", "status"])).not.toContain("not as the configuration");

    // Chosen otherwise since: that is kept.
    await systemd.ok(["/usr/local/bin/tcs", "systemd", "install", config, "--property", "MemoryMax=1G"]);
    expect((await install(NEWER, "--units")).stderr).toContain("nothing to change");
    expect(await show("MemoryMax")).toBe(String(2 ** 30));

    await systemd.ok(["systemctl", "stop", unit]);
    const removal = await install(NEWER, "--uninstall");
    expect(removal).toMatchObject({ code: 1, stderr: expect.stringContaining(`${unit} would call what is removed`) });
    await systemd.ok(["/usr/local/bin/tcs", "systemd", "uninstall", "--yes"]);
    expect(await install(NEWER, "--uninstall")).toMatchObject({ code: 0 });
  });

  test("services that are units run the new version, and are restarted, found and stopped by systemd as before", async () => {
    await using host = await installedHost();
    const { folder, broker, wire, systemd, link, install } = host;
    const config = "/etc/tcs/units.yaml";
    const services =
      "services:\n  - hello_world.one\n  - {type: hello_world, variant: two, after: [hello_world.one]}\n";
    await systemd.write(
      config,
      `nats:\n  port: ${broker.port}\ndefaults: {launcher: systemd, restart: always, restart_sec: 0.1}\n${services}`,
    );
    const launch = () =>
      systemd.ok(["sh", "-c", `setsid ${link} run ${config} >>${folder.path}/log 2>&1 </dev/null & echo $!`]);
    const show = async (id: string, property: string) =>
      (await systemd.ok(["systemctl", "show", "--value", "-p", property, `tcs@hello_world.${id}`])).trim();
    const versionOf = async (id: string) =>
      (await systemd.run(["readlink", `/proc/${await show(id, "MainPID")}/exe`])).stdout;
    const first = (await launch()).trim();
    await wire.waitForEvent("ready", "hello_world.two");
    expect(await versionOf("one")).not.toContain("aaaaaaa");

    expect(await install(NEWER)).toMatchObject({ code: 0 });
    for (const id of ["one", "two"]) {
      expect(await versionOf(id)).toContain("aaaaaaa");
      expect(await show(id, "LoadState")).toBe("loaded");
      expect(await show(id, "FragmentPath")).toBe(`/run/systemd/system/tcs@hello_world.${id}.service`);
    }
    // The launcher before has let go of them: what is done to them is no order to it.
    expect(logOf(folder.path)).not.toContain("start by systemctl");

    const before = await show("one", "MainPID");
    await systemd.ok(["kill", "-KILL", before]);
    await waitFor("its restart by systemd", async () => !["0", before].includes(await show("one", "MainPID")));

    // The successor; the process that stands in for it ends with it.
    const children = (await systemd.ok(["cat", `/proc/${first}/task/${first}/children`])).trim();
    const pids = [await show("one", "MainPID"), await show("two", "MainPID")];
    await systemd.ok(["sh", "-c", `kill -KILL ${children}`]);
    await waitFor("its end", async () => (await systemd.run(["kill", "-0", first])).code !== 0);
    await launch();
    await waitFor("their adoption", () => /two: .* runs already, and goes on/.test(logOf(folder.path)));
    expect([await show("one", "MainPID"), await show("two", "MainPID")]).toEqual(pids);

    expect(await install(NEWER, "--rollback")).toMatchObject({ code: 0 });
    expect(await versionOf("one")).not.toContain("aaaaaaa");
    expect(await systemd.run([link, "stop", "hello_world.two", "--config", config])).toMatchObject({ code: 0 });
    await waitFor("its stop", async () => (await show("two", "ActiveState")) === "inactive");
  });

  test("units whose launcher is dead are restarted with the new version, too", async () => {
    using folder = tempFolder();
    await using broker = await startNats();
    await using wire = await listenToWire(broker.url);
    await using systemd = await startSystemd({ folders: [dirname(tcsBinary()), dirname(NEWER), folder.path] });
    const link = join(folder.path, "bin/tcs");
    const install = (program: string) => systemd.run([program, "install", "--prefix", folder.path]);
    expect(await install(tcsBinary())).toMatchObject({ code: 0 });
    const config = "/etc/tcs/units.yaml";
    await systemd.write(
      config,
      `nats:\n  port: ${broker.port}\nservices:\n  - {type: hello_world, launcher: systemd}\n`,
    );
    const launcher = await systemd.ok([
      "sh",
      "-c",
      `setsid ${link} run ${config} >/dev/null 2>&1 </dev/null & echo $!`,
    ]);
    await wire.waitForEvent("ready", "hello_world.main");
    await systemd.ok(["kill", "-KILL", launcher.trim()]);

    const upgrade = await install(NEWER);
    expect(upgrade).toMatchObject({ code: 0 });
    expect(upgrade.stderr).toContain("restarting tcs@hello_world.main.service");
    const pid = (await systemd.ok(["systemctl", "show", "--value", "-p", "MainPID", "tcs@hello_world.main"])).trim();
    expect(await systemd.ok(["readlink", `/proc/${pid}/exe`])).toContain("aaaaaaa");
  });
});

function logOf(folder: string): string {
  return readFileSync(join(folder, "log"), "utf8");
}
