// Poor surroundings: another user, no home, a state folder that is read-only, full or noexec.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { canMount, smallDisk } from "../logs/support.ts";
import { runTcs, spawnTcs, type TcsProcess, tcsBinary } from "../support/binary.ts";
import { LOOP, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { canOwnNetwork, ownNetwork } from "../support/netns.ts";
import { freePort } from "../support/ports.ts";
import { type TempFolder, tempFolder } from "../support/temp.ts";
import { textChunks } from "../support/text.ts";
import { waitFor, within } from "../support/wait.ts";

const isRoot = process.getuid?.() === 0;

interface Run {
  code: number;
  stderr: string;
}

/** Runs a command with `tcs` as $0 in `folder`; ends it (SIGTERM) when it says `until`. */
async function sh(script: string, folder: TempFolder, until: RegExp, env: Record<string, string> = {}): Promise<Run> {
  const child = Bun.spawn(["sh", "-c", script, tcsBinary()], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  let ended = false;
  for await (const chunk of textChunks(child.stderr)) {
    stderr += chunk;
    if (ended || !until.test(stderr)) continue;
    ended = true;
    child.kill("SIGTERM");
  }
  return { code: await within(`sh -c ${script}`, child.exited), stderr };
}

const AS_NOBODY = "exec setpriv --reuid 65534 --regid 65534 --clear-groups";

describe.skipIf(!isRoot)("as another user", () => {
  test("a fleet with a broker of its own runs from a folder that is not its own, in every home", async () => {
    if (!canOwnNetwork) return;
    using _network = ownNetwork();
    using folder = tempFolder();
    await folder.write(
      "services.yaml",
      "services:\n  - thing\n  - {type: thing, variant: p, launcher: process}\n  - {type: thing, variant: i, launcher: inline}\n",
    );
    await folder.write("thing.ts", serviceFile(LOOP));
    chmodSync(folder.path, 0o755);
    using state = tempFolder();
    chmodSync(state.path, 0o777);
    const { code, stderr } = await sh(`${AS_NOBODY} "$0" run`, folder, /3 of 3 services running/, {
      TCS_STATE_DIR: `${state.path}/tcs`,
    });
    expect(stderr).toContain("(started here)");
    expect(stderr).toContain("SIGTERM: stopping");
    expect(code).toBe(143);
  });

  test("a home that cannot be written to is told in a line, with the way out", async () => {
    using folder = tempFolder();
    await folder.write("services.yaml", "services:\n  - hello_world\n");
    chmodSync(folder.path, 0o755);
    const { code, stderr } = await sh(`${AS_NOBODY} "$0" run`, folder, /running/);
    expect(stderr).toMatch(
      /^tcs: cannot create the state folder .*permission denied.*\n +set TCS_STATE_DIR to a folder you can write to\n$/,
    );
    expect(code).toBe(1);
  });

  test("a service run by hand needs no state folder", async () => {
    using folder = tempFolder();
    chmodSync(folder.path, 0o755);
    const port = await freePort();
    const { code, stderr } = await sh(`${AS_NOBODY} "$0" service hello_world --port ${port}`, folder, /Hello World!/);
    expect(stderr).not.toContain("state folder");
    expect(code).toBe(143);
  });
});

/** A script with a tmpfs of these options at $STATE. */
const onTmpfs = (options: string, then: string) =>
  `exec unshare --mount sh -c 'mount -t tmpfs -o ${options} tmpfs "$STATE" && ${then}' "$0"`;

describe.skipIf(!canOwnNetwork)("the state folder", () => {
  const cases: [string, string, RegExp][] = [
    ["is read-only", "ro", /^tcs: cannot create the state folder .*read-only/],
    ["is full", "size=1m", /^tcs: cannot extract the broker to .*no space left/],
    ["is mounted noexec", "noexec", /^tcs: the broker .* may not be executed \(is the folder mounted noexec\?\)/],
  ];
  for (const [what, options, says] of cases) {
    test(`${what}: told in one line with the way out, nothing left running`, async () => {
      using _network = ownNetwork();
      using folder = tempFolder();
      using state = tempFolder();
      await folder.write("services.yaml", "services:\n  - hello_world\n");
      const { code, stderr } = await sh(onTmpfs(options, 'exec "$0" run'), folder, /running/, {
        STATE: state.path,
        TCS_STATE_DIR: `${state.path}/tcs`,
      });
      expect(stderr).toMatch(says);
      expect(stderr).toContain("set TCS_STATE_DIR to a folder you can write to");
      expect(stderr.trim().split("\n").length).toBe(2);
      expect(code).toBe(1);
    });
  }

  test("is mounted noexec, but a broker is named: the fleet runs", async () => {
    await using broker = await startNats();
    using folder = tempFolder();
    using state = tempFolder();
    await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - hello_world\n`);
    const env = { STATE: state.path, TCS_STATE_DIR: `${state.path}/tcs` };
    const { code, stderr } = await sh(onTmpfs("noexec", 'exec "$0" run'), folder, /1 of 1 service running/, env);
    expect(stderr).toContain("1 of 1 service running");
    expect(code).toBe(143);
  });

  test("has no room for a lock: told in one line", async () => {
    using folder = tempFolder();
    using state = tempFolder();
    await folder.write("services.yaml", `nats: {port: ${await freePort()}}\nservices:\n  - hello_world\n`);
    const fill = 'mkdir -p "$STATE/tcs/launchers"; head -c 1m /dev/zero >"$STATE/fill" 2>/dev/null; exec "$0" run';
    const env = { STATE: state.path, TCS_STATE_DIR: `${state.path}/tcs` };
    const { code, stderr } = await sh(onTmpfs("size=64k", fill), folder, /running/, env);
    expect(stderr).toMatch(/^tcs: cannot take the lock .*no space left.*\n +set TCS_STATE_DIR.*\n$/);
    expect(code).toBe(1);
  });
});

test.skipIf(!canMount)("a fleet that has run before starts on a full disk, again and again, and but once", async () => {
  await using broker = await startNats();
  using folder = tempFolder();
  using disk = smallDisk("24m");
  await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - hello_world\n`);
  const options = { cwd: folder.path, env: { TCS_STATE_DIR: disk.path } };
  const start = async () => {
    const tcs = spawnTcs(["run"], options);
    await tcs.waitForLine(/1 of 1 service running/);
    return tcs;
  };
  // As when the power fails: each leaves its lock.
  const end = async (tcs: TcsProcess) => {
    process.kill(tcs.pid, "SIGKILL");
    await tcs.exited;
  };
  const first = await start();
  await waitFor("the reserve", () => existsSync(join(disk.path, "reserve")));
  await end(first);
  await fill(join(disk.path, "filling"));
  for (let time = 0; time < 3; time++) {
    const tcs = await start();
    await tcs.waitForLine(/the disk of .* is full, or nearly: make room, \d+ KiB are left for starts on it/);
    expect((await runTcs(["run"], options)).stderr).toContain("is already run by a launcher on this host");
    await end(tcs);
    await fill(join(disk.path, `filling-${time}`));
  }
  expect(statSync(join(disk.path, "reserve")).size).toBeLessThan(256 * 1024);
  const last = await start();
  await fill(join(disk.path, "filling-last"));
  const stopped = await runTcs(["stop", "hello_world.main", "--port", String(broker.port)]);
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  await end(last);
  await using held = spawnTcs(["run"], options);
  await held.waitForLine(/0 of 1 service running/);
  const started = await runTcs(["start", "hello_world.main", "--port", String(broker.port)]);
  expect(started).toMatchObject({ code: 0, stderr: "" });
  await end(held);
  for (const name of readdirSync(disk.path)) if (name.startsWith("filling")) rmSync(join(disk.path, name));
  await using _roomy = await start();
  await waitFor("the whole reserve", () => statSync(join(disk.path, "reserve")).size === 256 * 1024);
});

/** Writes a file until the disk is full. */
async function fill(path: string): Promise<void> {
  const head = Bun.spawn(["sh", "-c", 'head -c 64m /dev/zero >"$1"', "sh", path], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  expect(await head.stderr.text()).toContain("No space left");
}

test("without HOME and with a bare environment a fleet runs", async () => {
  await using broker = await startNats();
  using folder = tempFolder();
  await folder.write(
    "services.yaml",
    `nats: {port: ${broker.port}}\nservices:\n  - {type: hello_world, launcher: process}\n`,
  );
  await using tcs = spawnTcs(["run"], { cwd: folder.path, env: { PATH: undefined, HOME: undefined, LANG: undefined } });
  await tcs.waitForLine(/1 of 1 service running/);
});
