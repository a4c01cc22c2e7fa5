// What goes wrong with the values on a broker, on purpose: a fleet runs on, nothing half-applied, and somebody is told.
import { describe, expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { canFakeTime, fakeClock } from "../support/faketime.ts";
import { LOOP, runFleet, serviceFile } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { askFleet, instancesOf } from "../support/reload.ts";
import { askConfig, has, put, startThing, THING, withBroker, YAML } from "../support/remote-values.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

const bucket = (url: string, options: { max_bytes?: number; max_msgs?: number }) =>
  withBroker(url, async (connection) => {
    const { streams } = await connection.jetstreamManager();
    await streams.add({
      name: "KV_tcs_config",
      subjects: ["$KV.tcs_config.>"],
      max_msgs_per_subject: 64,
      // The broker's own word for: refuse what has no more room.
      discard: "new" as never,
      ...options,
    });
  });

test("a bucket without room refuses, in plain words; what is in use stays, and it is stored when there is room", async () => {
  await using broker = await startNats();
  await bucket(broker.url, { max_msgs: 2 });
  await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": THING }, broker });
  await fleet.tcs.waitForLine(/3 of 3 services running/);
  for (const n of [2, 3]) expect((await askConfig(fleet, "set", "thing.main", `n=${n}`, "--force")).code).toBe(0);
  await fleet.tcs.waitForLine(has(3));
  const refused = await askConfig(fleet, "set", "thing.main", "n=4", "--force");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(
    /tcs_config: the broker refused: maximum messages exceeded\n.*no more room: nothing was stored/,
  );
  expect((await askConfig(fleet, "get", "thing.main", "n")).stdout).toBe("3\n");
  await fleet.folder.write("new.yaml", "services:\n  thing.b: {n: 5}\n  thing.main: {n: 6}\n");
  const applied = await runTcs(["config", "apply", "new.yaml", "--port", String(broker.port)], {
    cwd: fleet.folder.path,
  });
  expect(applied).toMatchObject({ code: 1, stdout: "" });
  expect(applied.stderr).toMatch(/stored: nothing\n.*not stored: thing\.b, thing\.main\n/);
  await withBroker(broker.url, async (connection) => {
    const { streams } = await connection.jetstreamManager();
    await streams.update("KV_tcs_config", { max_msgs: 100 });
  });
  expect((await askConfig(fleet, "set", "thing.main", "n=4", "--force")).code).toBe(0);
  await fleet.tcs.waitForLine(has(4));
});

test("without JetStream a fleet runs its file, and who sets something is told what is missing", async () => {
  await using broker = await startNats({ jetstream: false });
  await using fleet = await runFleet({ yaml: YAML, files: { "thing.ts": THING }, broker });
  await fleet.tcs.waitForLine(/3 of 3 services running/);
  await fleet.tcs.waitForLine(/tcs_config cannot be read: .*JetStream.*; the configuration stays as it is/);
  const set = await askConfig(fleet, "set", "thing.main", "restart=no");
  expect(set).toMatchObject({ code: 1, stdout: "" });
  expect(set.stderr).toMatch(/JetStream[\s\S]*start nats-server with -js/);
});

test("a launcher that may not read the bucket runs its file, and says once whom the broker does not let do what", async () => {
  await using broker = await startNats({
    config: `authorization { users = [ { user: l, password: x, permissions: { publish: { deny: ["$JS.API.*.*.KV_tcs_config"] } } } ] }`,
  });
  using folder = tempFolder();
  await folder.write("services.yaml", "services: [hello_world]\n");
  await using tcs = spawnTcs(["run"], {
    cwd: folder.path,
    env: { NATS_URL: broker.url.replace("://", "://l:x@"), TCS_STATE_DIR: `${folder.path}/.state` },
  });
  await tcs.waitForLine(/1 of 1 service running/);
  await tcs.waitForLine(/tcs_config cannot be read: the broker does not let the user "l" publish to \$JS\.API\.STREAM/);
  await tcs.waitForLine(/Hello World!(.|\n)*Hello World!/);
  expect(tcs.stderr.match(/tcs_config cannot be read/g)).toHaveLength(1);
});

test("rubbish in the bucket changes nothing, and does not keep good values away", async () => {
  await using fleet = await startThing();
  const before = fleet.wire.story("thing.main");
  const deep = `${'{"a":'.repeat(50)}1${"}".repeat(50)}`;
  const RUBBISH: [string, RegExp][] = [
    ["[1]", /it is no JSON object/],
    ['{"n":2}', /it has no object "fields"/],
    [`{"fields":${deep}}`, /nested deeper than 20/],
    [JSON.stringify({ fields: { n: 2, more: "x".repeat(300_000) } }), /larger than 256 KiB/],
    ["\u0000\ufffd", /it is no JSON/],
    ['{"fields":{"__proto__":{"n":5}}}', /__proto__: given an unknown field|thing\.main.*__proto__/],
    ['{"fields":{"n":2.5e400}}', /n: given|it is no JSON/],
    ['{"fields":{"n":"2"},"by":"eve\\n2026 ERROR forged"}', /by eve 2026 ERROR forged: .*n: given "2"/],
  ];
  for (const [text, words] of RUBBISH) {
    await put(fleet, "id.thing.main", text);
    await fleet.tcs.waitForLine(words);
  }
  for (const key of ["id", "x.y", "type.", "id.thing.main.more"].filter((one) => !one.endsWith(".")))
    await put(fleet, key, '{"fields":{"n":3}}');
  await put(fleet, "id.thing.b", '{"fields":{"n":6}}');
  await fleet.tcs.waitForLine(/thing\.b +has \{"n":6,/);
  expect(fleet.wire.story("thing.main")).toEqual(before);
  expect(fleet.tcs.stderr).not.toMatch(/^2026 ERROR forged/m);
  const list = await askConfig(fleet, "list");
  expect(list.code).toBe(0);
  expect(list.stdout).toMatch(/thing\.b +n +6/);
  expect(await askConfig(fleet, "set", "thing.main", "n=4", "--force")).toMatchObject({ code: 0 });
  await fleet.tcs.waitForLine(has(4));
});

test.skipIf(!canFakeTime)(
  "clocks that are wrong do not decide: the latest to be stored counts, whoever's clock is ahead",
  async () => {
    await using fleet = await startThing();
    using folder = tempFolder();
    const clock = fakeClock(folder.path);
    const set = (n: number) =>
      runTcs(["config", "set", "thing.main", `n=${n}`, "--port", String(fleet.broker.port)], { env: clock.env });
    clock.set(86_400);
    expect(await set(2)).toMatchObject({ code: 0 });
    await fleet.tcs.waitForLine(has(2));
    clock.set(-86_400);
    expect(await set(3)).toMatchObject({ code: 0 });
    await fleet.tcs.waitForLine(has(3));
    const history = await runTcs(["config", "history", "thing.main", "--port", String(fleet.broker.port)], {
      env: clock.env,
    });
    // Times are the broker's; of a time to come no age is told.
    expect(history.stdout).toMatch(/^revision 2 by \S+@\S+, \d{4}-\S+ \S+ UTC\n {2}n: 2 -> 3\n/);
    expect(await instancesOf(fleet, "thing.main")).toBe(1);
  },
);

test("a stream that is emptied behind the bucket's back is seen within seconds: the values stay in use", async () => {
  await using fleet = await startThing();
  for (const id of ["thing.main", "thing.b"]) await askConfig(fleet, "set", id, "n=2");
  await fleet.tcs.waitForLine(has(2));
  await withBroker(fleet.broker.url, async (connection) => {
    const { streams } = await connection.jetstreamManager();
    await streams.purge("KV_tcs_config", { filter: "$KV.tcs_config.id.thing.main" });
  });
  const lost = /the broker has lost tcs_config thing\.main revision \d+ by \S+: the values stay in use/;
  await fleet.tcs.waitForLine(lost);
  expect((await askFleet(fleet, "why", "thing.main")).stdout).toContain("(the broker has lost it)");
  await withBroker(fleet.broker.url, async (connection) => {
    await (await connection.jetstreamManager()).streams.purge("KV_tcs_config");
  });
  await fleet.tcs.waitForLine(/the broker has lost .*thing\.b revision/);
  await askConfig(fleet, "set", "thing.main", "n=3");
  await fleet.tcs.waitForLine(has(3));
  expect(await instancesOf(fleet, "thing.b")).toBe(1);
});

describe("a document on a subject", () => {
  test("that no stream stores is told once, and followed as soon as there is one", async () => {
    await using fleet = await runFleet({
      yaml: `  config_subject: site.config\n${YAML}`,
      files: { "thing.ts": THING },
    });
    await fleet.tcs.waitForLine(/3 of 3 services running/);
    await fleet.tcs.waitForLine(/the document on site\.config cannot be read: no stream on this broker stores it/);
    await withBroker(fleet.broker.url, async (connection) => {
      await (await connection.jetstreamManager()).streams.add({ name: "site", subjects: ["site.>"] });
      await connection.jetstream().publish("site.config", JSON.stringify({ types: { thing: { n: 9 } } }));
    });
    await fleet.tcs.waitForLine(/thing\.b +has \{"n":9,/);
    expect(fleet.tcs.stderr.match(/site\.config cannot be read/g)).toHaveLength(1);
  });
});

test("two launchers take a value each for its own services, those that hear of it while they run, within a second", async () => {
  await using broker = await startNats();
  const hears = serviceFile(
    `onStart() { this.logger.info("starts with " + this.config.n); }
     async onConfigChange(next) { if (next.n > 9) throw new Error("more than 9"); this.logger.info("told " + next.n); }
     ${LOOP}`,
    "BaseBlockingPermanentService<typeof Config>",
    "const Config = BaseServiceConfig.extend({ n: z.number().default(0) });",
  ).replace("@service\n", "@service({ config: Config })\n");
  const start = (variant: string) =>
    runFleet({ yaml: `services:\n  - {type: thing, variant: ${variant}}\n`, files: { "thing.ts": hears }, broker });
  await using first = await start("a");
  await using second = await start("b");
  for (const { tcs } of [first, second]) await tcs.waitForLine(/1 of 1 service running/);
  await waitFor("the schema", async () => (await askConfig(first, "set", "thing", "n=x")).code === 5);
  await put(first, "type.thing", JSON.stringify({ fields: { n: 5 }, by: "ann@vm" }));
  const began = performance.now();
  await Promise.all([first, second].map(({ tcs }) => tcs.waitForLine(/told 5/)));
  expect(performance.now() - began).toBeLessThan(1_000);
  // What a service itself refuses, it does not have; everybody is told who wanted it.
  await askConfig(first, "set", "thing.a", "n=10");
  await first.tcs.waitForLine(/thing\.a has refused its new values \(n\): more than 9/);
  expect((await askFleet(first, "why", "thing.a")).stdout).toMatch(/it has refused a change \(n\): more than 9/);
  await askConfig(first, "set", "thing", "n=6");
  await second.tcs.waitForLine(/told 6/);
  for (const { tcs } of [first, second]) expect(tcs.stderr.match(/starts with/g)).toHaveLength(1);
});
