// Which home a service gets: the command line, a row, `launchers:`, or the default.
import { expect, test } from "bun:test";
import { spawnTcs } from "../support/binary.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";

/** The home and the pid that a service tells by itself. */
const TELLS = serviceFile(`async onStart() {
  this.monitor.setStatus(Status.OK, [process.pid, Bun.isMainThread, process.connected === true].join(" "));
}
${LOOP}`);

async function homeOf({ wire, tcs }: TestFleet, id: string): Promise<string> {
  const { data } = await wire.waitForStatus(id, "ok");
  const [pid, mainThread, channel] = String(data.message).split(" ");
  if (Number(pid) !== tcs.pid) return channel === "true" ? "process" : "stranger";
  return mainThread === "true" ? "inline" : "worker";
}

const files = { "a.ts": TELLS, "b.ts": TELLS };

test("services live in workers when nothing is said, a row may say otherwise", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - a\n  - {type: b, launcher: process}\n  - {type: a, variant: i, launcher: inline}\n  - {type: a, variant: old, launcher: asyncio}\n",
    files,
  });
  expect(await homeOf(fleet, "a.main")).toBe("worker");
  expect(await homeOf(fleet, "b.main")).toBe("process");
  expect(await homeOf(fleet, "a.i")).toBe("inline");
  expect(await homeOf(fleet, "a.old")).toBe("inline");
});

test("--launcher HOME is for every service, whatever the file says", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - a\n  - {type: b, launcher: process}\n",
    files,
    args: ["--launcher", "inline"],
  });
  expect(await homeOf(fleet, "a.main")).toBe("inline");
  expect(await homeOf(fleet, "b.main")).toBe("inline");
});

const LAUNCHERS = `launchers:
  day:
    type: inline
    services:
      - a
  night:
    type: process
    services:
      - b
      - {type: a, variant: w, launcher: worker}
`;

test("launchers: give their services a home; without a choice all of them run", async () => {
  await using fleet = await runFleet({ yaml: LAUNCHERS, files });
  expect(await homeOf(fleet, "a.main")).toBe("inline");
  expect(await homeOf(fleet, "b.main")).toBe("process");
  expect(await homeOf(fleet, "a.w")).toBe("worker");
});

test("--launcher NAME runs the services of that launcher alone, under its kind", async () => {
  await using fleet = await runFleet({ yaml: LAUNCHERS, files, args: ["--launcher", "night"] });
  expect(await homeOf(fleet, "b.main")).toBe("process");
  expect(await homeOf(fleet, "a.w")).toBe("worker");
  const start = await fleet.wire.waitForEvent("start", "b.main");
  expect(String(start.data.parent)).toEndWith("-process-launcher");
  await fleet.stop();
  expect(fleet.wire.story("a.main")).toEqual([]);
});

test("two launchers of one file run beside each other", async () => {
  await using night = await runFleet({ yaml: LAUNCHERS, files, args: ["--launcher", "night"] });
  await night.tcs.waitForLine(/2 of 2 services running/);
  await using day = spawnTcs(["run", "--launcher", "day"], {
    cwd: night.folder.path,
    env: { TCS_STATE_DIR: night.tcs.stateDir },
  });
  expect((await night.wire.waitForStatus("a.main", "ok")).data.pid).toBe(day.pid);
  expect((await night.wire.waitForStatus("a.w", "ok")).data.pid).toBe(night.tcs.pid);
});
