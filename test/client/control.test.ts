// The client with a real fleet: seen, asked and controlled.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type FleetChange, ServiceControlClient } from "../../src/client/index.ts";
import { LOOP, runFleet, serviceFile, type TestFleet } from "../support/fleet.ts";
import { waitFor } from "../support/wait.ts";
import { openPatient } from "./following.ts";

const by = "test@here";
let fleet: TestFleet;
let client: ServiceControlClient;

beforeAll(async () => {
  fleet = await runFleet({
    yaml: `services:
  - {type: thing, variant: one}
  - {type: thing, variant: two, launcher: process, restart: always, restart_sec: 0}
`,
    files: {
      "thing.ts": serviceFile(
        `${LOOP}\n  @rpc("add") add({ a, b }: { a: number; b: number }) { return { sum: a + b }; }`,
        undefined,
        'import { rpc } from "ocabox-tcs";',
      ),
    },
  });
  await fleet.tcs.waitForLine(/2 of 2 services running/);
  client = new ServiceControlClient(await openPatient(fleet.broker.url));
});
afterAll(async () => {
  await client.connection.close();
  await fleet[Symbol.asyncDispose]();
});

describe("questions", () => {
  test("are answered by the service, by as much of its name as tells it from others", async () => {
    expect(await client.health("thing.one")).toMatchObject({ service_id: "thing.one", status: "ok" });
    expect(await client.stats("two")).toMatchObject({ service_id: "thing.two" });
    expect(await client.rpc("thing.one", "add", { a: 2, b: 3 })).toEqual({ sum: 5 });
    expect(await client.why("one")).toMatchObject({ id: "thing.one", answers: [{ answer: { state: "running" } }] });
  });

  test("to nobody name the nearest; a refusal is an error with its words", async () => {
    expect(client.health("thing.onne")).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      hint: 'did you mean "thing.one"?',
    });
    expect(client.rpc("thing.one", "subtract")).rejects.toThrow("subtract");
  });
});

describe("orders", () => {
  test("are carried out, and followed", async () => {
    const end = new AbortController();
    const changes: FleetChange[] = [];
    const following = (async () => {
      for await (const change of client.follow(end.signal)) changes.push(change);
    })();
    await waitFor("what is known", () => changes.length > 0);
    const told = (type: string) =>
      changes.filter((change) => change.type === type && change.service.serviceId === "thing.one");
    expect(await client.stop("thing.one", { by, reason: "lens cleaning" })).toMatchObject([
      { serviceId: "thing.one", ok: true, reply: { result: "stopped" } },
    ]);
    await waitFor("the stop to be told", () => told("stop").length === 1);
    await waitFor("who did it", () => client.getCurrentService("thing.one")?.heldBy);
    expect(client.getCurrentService("thing.one")?.heldBy).toMatchObject({ by, reason: "lens cleaning" });
    expect((await client.start("one", { by }))[0]).toMatchObject({ ok: true, reply: { result: "started" } });
    await waitFor("the start to be told", () => told("start").length === 1);
    const results = await client.restart(["thing.*"], { by });
    expect(results.map(({ serviceId, ok }) => [serviceId, ok])).toEqual([
      ["thing.one", true],
      ["thing.two", true],
    ]);
    await waitFor("both to be told", () => told("start").length === 2 && told("stop").length === 2);
    end.abort();
    await following;
  });

  test("for what nobody has do nothing", async () => {
    expect(client.stop(["thing.one", "nobody.here"], { by })).rejects.toThrow("nothing was done");
    expect(client.restart("*", { by, launcher: "elsewhere" })).rejects.toThrow("no launcher");
    expect(await client.getService("thing.one")).toMatchObject({ running: true });
  });
});

test("a process that is killed is told as stopped, with how it ended, and as started again", async () => {
  const told: string[] = [];
  client.onServiceStop = ({ serviceId, crashExitCode }) => told.push(`stop ${serviceId} ${crashExitCode}`);
  client.onServiceStart = ({ serviceId, restartState }) => told.push(`start ${serviceId} ${restartState}`);
  await client.startFollowing();
  process.kill(client.getCurrentService("thing.two")?.pid ?? 0, "SIGKILL");
  await waitFor("the restart to be told", () => told.length >= 2);
  client.stopFollowing();
  expect(told).toEqual(["stop thing.two -9", "start thing.two recovered"]);
});
