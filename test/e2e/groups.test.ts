// `group:` puts services into one host: they share a process or thread, and nothing else.
import { describe, expect, test } from "bun:test";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";

const group = (home: string) =>
  `services:\n  - {type: bad, launcher: ${home}, group: pair}\n  - {type: good, launcher: ${home}, group: pair}\n`;

const ends: Record<string, { file: string; code: number; message: string }> = {
  "calls process.exit(5)": {
    file: serviceFile("async runService() { await this.sleep(0.1); process.exit(5); }"),
    code: 5,
    message: "process.exit(5)",
  },
  "calls process.exit(5) from a timer": {
    file: serviceFile(`onStart() { setTimeout(() => process.exit(5), 100); }\n${LOOP}`),
    code: 5,
    message: "process.exit(5)",
  },
  "throws from a timer": {
    file: serviceFile(`onStart() { setTimeout(() => { throw new Error("lost"); }, 100); }\n${LOOP}`),
    code: 1,
    message: "lost",
  },
  "throws in runService": {
    file: serviceFile("async runService() { await this.sleep(0.1); throw new Error('no star'); }"),
    code: 1,
    message: "no star",
  },
};

for (const home of ["worker", "process"] as const) {
  describe(`in ${home}`, () => {
    for (const [what, { file, code, message }] of Object.entries(ends)) {
      test(`a service that ${what} leaves the other of its group as it was`, async () => {
        await using fleet = await runFleet({
          yaml: group(home),
          files: { "bad.ts": file, "good.ts": serviceFile(LOOP) },
        });
        const { wire, tcs } = fleet;
        const [bad, good] = await Promise.all(["bad.main", "good.main"].map((id) => wire.waitForEvent("start", id)));
        expect(bad?.data.pid).toBe(good?.data.pid as number);
        expect(good?.data.pid === tcs.pid).toBe(home === "worker");
        const crashed = await wire.waitForEvent("crashed", "bad.main");
        expect(crashed.data.exit_code).toBe(code);
        expect(String(crashed.data.message)).toContain(message);
        expect(await fleet.stop()).toBe(143);
        expect(wire.story("good.main").filter((step) => !step.startsWith("status"))).toEqual([
          "declared",
          "start",
          "ready",
          "stopping",
          "stop",
        ]);
        expect(wire.of("registry.stop", "good.main")[0]?.data).toMatchObject({ reason: "terminated", exit_code: 0 });
        expect(tcs.stderr).not.toMatch(/^\s+at /m);
      });
    }

    test("a service of a group is restarted in the group's host", async () => {
      await using fleet = await runFleet({
        yaml: group(home).replace("type: bad", "type: bad, restart: on-failure, restart_sec: 0.05, restart_max: 1"),
        files: {
          "bad.ts": serviceFile("async runService() { await this.sleep(0.05); throw new Error('no star'); }"),
          "good.ts": serviceFile(LOOP),
        },
      });
      const again = await fleet.wire.waitForEvent("start", "bad.main", 2);
      const good = await fleet.wire.waitForEvent("start", "good.main");
      expect(again.data.pid).toBe(good.data.pid as number);
      await fleet.wire.waitForEvent("failed", "bad.main");
      expect(fleet.wire.of("registry.start", "good.main").length).toBe(1);
    });
  });
}

test("a group's process that is killed takes its services with it, and each restarts by its own policy", async () => {
  await using fleet = await runFleet({
    yaml: "services:\n  - {type: a, launcher: process, group: pair, restart: always, restart_sec: 0.05}\n  - {type: b, launcher: process, group: pair}\n",
    files: { "a.ts": serviceFile(LOOP), "b.ts": serviceFile(LOOP) },
  });
  const { wire } = fleet;
  await Promise.all(["a.main", "b.main"].map((id) => wire.waitForStatus(id, "ok")));
  const start = await wire.waitForEvent("start", "a.main");
  process.kill(Number(start.data.pid), "SIGKILL");
  const [a, b] = await Promise.all(["a.main", "b.main"].map((id) => wire.waitForEvent("crashed", id)));
  expect(a?.data).toMatchObject({ exit_code: -9, will_restart: true });
  expect(b?.data).toMatchObject({ exit_code: -9, will_restart: false });
  await wire.waitForStatus("a.main", "ok", 2);
  await wire.waitForStatus("b.main", "failed");
});

for (const home of ["inline", "worker"] as const) {
  test(`in a loop of ${home}, a rejection of one of two services of a file ends both, as it may be of either, and no other`, async () => {
    const more = `launcher: ${home}${home === "inline" ? "" : ", group: trio"}`;
    const restarts = `${more}, restart: on-failure, restart_sec: 0.05`;
    await using fleet = await runFleet({
      yaml: `services:
  - {type: thing, variant: a, ${restarts}}
  - {type: thing, variant: b, ${restarts}}
  - {type: good, ${more}}
`,
      files: {
        "thing.ts": serviceFile(`async runService() {
          if (this.id === "thing.a" && !(await Bun.file("fell").exists())) {
            await Bun.write("fell", "");
            while (!(await Bun.file("go").exists())) await this.sleep(0.02);
            Promise.reject(new Error("lost promise"));
          }
          while (this.isRunning) await this.sleep(1000);
        }`),
        "good.ts": serviceFile(LOOP),
      },
    });
    const { wire } = fleet;
    await Promise.all(["thing.a", "thing.b", "good.main"].map((id) => wire.waitForEvent("ready", id)));
    await fleet.folder.write("go", "");
    for (const id of ["thing.a", "thing.b"]) {
      const { data } = await wire.waitForEvent("crashed", id);
      expect(data.message).toMatch(
        /^lost promise \(thing\.ts:\d+:\d+\); nobody awaits it, it may be of another service/,
      );
      await wire.waitForEvent("ready", id, 2);
    }
    expect(await fleet.stop()).toBe(143);
    expect(wire.of("registry.start", "good.main").length).toBe(1);
    expect(wire.of("registry.crashed", "thing.a").length).toBe(1);
    expect(wire.of("registry.crashed", "thing.b").length).toBe(1);
  });
}
