// tcs install where systemd runs the launcher: its unit is restarted by systemd, and runs the new version.
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { tcsBinary } from "../support/binary.ts";
import { startNats } from "../support/nats.ts";
import { startSystemd } from "../support/systemd.ts";
import { tempFolder } from "../support/temp.ts";
import { binaryOfVersion } from "../support/versions.ts";
import { waitFor } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

const NEWER = await binaryOfVersion("aaaaaaa");

test("a launcher under systemd is restarted by it, back too, and one that was stopped stays stopped", async () => {
  using folder = tempFolder();
  await using broker = await startNats();
  await using wire = await listenToWire(broker.url);
  await using systemd = await startSystemd({ folders: [dirname(tcsBinary()), dirname(NEWER), folder.path] });
  const link = join(folder.path, "bin/tcs");
  const install = (program: string, ...args: string[]) =>
    systemd.run([program, "install", "--prefix", folder.path, ...args]);
  expect(await install(tcsBinary())).toMatchObject({ code: 0 });
  const write = (path: string, text: string) =>
    systemd.run(["sh", "-c", 'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"', "write", path, text]);
  for (const name of ["one", "two"]) {
    const config = `/etc/tcs/${name}.yaml`;
    await write(config, `nats:\n  port: ${broker.port}\nservices:\n  - hello_world.${name}\n`);
    await write(
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
