import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { identifyProcess, isAlive } from "../../src/common/process-info.ts";
import { freePort } from "./ports.ts";
import { startSystemd, systemdOrSay } from "./systemd.ts";
import { tempFolder } from "./temp.ts";

describe.skipIf(!systemdOrSay())("a systemd of a test's own", () => {
  test("runs commands beside it, with input, output and exit code", async () => {
    await using systemd = await startSystemd();
    expect(await systemd.run(["sh", "-c", "cat; echo no >&2; exit 3"], { input: "yes" })).toEqual({
      code: 3,
      stdout: "yes",
      stderr: "no\n",
    });
    expect(await systemd.ok(["cat", "/proc/1/comm"])).toBe("systemd\n");
    expect(await systemd.ok(["systemctl", "is-system-running"])).toBe("running\n");
  });

  test("writes nothing to this machine but to the folders it is given, and keeps /etc and /var when it boots again", async () => {
    using folder = tempFolder();
    const mark = `tcs-test-${process.pid}`;
    await using systemd = await startSystemd({ folders: [folder.path] });
    const before = identifyProcess(systemd.pid);
    for (const place of ["/etc", "/var", "/usr/local", "/tmp", "/run", folder.path]) {
      await systemd.ok(["touch", `${place}/${mark}`]);
    }
    await systemd.reboot();
    expect(before && isAlive(before)).toBe(false);
    const there = async (place: string) => (await systemd.run(["test", "-e", `${place}/${mark}`])).code === 0;
    expect(await Promise.all(["/etc", "/var", "/usr/local", "/tmp", "/run"].map(there))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    for (const place of ["/etc", "/var", "/usr/local", "/tmp", "/run"]) {
      expect(existsSync(`${place}/${mark}`)).toBe(false);
    }
    expect(existsSync(`${folder.path}/${mark}`)).toBe(true);
  });

  test("shares this machine's loopback", async () => {
    const port = await freePort();
    using _server = Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response("here") });
    await using systemd = await startSystemd();
    const ask = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`;
    expect(await systemd.ok(["bash", "-c", ask])).toContain("here");
  });

  test("runs several at a time, each with units and users of its own", async () => {
    await using one = await startSystemd();
    await using two = await startSystemd();
    await one.ok(["systemd-run", "--unit=sleeper", "sleep", "1000"]);
    await two.ok(["useradd", "--create-home", "joe"]);
    expect((await two.run(["systemctl", "is-active", "sleeper"])).stdout).toBe("inactive\n");
    await one.stop();
    await two.ok(["sh", "-c", "systemctl start user@$(id -u joe)"]);
    expect((await two.run(["systemctl", "--user", "is-active", "basic.target"], { user: "joe" })).stdout).toBe(
      "active\n",
    );
  });
});
