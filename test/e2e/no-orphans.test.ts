// Whatever way a launcher dies, nothing it started outlives it by more than seconds.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { isAlive } from "../../src/common/process-info.ts";
import { spawnTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { canOwnNetwork, ownNetwork } from "../support/netns.ts";
import { canOwnPids, inOwnPids } from "../support/pidns.ts";
import { commandOf, processesWith } from "../support/processes.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor, within } from "../support/wait.ts";

/** All gone within 5 s, and something for a busy machine. */
const ORPHANS_LIMIT_MS = 10_000;

const GRANDCHILD = `onStart() { Bun.spawn(["sleep", "1000"], { stdio: ["ignore", "ignore", "ignore"] }); }`;

test("SIGKILL of the launcher ends its processes, hung ones and grandchildren too, and its broker", async () => {
  using folder = tempFolder();
  const mark = `TCS_TEST_MARK=${folder.path}`;
  await folder.write(
    "services.yaml",
    "services:\n  - hello_world.p\n  - type: hung\n  - type: parent\n  - type: hello_world\n    variant: w\n    launcher: worker\n",
  );
  await folder.write("hung.ts", serviceFile("async runService() { await this.sleep(0.05); for (;;) {} }"));
  await folder.write("parent.ts", serviceFile(`${GRANDCHILD}\n${LOOP}`));
  await using tcs = spawnTcs(["run", "--launcher", "process"], {
    cwd: folder.path,
    env: { TCS_TEST_MARK: folder.path },
  });
  await tcs.waitForLine(/4 of 4 services running/);
  const started = await waitFor("the launcher, broker, guards, hosts and the grandchild", () => {
    const found = processesWith(mark);
    return found.length >= 8 && found;
  });
  tcs.signal("SIGKILL");
  await within("the end of tcs", tcs.exited);
  try {
    await waitFor("the end of everything it started", () => processesWith(mark).length === 0, ORPHANS_LIMIT_MS);
    expect(started.filter(isAlive)).toEqual([]);
  } finally {
    for (const { pid } of processesWith(mark)) process.kill(pid, "SIGKILL");
  }
});

for (const home of ["inline", "worker"] as const) {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`after ${signal} of the launcher, what a service in ${home} has started is ended too`, async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - type: thing\n",
        args: ["--launcher", home],
        files: { "thing.ts": serviceFile(`${GRANDCHILD}\n${LOOP}`) },
      });
      await fleet.wire.waitForStatus("thing.main", "ok");
      const mark = `TCS_STATE_DIR=${fleet.tcs.stateDir}`;
      const asleep = () => processesWith(mark).filter(({ pid }) => commandOf(pid).startsWith("sleep 1000"));
      await waitFor("the grandchild", () => asleep().length === 1);
      fleet.tcs.signal(signal);
      await within("the end of tcs", fleet.tcs.exited);
      try {
        await waitFor("the end of the grandchild", () => asleep().length === 0, ORPHANS_LIMIT_MS);
      } finally {
        for (const { pid } of asleep()) process.kill(pid, "SIGKILL");
      }
      expect(asleep()).toEqual([]);
    });
  }
}

test("what a service started in its own process ends with it", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - type: thing\n  - hello_world.main\n",
    args: ["--launcher", "process"],
    files: {
      "thing.ts": serviceFile(`${GRANDCHILD}\nasync runService() { await this.sleep(0.05); process.exit(3); }`),
    },
  });
  const crashed = await fleet.wire.waitForEvent("crashed", "thing.main");
  expect(crashed.data.exit_code).toBe(3);
  await waitFor("the end of the grandchild", () => {
    const sleeping = processesWith(`TCS_STATE_DIR=${fleet.tcs.stateDir}`).filter(({ pid }) =>
      commandOf(pid).startsWith("sleep 1000"),
    );
    return sleeping.length === 0;
  });
  expect(fleet.wire.of("registry.crashed", "hello_world.main")).toEqual([]);
});

test.skipIf(!canOwnPids || !canOwnNetwork)(
  "strangers that have the pids of a killed launcher and of all it had started are harmed by nobody",
  async () => {
    using _network = ownNetwork();
    const fixture = join(import.meta.dir, "fixtures/pids-reused.ts");
    expect(await inOwnPids([process.execPath, fixture])).toBe("unharmed\n");
  },
);
