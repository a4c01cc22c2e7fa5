// Orders that one launcher took while another, which runs the service next, was away: the latest word of operators counts.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { runTcs, spawnTcs, type TcsProcess } from "../support/binary.ts";
import { startNats, type TestBroker } from "../support/nats.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

const ID = "hello_world.main";

async function kill(tcs: TcsProcess): Promise<void> {
  process.kill(tcs.pid, "SIGKILL");
  await tcs.exited;
}

interface Scene extends AsyncDisposable {
  broker: TestBroker;
  /** Starts a launcher with a folder and a state of its own, as another host has them. */
  run(host: "north" | "south"): TcsProcess;
  order(...words: string[]): Promise<void>;
  stateOf(): Promise<unknown>;
}

async function openScene(): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await startNats());
  const folder = stack.use(tempFolder());
  for (const host of ["north", "south"]) {
    await folder.write(`${host}/services.yaml`, "services:\n  - {type: hello_world, standby: true}\n");
  }
  const port = String(broker.port);
  return {
    broker,
    run(host) {
      const cwd = join(folder.path, host);
      const tcs = spawnTcs(["run", "--port", port], { cwd, env: { TCS_STATE_DIR: join(cwd, "state") } });
      stack.defer(() => tcs[Symbol.asyncDispose]());
      return tcs;
    },
    async order(...words) {
      expect(await runTcs([...words, ID, "--port", port])).toMatchObject({ code: 0 });
    },
    async stateOf() {
      const { stdout } = await runTcs(["list", "--json", "--port", port]);
      const { services = [] } = stdout === "" ? {} : JSON.parse(stdout);
      return services.find(({ service_id }: { service_id: string }) => service_id === ID)?.state;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("a stop that was ended on another host does not come back when its launcher starts without the broker", async () => {
  await using scene = await openScene();
  const { broker } = scene;
  const first = scene.run("north");
  await first.waitForLine(/1 of 1 service running/);
  await scene.order("stop", "--reason", "dome open");
  await kill(first);
  const second = scene.run("south");
  await second.waitForLine(/0 of 1 service running/);
  await scene.order("start");
  await waitFor("south to run it", async () => (await scene.stateOf()) === "running");
  await broker.kill();
  await kill(second);
  const third = scene.run("north");
  await third.waitForLine(/0 of 1 service running/);
  await broker.start();
  await third.waitForLine(/was started by an operator while this launcher was without the broker: started here/);
  await waitFor("north to run it", async () => (await scene.stateOf()) === "running");
  // For good: the next one that has it knows.
  await kill(third);
  const fourth = scene.run("south");
  await fourth.waitForLine(/1 of 1 service running/);
});

test("a stop on another host counts as soon as a launcher that started without the broker hears of it", async () => {
  await using scene = await openScene();
  const { broker } = scene;
  const first = scene.run("north");
  await first.waitForLine(/1 of 1 service running/);
  await kill(first);
  const second = scene.run("south");
  await second.waitForLine(/1 of 1 service running/);
  await scene.order("stop", "--reason", "dome open");
  await broker.kill();
  await kill(second);
  const third = scene.run("north");
  await third.waitForLine(/1 of 1 service running/);
  await broker.start();
  await third.waitForLine(/was stopped by \S+@\S+ while this launcher was without the broker: stopped here too/);
  await waitFor("north to have stopped it", async () => (await scene.stateOf()) === "stopped");
  // Kept on this host, too.
  await broker.kill();
  await kill(third);
  const fourth = scene.run("north");
  await fourth.waitForLine(/0 of 1 service running/);
});

test("of several orders the latest counts, whoever has the service next", async () => {
  await using scene = await openScene();
  const first = scene.run("north");
  await first.waitForLine(/1 of 1 service running/);
  await scene.order("stop");
  await scene.order("start");
  await scene.order("stop", "--reason", "for good");
  await kill(first);
  const second = scene.run("south");
  await second.waitForLine(/0 of 1 service running/);
  expect(await scene.stateOf()).toBe("stopped");
});
