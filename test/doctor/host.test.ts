// What the doctor looks at on this host: the state folder, locks, processes, the program.
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkOrphans } from "../../src/doctor/checks/orphans.ts";
import { diagnose } from "../../src/doctor/index.ts";
import { markedProcesses, orphans } from "../../src/doctor/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { line, said } from "./support.ts";

const isRoot = process.getuid?.() === 0;

/** What one check of the host says with `folder` as the state folder. */
async function look(check: string, folder: string, env: Record<string, string> = {}): Promise<string[]> {
  const diagnosis = await diagnose({ broker: { fault: "none" }, env: { ...env, TCS_STATE_DIR: folder } });
  return said(diagnosis, check);
}

describe("the state folder", () => {
  test("is told with its room and the size of the logs; nothing is left in it", async () => {
    using temp = tempFolder();
    await temp.write("logs/launcher/dome.main.jsonl", new Uint8Array(10_240));
    expect(await look("state folder", temp.path)).toEqual([
      expect.stringMatching(new RegExp(`^ok: ${temp.path}: \\d.* free, logs 10 KiB$`)),
    ]);
    expect(readdirSync(temp.path)).toEqual(["logs"]);
  });

  test("that is not there yet is no trouble, and is not made", async () => {
    using temp = tempFolder();
    const folder = join(temp.path, "deep/down");
    expect(await look("state folder", folder)).toEqual([expect.stringMatching(/deep\/down \(not made yet\): .* free/)]);
    expect(readdirSync(temp.path)).toEqual([]);
  });

  test("that is a file, or below one, is an error", async () => {
    using temp = tempFolder();
    const file = await temp.write("state", "");
    for (const folder of [file, join(file, "deeper")]) {
      expect(await look("state folder", folder)).toEqual([
        `error: ${folder} is no folder -> set TCS_STATE_DIR to a folder you can write to`,
      ]);
    }
  });

  test.skipIf(!isRoot)("of another user is a doubt for root", async () => {
    using temp = tempFolder();
    mkdirSync(join(temp.path, "logs"));
    chownSync(join(temp.path, "logs"), 12_345, 12_345);
    expect(await look("state folder", temp.path)).toEqual([
      expect.stringMatching(/^warning: .*\/logs belongs to another user \(uid 12345, not 0\) -> run tcs as that user/),
    ]);
  });

  test.skipIf(!isRoot)("on a full disk, or nearly full, says so", async () => {
    using temp = tempFolder();
    // Its own mount namespace: gone with the command, whatever happens.
    const script = `mount -t tmpfs -o size=1m tmpfs ${temp.path} && dd if=/dev/zero of=${temp.path}/fill bs=1k 2>/dev/null; exec "$@"`;
    const program = `
      import { checkStateFolder } from ${JSON.stringify(join(import.meta.dir, "../../src/doctor/checks/state-folder.ts"))};
      const env = { TCS_STATE_DIR: ${JSON.stringify(temp.path)} };
      console.log(JSON.stringify(await checkStateFolder({ env, broker: { fault: "" } })));`;
    const args = ["--mount", "sh", "-c", script, "sh", process.execPath, "-e", program];
    const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout).map(line)).toEqual([
      expect.stringMatching(/^error: .* cannot be written to: ENOSPC.* -> make room on its disk: du -sh/),
    ]);
  });
});

test("locks of launchers that were killed are told, and are no trouble", async () => {
  using temp = tempFolder();
  await temp.write("launchers/abc.def.lock", JSON.stringify({ pid: 999_999, startTime: 1, services: ["a.b"] }));
  await temp.write("launchers/abd.def.lock", "damaged by a crash of the machine");
  expect(await look("locks", temp.path)).toEqual([
    "ok: none is held; 2 left by launchers that were killed, the next start replaces them",
  ]);
  expect(await look("locks", join(temp.path, "nothing"))).toEqual(["ok: none is held"]);
});

describe("processes", () => {
  /** A process with a mark, as a launcher's services have it. */
  const marked = (launcherPid: number, uuid: string) => {
    const env = { PATH: process.env.PATH, TCS_RUN: `${launcherPid}-${uuid}` };
    const child = Bun.spawn(["sleep", "60"], { env, stdio: ["ignore", "ignore", "ignore"] });
    return {
      pid: child.pid,
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await child.exited;
      },
    };
  };
  const isLeft = (pid: number) => orphans(markedProcesses()).some((found) => found.pid === pid);

  test("of a launcher that has gone are found; those that end within their grace are not told", async () => {
    const gone = Bun.spawn(["true"]);
    await gone.exited;
    await using left = marked(gone.pid, crypto.randomUUID());
    await waitFor("the orphan", () => isLeft(left.pid));
    const findings = (await checkOrphans()).map(line);
    expect(findings).toContain(
      `error: pid ${left.pid} (sleep 60) is left of a launcher that has gone (pid ${gone.pid}) -> kill -9 ${left.pid}`,
    );
    const brief = marked(gone.pid, crypto.randomUUID());
    await waitFor("the brief one", () => isLeft(brief.pid));
    const looking = checkOrphans();
    await brief[Symbol.asyncDispose]();
    expect((await within("the second look", looking)).map(line).join()).not.toContain(`pid ${brief.pid} `);
  });

  test("of a launcher that lives are its own; of one whose pid was given to another they are not", async () => {
    const uuid = crypto.randomUUID();
    // A launcher carries its own mark: it begins itself anew with it.
    const script = `export TCS_RUN=$$-${uuid}; sleep 60 & exec sleep 60`;
    const launcher = Bun.spawn(["sh", "-c", script], { stdio: ["ignore", "ignore", "ignore"] });
    const family = () => markedProcesses().filter(({ mark }) => mark.endsWith(uuid));
    try {
      await waitFor("both", () => family().length >= 2 && family().some(({ pid }) => pid === launcher.pid));
      expect(orphans(family())).toEqual([]);
      await using stranger = marked(launcher.pid, crypto.randomUUID());
      await waitFor("the stranger", () => isLeft(stranger.pid));
    } finally {
      for (const { pid } of family()) process.kill(pid, "SIGKILL");
      launcher.kill("SIGKILL");
      await launcher.exited;
    }
  });
});

describe("the program", () => {
  test("says which it is, and where its broker comes from", async () => {
    using temp = tempFolder();
    expect(await look("program", temp.path)).toEqual([expect.stringMatching(/^ok: tcs \d.*nats-server/)]);
    const file = await temp.write("nats-server", "#!/bin/sh\n");
    expect(await look("program", temp.path, { TCS_NATS_SERVER: file })).toEqual([
      expect.stringMatching(
        /^error: TCS_NATS_SERVER names .* cannot be executed: .* -> name a nats-server, or unset it/,
      ),
    ]);
    chmodSync(file, 0o755);
    expect(await look("program", temp.path, { TCS_NATS_SERVER: file })).toEqual([
      expect.stringMatching(/^ok: tcs .*, its broker is .*\/nats-server \(TCS_NATS_SERVER\)$/),
    ]);
  });
});
