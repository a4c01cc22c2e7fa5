// The lifecycle of services, by the executable, in every home: states, counts, tasks, stops and new lives.
import { describe, expect, test } from "bun:test";
import { OWN_HOMES } from "../../src/config/types.ts";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { runFleet, type TestFleet } from "../support/fleet.ts";
import { freePort } from "../support/ports.ts";
import { tempFolder } from "../support/temp.ts";
import { within } from "../support/wait.ts";

/** Two levels, a task, counts, and commands that end it in different ways. */
const DOME = `import { LifecycleService, rpc, service } from "ocabox-tcs";

abstract class Port extends LifecycleService {
  override async start() { this.logger.info("port opened"); await super.start(); }
  override async stop() { await super.stop(); this.logger.info("port closed"); }
}

@service
export class Dome extends Port {
  override async run() {
    this.registerTask(() => this.#turn());
    await super.run();
  }
  override async stop() { await super.stop(); this.logger.info("dome parked"); }
  async #turn() {
    this.stats.countSent();
    while (await this.sleepIfRunning(1000));
    this.logger.info("task ended");
  }
  @rpc("add") add() {
    this.registerTask(() => this.stats.countReceived());
    this.recordError(new Error("a bad frame"));
    return { state: this.state };
  }
  @rpc("leave") async leave() { await this.stop(); return {}; }
  @rpc("fall") fall() { this.recordError(new Error("the dome is stuck"), { fatal: true }); return {}; }
}
`;

const ID = "dome.main";

async function ask(fleet: TestFleet, ...args: string[]) {
  const { stdout, stderr, code } = await runTcs([...args, "--port", String(fleet.broker.port)], { cwd: "/" });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const countsOf = async (fleet: TestFleet) => (await ask(fleet, "stats", ID, "--json")).stats.lifecycle;
const NEW_COUNTS = { status: "running", messages_sent: 1, messages_received: 0, errors: 0 };

for (const home of OWN_HOMES) {
  describe(`in ${home}`, () => {
    const runDome = (restart = "no") =>
      runFleet({
        yaml: `services:\n  - {type: dome, restart: ${restart}, restart_sec: 0.01}\n`,
        files: { "dome.ts": DOME },
        args: ["--launcher", home],
      });

    test("a restart resets everything, and its stop is heard", async () => {
      await using fleet = await runDome();
      await fleet.wire.waitForEvent("ready", ID);
      expect(await countsOf(fleet)).toMatchObject(NEW_COUNTS);
      expect(await ask(fleet, "rpc", ID, "add")).toEqual({ state: "running" });
      expect(await countsOf(fleet)).toMatchObject({ messages_received: 1, errors: 1 });
      for (let round = 2; round <= 3; round++) {
        await ask(fleet, "restart", ID, "--json");
        await fleet.wire.waitForEvent("ready", ID, round);
        expect(await countsOf(fleet)).toMatchObject(NEW_COUNTS);
      }
      await ask(fleet, "stop", ID, "--json");
      expect((await fleet.wire.waitForEvent("stop", ID, 3)).data).toMatchObject({ reason: "terminated", exit_code: 0 });
      await fleet.stop();
      const told = fleet.tcs.stderr.split("\n").flatMap((line) => line.split("dome.main  ").slice(1));
      const life = ["port opened", "task ended", "port closed", "dome parked"];
      expect(told.filter((line) => life.includes(line))).toEqual([...life, ...life, ...life]);
    });

    test("one that stops itself has completed", async () => {
      await using fleet = await runDome("on-failure");
      await fleet.wire.waitForEvent("ready", ID);
      await ask(fleet, "rpc", ID, "leave");
      expect((await fleet.wire.waitForEvent("stop", ID)).data).toMatchObject({ reason: "completed", exit_code: 0 });
      expect(fleet.wire.of("status", ID).at(-1)?.data).toMatchObject({ message: "Service completed" });
    });

    test("a fatal error ends it with status error, cleaned up, and it is restarted by its policy", async () => {
      await using fleet = await runDome("on-failure");
      await fleet.wire.waitForEvent("ready", ID);
      await ask(fleet, "rpc", ID, "fall").catch(() => "it may end before it has answered");
      const { data } = await fleet.wire.waitForEvent("crashed", ID);
      expect(data).toMatchObject({ exit_code: 1, will_restart: true });
      await fleet.wire.waitForEvent("ready", ID, 2);
      expect(fleet.wire.of("status", ID).map((message) => message.data.message)).toContain(
        "Runtime error: the dome is stuck",
      );
      expect(await countsOf(fleet)).toMatchObject(NEW_COUNTS);
    });
  });
}

test("a scaffolded lifecycle service runs by hand, and stops at Ctrl-C", async () => {
  using folder = tempFolder();
  expect(await runTcs(["new", "service", "dome", "--kind", "lifecycle"], { cwd: folder.path })).toMatchObject({
    code: 0,
  });
  await using tcs = spawnTcs(["service", "dome.ts", "--set", "interval=0.01", "--port", String(await freePort())], {
    cwd: folder.path,
  });
  await tcs.waitForLine(/dome\.main {2}all is well/);
  tcs.signal("SIGINT");
  expect(await within("the end of the service", tcs.exited)).toBe(130);
});
