// Ctrl-C and its kin: in order, within a limit, at once when asked twice, and never too early to be heard.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { OWN_HOMES } from "../../src/config/types.ts";
import { spawnTcs, type TcsProcess, tcsBinary } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { freePort } from "../support/ports.ts";
import { processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";
import { listenToWire } from "../support/wire.ts";

/** Waits until nothing that `tcs` started is left; its guards take a moment to see its end. */
async function waitForNothingOf(tcs: TcsProcess): Promise<void> {
  await waitFor("the end of all it started", () => processesWith(tcs.stateDir).length === 0, 8000);
}

const SLOW_END = serviceFile(`${LOOP}\nasync onStop() { await new Promise(() => {}); }`);

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test("services end before their launcher, and its last word is shutdown", async () => {
      await using fleet = await runFleet({ yaml: "services:\n  - a\n  - b\n", args: ["--launcher", home], files: two });
      const start = await fleet.wire.waitForEvent("start", "a.main");
      const launcher = String(start.data.parent);
      await fleet.tcs.waitForLine(/2 of 2 services running/);
      expect(await fleet.stop("SIGINT")).toBe(130);
      const order = fleet.wire.records.map(({ subject }) => subject);
      const ends = ["a.main", "b.main"].map((id) => order.indexOf(`svc.registry.stop.${id}`));
      expect(Math.min(...ends)).toBeGreaterThan(order.indexOf("svc.registry.stopping.b.main"));
      expect(fleet.wire.of("status", launcher).at(-1)?.data.status).toBe("shutdown");
      expect(order.lastIndexOf(`svc.status.${launcher}`)).toBeGreaterThan(-1);
    });

    test("a second Ctrl-C ends a stop that takes its time at once, and still tells the wire", async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - slow\n",
        args: ["--launcher", home, "--terminate-delay", "60"],
        files: { "slow.ts": SLOW_END },
      });
      await fleet.wire.waitForStatus("slow.main", "ok");
      fleet.tcs.signal("SIGINT");
      await fleet.wire.waitForEvent("stopping", "slow.main");
      // Signals close together are taken for one key press, so a person's second comes a little later.
      const presses = setInterval(() => fleet.tcs.signal("SIGINT"), 200);
      expect(await within("the end of tcs", fleet.tcs.exited)).toBe(130);
      clearInterval(presses);
      await fleet.wire.flush();
      expect(fleet.wire.of("registry.stop", "slow.main").map(({ data }) => data.reason)).toEqual(["force_killed"]);
    });
  });
}

const two = { "a.ts": serviceFile(LOOP), "b.ts": serviceFile(LOOP) };

test("the end of the terminal is a stop too, also when it is killed", async () => {
  await using broker = await startNats();
  for (const end of ["SIGTERM", "SIGKILL"] as const) {
    using folder = tempFolder();
    await using wire = await listenToWire(broker.url);
    await folder.write("services.yaml", `nats: {port: ${broker.port}}\nservices:\n  - hello_world\n`);
    const state = join(folder.path, ".state");
    // util-linux's script: a terminal of its own, which ends with it.
    const terminal = Bun.spawn(["script", "-qec", `${tcsBinary()} run`, "/dev/null"], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, HOME: folder.path, TERM: "xterm", SHELL: "/bin/sh", TCS_STATE_DIR: state },
      stdio: ["pipe", "ignore", "ignore"],
    });
    const { data } = await wire.waitForStatus("hello_world.main", "ok");
    // While the terminal is there, it is a request.
    process.kill(Number(data.pid), "SIGHUP");
    await wire.waitFor("the reload", (record) =>
      String(record.data.message).startsWith("reload by SIGHUP: 1 unchanged"),
    );
    terminal.kill(end);
    const stop = await wire.waitForEvent("stop", "hello_world.main");
    expect(stop.data.reason).toBe("terminated");
    await terminal.exited;
    await waitFor("the end of all it started", () => processesWith(state).length === 0, 8000);
  }
});

test("SIGHUP otherwise is no end: the configuration is read again", async () => {
  await using fleet = await runFleet({ yaml: "services:\n  - hello_world\n" });
  await fleet.wire.waitForStatus("hello_world.main", "ok");
  fleet.tcs.signal("SIGHUP");
  await fleet.tcs.waitForLine(/reload by SIGHUP: 1 unchanged/);
  expect(await fleet.stop()).toBe(143);
});

const slowStarts = {
  "waits in onStart for ever": { wait: "new Promise(() => {})", reason: "force_killed" },
  "waits in onStart, heeding the stop": { wait: "this.sleep(1000)", reason: "terminated" },
};
for (const home of OWN_HOMES) {
  for (const [what, { wait, reason }] of Object.entries(slowStarts)) {
    test(`in ${home}, Ctrl-C while a service ${what} ends within the limit`, async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - slow\n",
        args: ["--launcher", home, "--terminate-delay", "0.5"],
        files: { "slow.ts": serviceFile(`async onStart() { await ${wait}; }\n${LOOP}`) },
      });
      await fleet.wire.waitForStatus("slow.main", "startup");
      expect(await fleet.stop("SIGINT")).toBe(130);
      expect(fleet.wire.of("registry.stop", "slow.main").map(({ data }) => data.reason)).toEqual([reason]);
      await waitForNothingOf(fleet.tcs);
    });
  }
}

test("Ctrl-C while a service's file is being loaded ends tcs at once", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - slow\n",
    files: { "slow.ts": `process.stderr.write("loading\\n"); await new Promise(() => {});\n${serviceFile(LOOP)}` },
  });
  // Loaded for the check before the start.
  await fleet.tcs.waitForLine(/loading/);
  expect(await fleet.stop("SIGINT")).toBe(130);
  await waitForNothingOf(fleet.tcs);
});

test("Ctrl-C ends a check of the configuration at once, also one that waits for a file", async () => {
  using folder = tempFolder();
  await folder.write("services.yaml", "services:\n  - slow\n");
  const loading = `process.stderr.write("loading\\n"); await new Promise(() => {});\n${serviceFile(LOOP)}`;
  await folder.write("slow.ts", loading);
  await using tcs = spawnTcs(["run", "--check"], { cwd: folder.path });
  await tcs.waitForLine(/loading/);
  tcs.signal("SIGINT");
  expect(await within("the end of tcs", tcs.exited, 5000)).toBe(130);
  expect(tcs.stdout).toBe("");
});

test("a signal at any moment of the start-up ends it, with nothing left behind", async () => {
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: ${await freePort()}}\nservices:\n  - a\n  - b\n`);
  for (const [name, text] of Object.entries(two)) await folder.write(name, text);
  for (let delayMs = 0; delayMs < 120; delayMs += 8) {
    await using tcs = spawnTcs(["run", "--launcher", "process"], { cwd: folder.path });
    await Bun.sleep(delayMs);
    tcs.signal("SIGTERM");
    // Before its first instruction the program has no say in the matter: 143 as well.
    expect(await within("the end of tcs", tcs.exited, 5000)).toBe(143);
    await waitForNothingOf(tcs);
    expect(tcs.stderr).not.toMatch(/^\s+at /m);
  }
});
