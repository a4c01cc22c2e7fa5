// Services that systemd runs, as operators see and order them: by tcs, by systemctl, and with no launcher at all.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { systemdOrSay } from "../support/systemd.ts";
import { type Launched, startUnitFleet, type UnitFleet } from "../support/unit-fleet.ts";
import { waitFor } from "../support/wait.ts";

const MAIN = "hello_world.main";
const OTHER = "hello_world.other";
const YAML = `
defaults: {launcher: systemd, restart: on-failure, restart_sec: 0}
services:
  - hello_world.main
  - {type: hello_world, variant: other, after: [hello_world.main]}
`;

describe.skipIf(!systemdOrSay())("services under systemd", () => {
  let fleet: UnitFleet;
  let launcher: Launched;
  beforeAll(async () => {
    fleet = await startUnitFleet({ yaml: YAML });
    launcher = await fleet.launch();
  }, 60_000);
  afterAll(() => fleet[Symbol.asyncDispose]());

  /** What has happened to a service since, but for its own statuses. */
  const eventsFrom = (id: string, from: number) =>
    fleet.wire.records
      .slice(from)
      .flatMap(({ subject }) => (subject.endsWith(`.${id}`) ? [/registry\.(\w+)/.exec(subject)?.[1] ?? ""] : []))
      .filter((event) => event !== "");

  test("each is a unit of its own, which systemd has started, and tcs shows it as any other", async () => {
    expect(await fleet.property(MAIN, "ActiveState")).toBe("active");
    expect(await fleet.property(MAIN, "FragmentPath")).toBe(`/run/systemd/system/tcs@${MAIN}.service`);
    expect(await fleet.property(OTHER, "After")).toContain(`tcs@${MAIN}.service`);
    expect(eventsFrom(MAIN, 0)).toEqual(["declared", "start", "ready"]);
    const { stdout } = await fleet.tcs("status", "--json");
    const shown = JSON.parse(stdout).services.find((service: { service_id: string }) => service.service_id === MAIN);
    expect(shown).toMatchObject({ status: "ok", running: true, pid: await fleet.pidOf(MAIN) });
    expect((await fleet.tcs("health", MAIN)).code).toBe(0);
    expect((await fleet.tcs("logs", MAIN)).stdout).toContain("Hello World!");
  });

  test("one that is killed is started again by systemd, and its launcher tells so", async () => {
    const from = fleet.wire.records.length;
    const before = await fleet.pidOf(MAIN);
    await fleet.signal(MAIN, "KILL");
    const crashed = await fleet.wire.waitForEvent("crashed", MAIN);
    expect(crashed.data).toMatchObject({ exit_code: -9, will_restart: true, status: "error" });
    const restarting = await fleet.wire.waitForEvent("restarting", MAIN);
    expect(restarting.data).toMatchObject({ restart_attempt: 1, max_restarts: null });
    await waitFor("the second life", () => eventsFrom(MAIN, from).includes("ready"));
    expect(eventsFrom(MAIN, from)).toEqual(["crashed", "restarting", "start", "ready"]);
    const after = await fleet.pidOf(MAIN);
    expect(after).not.toBe(before);
    expect(fleet.wire.of("registry.start", MAIN).at(-1)?.data.pid).toBe(after);
    expect(await fleet.property(MAIN, "NRestarts")).toBe("1");
  });

  test("tcs stop, start and restart order systemd to do so", async () => {
    const stopped = await fleet.tcs("stop", OTHER);
    expect(stopped.stdout).toContain(`${OTHER} stopped`);
    expect(await fleet.property(OTHER, "ActiveState")).toBe("inactive");
    expect((await fleet.tcs("start", OTHER)).stdout).toContain("started");
    const before = await fleet.pidOf(OTHER);
    expect(before).toBeGreaterThan(0);
    expect((await fleet.tcs("restart", OTHER)).stdout).toContain("restarted");
    expect(await fleet.pidOf(OTHER)).not.toBe(before);
  });

  test("systemctl stop is an operator's stop, which is kept and not undone; systemctl start ends it", async () => {
    const from = fleet.wire.records.length;
    await fleet.systemctl("stop", `tcs@${OTHER}`);
    const stop = await fleet.wire.waitFor(
      "the stop",
      (record) =>
        record.subject === `svc.registry.stop.${OTHER}` && String(record.data.set_by).startsWith("systemctl@"),
    );
    expect(stop.data).toMatchObject({ reason: "terminated", exit_code: 0, target: "stopped" });
    expect(eventsFrom(OTHER, from)).toEqual(["stopping", "stop"]);
    const why = await waitFor("why", async () => {
      const { stdout } = await fleet.tcs("why", OTHER);
      return stdout.includes("stopped by systemctl@") ? stdout : undefined;
    });
    expect(why).toContain("stop by systemctl@");
    expect(await fleet.property(OTHER, "ActiveState")).toBe("inactive");
    await fleet.systemctl("start", `tcs@${OTHER}`);
    await waitFor("its start", () => eventsFrom(OTHER, from).includes("ready"));
    expect(eventsFrom(OTHER, from)).toEqual(["stopping", "stop", "start", "ready"]);
    expect((await fleet.tcs("why", OTHER)).stdout).not.toContain("stopped by systemctl@");
  });

  test("systemctl restart is one restart: the launcher adds none", async () => {
    const from = fleet.wire.records.length;
    const before = await fleet.pidOf(OTHER);
    await fleet.systemctl("restart", `tcs@${OTHER}`);
    const after = await fleet.pidOf(OTHER);
    await waitFor("its start", () => eventsFrom(OTHER, from).includes("ready"));
    expect(after).not.toBe(before);
    expect(eventsFrom(OTHER, from)).toEqual(["stopping", "stop", "start", "ready"]);
    expect(await fleet.pidOf(OTHER)).toBe(after);
  });

  test("a launcher that is killed leaves them running and heard; the next one takes them as they are", async () => {
    const pid = await fleet.pidOf(MAIN);
    const started = fleet.wire.of("registry.start", MAIN).at(-1)?.data.timestamp;
    await launcher.end("KILL");
    expect((await fleet.tcs("health", MAIN)).code).toBe(0);
    const from = fleet.wire.records.length;
    launcher = await fleet.launch();
    await fleet.wire.flush();
    expect(await fleet.pidOf(MAIN)).toBe(pid);
    expect(eventsFrom(MAIN, from)).toEqual(["declared", "start", "ready"]);
    const start = fleet.wire.of("registry.start", MAIN).at(-1);
    expect(start?.data.pid).toBe(pid);
    expect(Math.abs(secondsOf(start?.data.timestamp) - secondsOf(started))).toBeLessThan(2);
    expect(launcher.log()).toContain("runs already, and goes on");
    const { stdout } = await fleet.tcs("status", "--json");
    const shown = JSON.parse(stdout).services.find((service: { service_id: string }) => service.service_id === MAIN);
    expect(shown).toMatchObject({ status: "ok", pid });
  });

  test("what falls while no launcher looks is started again by systemd, and adopted as it is then", async () => {
    await launcher.end("KILL");
    const former = await fleet.pidOf(MAIN);
    await fleet.signal(MAIN, "KILL");
    // systemd names the former one until it has seen its end.
    const pid = await waitFor("the next life", async () => {
      const now = await fleet.pidOf(MAIN);
      return now !== former && now;
    });
    launcher = await fleet.launch();
    await fleet.wire.flush();
    expect(await fleet.pidOf(MAIN)).toBe(pid);
    expect(fleet.wire.of("registry.start", MAIN).at(-1)?.data.pid).toBe(pid);
  });

  test("what an operator stops while no launcher looks stays stopped", async () => {
    await launcher.end("KILL");
    await fleet.systemctl("stop", `tcs@${OTHER}`);
    launcher = await fleet.launch();
    expect(await fleet.property(OTHER, "ActiveState")).toBe("inactive");
    expect((await fleet.tcs("why", OTHER)).stdout).toContain("stopped by systemctl@");
    expect((await fleet.tcs("start", OTHER)).code).toBe(0);
  });

  test("other restart keys count from the next start by their launcher, as the answer says", async () => {
    const pid = await fleet.pidOf(OTHER);
    await fleet.write("services.yaml", YAML.replace("restart_sec: 0}", "restart_sec: 0.3}"));
    expect((await fleet.tcs("reload")).stdout).toContain("from its next start on");
    expect(await fleet.pidOf(OTHER)).toBe(pid);
    await fleet.write("services.yaml", YAML);
    expect((await fleet.tcs("reload")).code).toBe(0);
  });

  test("a launcher that is killed while it stops them has stopped nothing for good", async () => {
    const slow = `/etc/systemd/system/tcs@${OTHER}.service.d/slow.conf`;
    await fleet.systemd.write(slow, "[Service]\nExecStop=sleep 3\n");
    await fleet.systemctl("daemon-reload");
    await fleet.systemd.ok(["kill", "-TERM", String(launcher.pid)]);
    await waitFor("its order to stop", async () => (await fleet.property(OTHER, "ActiveState")) === "deactivating");
    await launcher.end("KILL");
    await waitFor("its stop", async () => (await fleet.property(OTHER, "ActiveState")) === "inactive");
    await fleet.systemd.ok(["rm", slow]);
    await fleet.systemctl("daemon-reload");
    launcher = await fleet.launch();
    await waitFor("its start", async () => (await fleet.property(OTHER, "ActiveState")) === "active");
  });

  test("a launcher that is stopped in order stops them, and leaves no unit behind", async () => {
    await launcher.end("TERM");
    expect(await fleet.property(MAIN, "ActiveState")).toBe("inactive");
    expect((await fleet.systemd.run(["ls", "/run/systemd/system"])).stdout).not.toContain("tcs@");
    expect(fleet.wire.of("registry.stop", MAIN).at(-1)?.data).toMatchObject({ reason: "terminated" });
  });
});

/** Of a timestamp of the wire. */
function secondsOf(time: unknown): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = time as number[];
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
