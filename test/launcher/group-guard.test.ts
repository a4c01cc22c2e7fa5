// The guard over process groups, with real processes.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { identifyProcess, isAlive } from "../../src/common/process-info.ts";
import { GroupGuard } from "../../src/launcher/group-guard.ts";
import { firstLine } from "../support/text.ts";
import { waitFor } from "../support/wait.ts";

/** A group of two: a shell that leads it, and a sleep that outlives the shell. Prints the pid of the sleep. */
function startGroup(shell = "sleep 1000 >/dev/null & echo $!; wait") {
  return Bun.spawn(["sh", "-c", shell], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
}

test("when a leader has ended, what it left in its group is ended", async () => {
  const guard = new GroupGuard();
  const leader = startGroup();
  const unwatch = guard.watch(leader.pid);
  const left = identifyProcess(Number(await firstLine(leader.stdout)));
  if (!left) throw new Error("the sleep is not there");
  leader.kill("SIGKILL");
  await leader.exited;
  expect(isAlive(left)).toBe(true);
  unwatch();
  await waitFor("the end of what was left", () => !isAlive(left));
});

test("a process that is not there needs no guard", () => {
  expect(() => new GroupGuard().watch(2 ** 22 + 1)()).not.toThrow();
});

test("when the launcher is killed, its groups are ended within seconds, those given back are left alone", async () => {
  const launcher = Bun.spawn([process.execPath, join(import.meta.dir, "fixtures/guarded.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await firstLine(launcher.stdout);
  const [guarded, free] = said.split(" ").map(Number);
  const [a, b] = [identifyProcess(guarded ?? 0), identifyProcess(free ?? 0)];
  if (!a || !b) throw new Error(`the fixture said ${said}`);
  try {
    launcher.kill("SIGKILL");
    await launcher.exited;
    await waitFor("the end of the guarded one", () => !isAlive(a), 10_000);
    expect(isAlive(b)).toBe(true);
  } finally {
    for (const it of [a, b]) if (isAlive(it)) process.kill(it.pid, "SIGKILL");
  }
});
