import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { identifyProcess, isAlive, isGroupAlive, parseStat, processGroupOf } from "../../src/common/process-info.ts";
import { waitFor } from "../support/wait.ts";

/** Fields 4 to 22 of /proc/<pid>/stat, the last being the start time. */
const LATER = `1 100 100 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711`;

test.each([
  ["a plain name", `42 (bun) S ${LATER}`],
  ["a name with spaces and parentheses", `42 (a) R (b c) S ${LATER}`],
])("the start time is read after %s", (_, stat) => {
  expect(parseStat(42, stat)).toEqual({ pid: 42, startTime: 4711 });
});

test.each([
  ["a zombie", `42 (bun) Z ${LATER}`],
  ["a dead process", `42 (bun) X ${LATER}`],
  ["a damaged line", "42 (bun"],
])("%s is no living process", (_, stat) => {
  expect(parseStat(42, stat)).toBeUndefined();
});

test("this process is alive; one of its pid that started at another time is not", () => {
  const self = identifyProcess(process.pid);
  if (!self) throw new Error("this process is not in /proc");
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, startTime: self.startTime + 1 })).toBe(false);
});

test("a killed process that nobody has waited for, a zombie, is dead", async () => {
  // The shell starts a child, tells its pid, and becomes a program that never waits for it.
  const parent = Bun.spawn(["sh", "-c", "sleep 60 & echo $!; exec sleep 60 >&-"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const pid = Number(new TextDecoder().decode((await parent.stdout.getReader().read()).value));
    const child = await waitFor("the child", () => identifyProcess(pid));
    await waitFor("the shell to be sleep", () => readFileSync(`/proc/${parent.pid}/comm`, "utf8") === "sleep\n");
    process.kill(pid, "SIGKILL");
    await waitFor("the child to be dead", () => !isAlive(child));
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    parent.kill("SIGKILL");
    await parent.exited;
  }
});

test("a group is alive as long as one of its members is, and a zombie is none", async () => {
  // The leader ends, its child goes on; what adopts the child does not wait for it.
  const leader = Bun.spawn(["sh", "-c", "sleep 60 >&- & echo $!"], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const child = Number(await leader.stdout.text());
  await leader.exited;
  expect(processGroupOf(child)).toBe(leader.pid);
  expect(isGroupAlive(leader.pid)).toBe(true);
  process.kill(-leader.pid, "SIGKILL");
  await waitFor("the end of the group", () => !isGroupAlive(leader.pid));
  expect(processGroupOf(process.pid)).not.toBe(leader.pid);
});
