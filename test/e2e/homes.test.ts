// The same service in every home: the same story on the wire, whatever happens to it.
import { describe, expect, test } from "bun:test";
import { OWN_HOMES } from "../../src/config/types.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { within } from "../support/wait.ts";

const NEIGHBOUR = "  - type: hello_world\n    variant: neighbour\n";

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    test("a service is declared, started, ready, ok, and at Ctrl-C stopped, each told once", async () => {
      await using fleet = await runFleet({ yaml: "services:\n  - hello_world.main\n", args: ["--launcher", home] });
      const { wire, tcs } = fleet;
      await wire.waitForStatus("hello_world.main", "ok");
      await wire.waitForEvent("ready", "hello_world.main");
      tcs.signal("SIGINT");
      expect(await within("the end of tcs", tcs.exited)).toBe(130);
      await wire.waitForEvent("stop", "hello_world.main");
      const story = wire.story("hello_world.main");
      expect(story.filter((step) => !step.startsWith("status"))).toEqual([
        "declared",
        "start",
        "ready",
        "stopping",
        "stop",
      ]);
      expect(story.filter((step) => step.startsWith("status"))).toEqual([
        "status startup",
        "status ok",
        "status shutdown",
        "status shutdown",
      ]);
      const [start] = wire.of("registry.start", "hello_world.main");
      const launcher = String(start?.data.parent);
      expect(launcher).toMatch(/^launcher\.launcher\.[A-Za-z0-9]{6}\.[^.]+-(inline|worker|process)-launcher$/);
      expect(start?.data.runner_id).toBe(`${launcher.replace("launcher.", "")}.hello_world`);
      expect(start?.data.pid === tcs.pid).toBe(home !== "process");
      const [stop] = wire.of("registry.stop", "hello_world.main");
      expect(stop?.data).toMatchObject({ reason: "terminated", exit_code: 0, status: "shutdown" });
      expect(wire.of("heartbeat", "hello_world.main").length).toBeGreaterThan(0);
      expect(wire.story(launcher).at(-1)).toBe("status shutdown");
    });

    const faults = {
      "throws at import": {
        file: `throw new Error("bad lens");\n${serviceFile(LOOP)}`,
        status: "failed",
        message: "bad lens",
        code: 1,
      },
      "throws in its constructor": {
        file: serviceFile(`constructor() { super(); throw new Error("no camera"); }\n${LOOP}`),
        status: "failed",
        message: "Initialization failed: no camera",
        code: 1,
      },
      "throws in onStart": {
        file: serviceFile(`onStart() { throw new Error("no power"); }\n${LOOP}`),
        status: "failed",
        message: "Startup failed: no power",
        code: 1,
      },
      "throws in runService": {
        file: serviceFile(`async runService() { throw new Error("lost star"); }`),
        status: "error",
        message: "Runtime error: lost star",
        code: 1,
      },
      "throws where nobody awaits it": {
        file: serviceFile(`onStart() { setTimeout(() => { throw new Error("lost callback"); }, 20); }\n${LOOP}`),
        status: "error",
        message: "Runtime error: lost callback",
        code: 1,
      },
      "rejects where nobody awaits it": {
        file: serviceFile(
          `onStart() { setTimeout(async () => { Promise.reject(new Error("lost promise")); }, 20); }\n${LOOP}`,
        ),
        status: "error",
        message: "Runtime error: lost promise",
        code: 1,
      },
      "calls process.exit(7)": {
        file: serviceFile(`async runService() { await this.sleep(0.02); process.exit(7); }`),
        status: home === "inline" ? "error" : "failed",
        message: home === "inline" ? "process.exit(7)" : "exited with code 7",
        code: 7,
      },
    };
    for (const [what, fault] of Object.entries(faults)) {
      test(`a service that ${what} has crashed, says why, and its neighbour lives`, async () => {
        await using fleet = await runFleet({
          yaml: `services:\n  - type: thing\n${NEIGHBOUR}`,
          args: ["--launcher", home],
          files: { "thing.ts": fault.file },
        });
        const { wire, tcs } = fleet;
        const crashed = await wire.waitForEvent("crashed", "thing.main");
        expect(crashed.data).toMatchObject({
          exit_code: fault.code,
          will_restart: false,
          restart_policy: "no",
          status: "failed",
        });
        const last = await wire.waitForStatus("thing.main", fault.status);
        expect(String(last.data.message)).toContain(fault.message);
        await wire.waitForStatus("hello_world.neighbour", "ok");
        tcs.signal("SIGTERM");
        expect(await within("the end of tcs", tcs.exited)).toBe(143);
        await wire.waitForEvent("stop", "hello_world.neighbour");
        expect(wire.of("registry.crashed", "hello_world.neighbour")).toEqual([]);
        expect(wire.of("status", "thing.main").at(-1)?.data.status).toBe(fault.status);
        // One line says what happened, and no stack reaches the operator.
        expect(tcs.stderr).toContain("thing.main ended: ");
        expect(tcs.stderr).not.toMatch(/^\s+at /m);
      });
    }

    test("a service that throws in onStop ends with status error", async () => {
      await using fleet = await runFleet({
        yaml: "services:\n  - type: thing\n",
        args: ["--launcher", home],
        files: { "thing.ts": serviceFile(`${LOOP}\nonStop() { throw new Error("cannot park"); }`) },
      });
      await fleet.wire.waitForStatus("thing.main", "ok");
      fleet.tcs.signal("SIGTERM");
      await within("the end of tcs", fleet.tcs.exited);
      await fleet.wire.waitForEvent("stop", "thing.main");
      expect(fleet.wire.of("status", "thing.main").at(-1)?.data).toMatchObject({
        status: "error",
        message: "Shutdown failed: cannot park",
      });
    });

    test("a service that never returns from onStop is force-killed after the terminate delay", async () => {
      await using fleet = await runFleet({
        yaml: `services:\n  - type: thing\n${NEIGHBOUR}`,
        args: ["--launcher", home, "--terminate-delay", "0.5"],
        files: { "thing.ts": serviceFile(`${LOOP}\nasync onStop() { await new Promise(() => {}); }`) },
      });
      await fleet.wire.waitForStatus("thing.main", "ok");
      await fleet.wire.waitForStatus("hello_world.neighbour", "ok");
      fleet.tcs.signal("SIGTERM");
      await within("the end of tcs", fleet.tcs.exited);
      const stop = await fleet.wire.waitForEvent("stop", "thing.main");
      expect(stop.data).toMatchObject({ reason: "force_killed", exit_code: -9 });
      const other = await fleet.wire.waitForEvent("stop", "hello_world.neighbour");
      expect(other.data).toMatchObject({ reason: "terminated", exit_code: 0 });
    });
  });
}

for (const home of ["worker", "process"] as const) {
  test(`in ${home}, a service that loops for ever is force-killed at the stop, and no other`, async () => {
    await using fleet = await runFleet({
      yaml: `services:\n  - type: thing\n${NEIGHBOUR}`,
      args: ["--launcher", home, "--terminate-delay", "0.5"],
      files: { "thing.ts": serviceFile("async runService() { await this.sleep(0.05); for (;;) {} }") },
    });
    await fleet.wire.waitForStatus("thing.main", "ok");
    await fleet.wire.waitForStatus("hello_world.neighbour", "ok");
    fleet.tcs.signal("SIGTERM");
    await within("the end of tcs", fleet.tcs.exited);
    const stop = await fleet.wire.waitForEvent("stop", "thing.main");
    expect(stop.data).toMatchObject({ reason: "force_killed", exit_code: -9 });
    expect(fleet.wire.of("status", "thing.main").at(-1)?.data.status).toBe("shutdown");
    const other = await fleet.wire.waitForEvent("stop", "hello_world.neighbour");
    expect(other.data).toMatchObject({ reason: "terminated" });
  });
}
