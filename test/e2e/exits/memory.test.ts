// A service that uses up all memory there is: what is left of its fleet.
import { expect, test } from "bun:test";
import { LOOP, runFleet, serviceFile } from "../../support/fleet.ts";
import { processesWith } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";

/** In its first life it sets a limit 60 MB above what its process has, and allocates until it can have no more. */
const EXHAUSTS_ONCE = serviceFile(`async runService() {
  if (!(await Bun.file("full").exists())) {
    await Bun.write("full", "");
    const [, kb] = (await Bun.file("/proc/self/status").text()).match(/VmData:\\s+(\\d+)/) ?? [];
    const limit = "--data=" + (Number(kb) + 60_000) * 1024;
    Bun.spawnSync(["prlimit", "--pid", String(process.pid), "--core=0", limit]);
    const hoard = [];
    for (let n = 0; ; n++) hoard.push({ n, text: "x" + n, list: [n] });
  }
  while (this.isRunning) await this.sleep(1000);
}`);
const run = (home: string) =>
  runFleet({
    yaml: "services:\n  - {type: thing, restart: on-failure, restart_sec: 0}\n  - good\n",
    files: { "thing.ts": EXHAUSTS_ONCE, "good.ts": serviceFile(LOOP) },
    args: ["--launcher", home],
  });

test("in process, it crashes and is restarted; the others know nothing of it", async () => {
  await using fleet = await run("process");
  const { wire } = fleet;
  const crashed = await wire.waitForEvent("crashed", "thing.main");
  // An exception where Bun comes to throw one, else a signal.
  expect(String(crashed.data.message)).toMatch(/^(RangeError: Out of memory|killed by SIG[A-Z]+)$/);
  expect(crashed.data.will_restart).toBe(true);
  await wire.waitForEvent("ready", "thing.main", 2);
  expect(await fleet.stop()).toBe(143);
  expect(wire.of("registry.start", "good.main").length).toBe(1);
  expect(wire.of("registry.stop", "good.main").map(({ data }) => data.reason)).toEqual(["terminated"]);
});

// Memory is the process's: a thread has none of its own that could run out.
test("in worker, it may take its launcher with it: then nothing of that is left", async () => {
  await using fleet = await run("worker");
  const { wire, tcs } = fleet;
  const restarted = wire.waitForEvent("ready", "thing.main", 2).then(() => "restarted" as const);
  const end = await Promise.race([tcs.exited, restarted]);
  if (end === "restarted") {
    expect(wire.of("registry.start", "good.main").length).toBe(1);
    return;
  }
  restarted.catch(() => undefined);
  expect(end).toBeGreaterThan(128);
  await waitFor("the end of all it started", () => processesWith(tcs.stateDir).length === 0, 8000);
});
