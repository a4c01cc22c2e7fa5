// Configuration on the broker: set there, it reaches the services of every launcher; whatever is wrong there changes nothing.
import { describe, expect, test } from "bun:test";
import { runTcs, spawnTcs } from "../support/binary.ts";
import { cutAt } from "../support/cut.ts";
import { runFleet, type TestFleet } from "../support/fleet.ts";
import { startNats } from "../support/nats.ts";
import { instancesOf, reload, rewrite } from "../support/reload.ts";
import { askConfig, has, put, startThing, THING, withBroker, YAML } from "../support/remote-values.ts";
import { tempFolder } from "../support/temp.ts";
import { waitFor } from "../support/wait.ts";

test("a value that is set reaches the service, over the file; taken back, the file's counts again", async () => {
  await using fleet = await startThing();
  const set = await askConfig(fleet, "set", "thing.main", "n=2", "limits.max=9", "restart=always");
  expect(set).toMatchObject({ code: 0, stderr: "" });
  expect(set.stdout).toMatch(/^thing\.main: limits\.max: not set -> 9 \(revision \d+\)\nthing\.main: n: not set -> 2/);
  // Of a mapping only what was set is another.
  await fleet.tcs.waitForLine(has(2, '"mode":"day","limits":{"min":1,"max":9}'));
  await fleet.tcs.waitForLine(/reload by \S+@\S+: 1 changed \(thing\.main: /);
  expect(await instancesOf(fleet, "thing.b")).toBe(1);
  expect(fleet.wire.story("thing.b").filter((step) => step === "start")).toHaveLength(1);
  expect(await askConfig(fleet, "unset", "thing.main", "n")).toMatchObject({ code: 0 });
  await fleet.tcs.waitForLine(has(1, '"mode":"day","limits":{"min":1,"max":9}'));
  expect(await askConfig(fleet, "unset", "thing.main", "nn")).toMatchObject({ code: 3 });
  expect(await askConfig(fleet, "get", "thing.main", "limits.max")).toMatchObject({ code: 0, stdout: "9\n" });
});

test("an id is stronger than its type, a type than all services, the command line than everything", async () => {
  await using broker = await startNats();
  await using fleet = await runFleet({
    yaml: YAML,
    files: { "thing.ts": THING },
    args: ["--set", "thing.b.n=7"],
    broker,
  });
  await fleet.tcs.waitForLine(/3 of 3 services running/);
  await askConfig(fleet, "set", "--global", "n=3", "mode=night", "log_level=debug");
  await fleet.tcs.waitForLine(has(3, '"mode":"night"'));
  // Only those that have such a field are concerned; a setting of tcs concerns all.
  await fleet.tcs.waitForLine(/hello_world\.main: log_level[;)]/);
  await askConfig(fleet, "set", "thing", "n=4");
  await fleet.tcs.waitForLine(has(4, '"mode":"night"'));
  await askConfig(fleet, "set", "thing.main", "n=5");
  await fleet.tcs.waitForLine(has(5, '"mode":"night"'));
  expect(fleet.tcs.stderr).toMatch(/thing\.b +has \{"n":7,"mode":"night"/);
  expect(fleet.tcs.stderr).not.toMatch(/thing\.b +has \{"n":[345]/);
});

test("what is set counts from the first moment of a launcher that starts later", async () => {
  await using broker = await startNats();
  {
    await using first = await runFleet({ yaml: YAML, files: { "thing.ts": THING }, broker });
    await first.tcs.waitForLine(/3 of 3 services running/);
    await askConfig(first, "set", "thing.main", "n=6");
    await first.tcs.waitForLine(has(6));
  }
  await using second = await runFleet({ yaml: YAML, files: { "thing.ts": THING }, broker });
  await second.tcs.waitForLine(/3 of 3 services running/);
  expect(second.tcs.stderr).toMatch(has(6));
  expect(second.tcs.stderr).not.toMatch(has(1));
  expect(second.wire.story("thing.main").filter((step) => step === "start")).toHaveLength(1);
});

describe("a value that does not fit is refused before it is stored, with code 5", () => {
  const REFUSED: [string[], RegExp][] = [
    [["thing.main", "n=x"], /^thing\.main: n: given "x", expected a number of at most 99$/m],
    [["thing.main", "mode=dusk"], /mode: given "dusk", expected one of day, night/],
    [["thing.main", "limits.max=high"], /limits\.max: given "high", expected a number/],
    [["thing.main", "nn=1"], /nn: given an unknown field.*did you mean "n"\?/],
    [["thing.main", "restart=sometimes"], /restart: given "sometimes", expected one of no, on-failure/],
    [["thing.main", "command=x"], /command: given what only the configuration file may say/],
    [["thing.main", "pin=1234"], /pin is a secret/],
    [["thin.main", "n=1"], /no schema of thin is known[\s\S]*did you mean thing\?/],
    [["--global", "nothing_has_it=1"], /nothing_has_it: given an unknown field/],
  ];
  test("in plain words; nothing is stored", async () => {
    await using fleet = await startThing();
    for (const [args, words] of REFUSED) {
      const { code, stdout, stderr } = await askConfig(fleet, "set", ...args);
      expect([args, code, stdout]).toEqual([args, 5, ""]);
      expect(stderr).toMatch(words);
    }
    expect(await askConfig(fleet, "list")).toMatchObject({ code: 0, stdout: "" });
    // What nobody knows, or is secret, is stored for who insists; a secret is never shown.
    expect(await askConfig(fleet, "set", "later.main", "n=1", "--force")).toMatchObject({ code: 0 });
    expect((await askConfig(fleet, "set", "thing.main", "pin=12345678", "--force")).stdout).toContain(
      "pin: not set -> ***",
    );
    for (const command of [
      ["list"],
      ["get", "thing.main"],
      ["history", "thing.main"],
      ["export"],
      ["list", "--json"],
    ]) {
      const { code, stdout } = await askConfig(fleet, ...command);
      expect([command, code]).toEqual([command, 0]);
      expect(stdout).toContain("***");
      expect(stdout).not.toContain("12345678");
    }
    expect(fleet.tcs.stderr).not.toContain("12345678");
  });
});

test("what got in all the same changes nothing, and is told with its revision; what is good beside it is applied", async () => {
  await using fleet = await startThing();
  const before = fleet.wire.story("thing.main");
  // Only code can tell that 13 is wrong, so only the launcher does.
  expect(await askConfig(fleet, "set", "thing.main", "n=13")).toMatchObject({ code: 0 });
  await fleet.tcs.waitForLine(
    /thing\.main: given these values, expected no 13 \(with tcs_config thing\.main revision \d+ by \S+@\S+\)/,
  );
  await fleet.tcs.waitForLine(/tcs_config thing\.main revision \d+ by \S+: it changes nothing/);
  await put(fleet, "id.thing.main", "{half");
  await fleet.tcs.waitForLine(/tcs_config thing\.main revision \d+: it is no JSON .*it changes nothing/);
  await put(fleet, "id.thing.main", JSON.stringify({ fields: { n: "much", command: ["sh"] }, by: "eve@evil" }));
  await fleet.tcs.waitForLine(/tcs_config thing\.main revision \d+ by eve@evil: .*only the configuration file may say/);
  await put(fleet, "stranger", "{}");
  await askConfig(fleet, "set", "thing.b", "n=8");
  await fleet.tcs.waitForLine(/thing\.b +has \{"n":8,/);
  expect(fleet.wire.story("thing.main")).toEqual(before);
  // Mended, it counts.
  expect(await askConfig(fleet, "set", "thing.main", "n=4", "--force")).toMatchObject({ code: 5 });
  expect(await askConfig(fleet, "unset", "thing.main", "--all")).toMatchObject({ code: 0 });
  expect(await askConfig(fleet, "set", "thing.main", "n=4")).toMatchObject({ code: 0 });
  await fleet.tcs.waitForLine(has(4));
});

test("history tells who set what, and rollback brings it back", async () => {
  await using fleet = await startThing();
  for (const n of [2, 3]) await askConfig(fleet, "set", "thing.main", `n=${n}`);
  const { revisions } = JSON.parse((await askConfig(fleet, "history", "thing.main", "--json")).stdout);
  expect(revisions.map(({ fields }: { fields: object }) => fields)).toEqual([{ n: 2 }, { n: 3 }]);
  expect((await askConfig(fleet, "history", "thing.main")).stdout).toMatch(
    /^revision \d+ by \S+@\S+, .*\n {2}n: 2 -> 3\nrevision/,
  );
  expect((await askConfig(fleet, "diff", "thing.main")).stdout).toBe("thing.main: n: 2 -> 3\n");
  await fleet.tcs.waitForLine(has(3));
  expect((await askConfig(fleet, "rollback", "thing.main")).stdout).toMatch(/^thing\.main: n: 3 -> 2 /);
  await waitFor("the earlier value", () => /has \{"n":3,.*\n(?:.*\n)*.*has \{"n":2,/.test(fleet.tcs.stderr));
  expect((await askConfig(fleet, "history", "thing.main")).stdout).toMatch(
    new RegExp(`revision ${revisions[0].revision} brought back`),
  );
  expect((await askConfig(fleet, "rollback", "thing.main", String(revisions[1].revision))).stdout).toMatch(
    /n: 2 -> 3 /,
  );
  expect(await askConfig(fleet, "rollback", "thing.main", "99")).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/there are \d/),
  });
  expect(await askConfig(fleet, "history", "thing.nobody")).toMatchObject({ code: 3 });
});

test("of two writers the second is told who was first, and what is different now", async () => {
  await using fleet = await startThing();
  const { now } = JSON.parse((await askConfig(fleet, "set", "thing.main", "n=2", "--json")).stdout);
  await fleet.folder.write("mine.yaml", (await askConfig(fleet, "export")).stdout.replace("n: 2", "n: 5"));
  await askConfig(fleet, "set", "thing.main", "n=3");
  const second = await askConfig(fleet, "set", "thing.main", "n=4", "--revision", String(now.revision));
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(/thing\.main is at revision \d+, not \d+: changed by \S+@\S+, .*: n: 2 -> 3/);
  const applied = await runTcs(["config", "apply", "mine.yaml", "--port", String(fleet.broker.port)], {
    cwd: fleet.folder.path,
  });
  expect(applied).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("n: 2 -> 3") });
  expect((await askConfig(fleet, "get", "thing.main", "n")).stdout).toBe("3\n");
});

describe("apply", () => {
  const apply = (fleet: TestFleet, port: number, ...args: string[]) =>
    runTcs(["config", "apply", "new.yaml", "--port", String(port), ...args], { cwd: fleet.folder.path });

  test("stores a whole document, or nothing of one with a fault in it", async () => {
    await using fleet = await startThing();
    await fleet.folder.write(
      "new.yaml",
      "types:\n  thing: {mode: night}\nservices:\n  thing.main: {n: 2}\n  thing.b:\n    n: x\n",
    );
    expect(await apply(fleet, fleet.broker.port)).toMatchObject({
      code: 5,
      stdout: "",
      stderr: expect.stringMatching(/^new\.yaml:6:5: thing\.b: n: given "x", expected a number/),
    });
    expect((await askConfig(fleet, "list")).stdout).toBe("");
    await fleet.folder.write("new.yaml", "types:\n  thing: {mode: night}\nservices:\n  - {type: thing, n: 2}\n");
    expect((await apply(fleet, fleet.broker.port, "--dry-run")).stdout).toBe(
      "type thing: mode: not set -> night\nthing.main: n: not set -> 2\n",
    );
    expect(await apply(fleet, fleet.broker.port)).toMatchObject({ code: 0 });
    await fleet.tcs.waitForLine(has(2, '"mode":"night"'));
    expect(await apply(fleet, fleet.broker.port)).toMatchObject({ code: 0, stdout: "" });
    await fleet.folder.write("new.yaml", "service:\n  thing.main: {n: 2}\n");
    expect(await apply(fleet, fleet.broker.port)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('did you mean "services"'),
    });
  });

  test("says which were stored when the broker goes in the middle", async () => {
    await using fleet = await startThing();
    await using way = await cutAt(fleet.broker.port, "$KV.tcs_config.id.", 3);
    const ids = ["a", "b", "c", "d"].map((variant) => `thing.${variant}`);
    await fleet.folder.write("new.yaml", `services:\n${ids.map((id) => `  ${id}: {n: 2, mode: night}\n`).join("")}`);
    const { code, stdout, stderr } = await apply(fleet, way.port);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^thing\.a: .*\nthing\.a: .*\nthing\.b: .*\nthing\.b: .*\n$/);
    expect(stderr).toContain("stored: thing.a, thing.b\n");
    expect(stderr).toContain("not stored: thing.d\n");
    expect(stderr).toContain("perhaps stored: thing.c");
    // All of a service, or nothing.
    const { settings } = JSON.parse((await askConfig(fleet, "list", "--json")).stdout);
    for (const { fields } of settings) expect(fields).toEqual({ n: 2, mode: "night" });
    expect(await apply(fleet, fleet.broker.port)).toMatchObject({ code: 0 });
  });
});

test("a bucket that is wiped stops and changes nothing, is told once, and is followed again when it is back", async () => {
  await using fleet = await startThing();
  await askConfig(fleet, "set", "thing.main", "n=2");
  await fleet.tcs.waitForLine(has(2));
  await withBroker(fleet.broker.url, async (connection) => {
    await (await connection.jetstreamManager()).streams.delete("KV_tcs_config");
  });
  await fleet.tcs.waitForLine(/the broker has lost tcs_config thing\.main revision \d+ by \S+: the values stay in use/);
  // A reload for another reason keeps them too.
  await rewrite(fleet, YAML.replace("variant: b", "variant: b, n: 9"));
  expect(await reload(fleet)).toMatchObject({ code: 0, changed: [{ service_id: "thing.b" }] });
  await askConfig(fleet, "set", "thing.main", "n=3");
  await fleet.tcs.waitForLine(has(3));
  expect(fleet.tcs.stderr.match(/the broker has lost/g)).toHaveLength(1);
  expect(fleet.tcs.stderr).not.toMatch(/ERROR/);
});

test("while the broker is away everything goes on; what was set meanwhile elsewhere is applied when it is back", async () => {
  await using fleet = await startThing();
  await askConfig(fleet, "set", "thing.main", "n=2");
  await fleet.tcs.waitForLine(has(2));
  await fleet.broker.kill();
  await fleet.tcs.waitForLine(/connection to the broker lost/);
  expect(await askConfig(fleet, "set", "thing.main", "n=3")).toMatchObject({ code: 4 });
  await fleet.broker.start();
  // Who counts by what he hears must hear all of it.
  await waitFor("the listener", async () => {
    await fleet.wire.flush();
    return true;
  });
  await waitFor("the broker", async () => (await askConfig(fleet, "set", "thing.main", "n=4")).code === 0);
  await fleet.tcs.waitForLine(has(4));
  expect(await instancesOf(fleet, "thing.main")).toBe(1);
});

test("a launcher that starts without a broker runs its file, and applies what is set when the broker comes", async () => {
  await using broker = await startNats();
  await withBroker(broker.url, async (connection) => {
    const kv = await connection.jetstream().views.kv("tcs_config");
    await kv.put("id.thing.main", JSON.stringify({ fields: { n: 5 }, by: "ann@vm" }));
  });
  await broker.stop();
  using folder = tempFolder();
  await folder.write("services.yaml", `nats: {port: ${broker.port}}\n${YAML}`);
  await folder.write("thing.ts", THING);
  await using tcs = spawnTcs(["run"], { cwd: folder.path });
  await tcs.waitForLine(has(1));
  await broker.start();
  await tcs.waitForLine(/reload by ann@vm: 1 changed \(thing\.main: n\)/);
  await tcs.waitForLine(has(5));
});

test("a document on a subject counts below the file, in an envelope too", async () => {
  await using broker = await startNats();
  const publish = (text: string) =>
    withBroker(broker.url, async (connection) => {
      await connection.jetstream().publish("site.config", text);
    });
  await withBroker(broker.url, async (connection) => {
    await (await connection.jetstreamManager()).streams.add({ name: "site", subjects: ["site.>"] });
  });
  await publish(JSON.stringify({ data: { types: { thing: { n: 50, mode: "night" } } }, meta: { id: "1" } }));
  await using fleet = await runFleet({
    yaml: `  config_subject: site.config\n${YAML}`,
    files: { "thing.ts": THING },
    broker,
  });
  await fleet.tcs.waitForLine(/3 of 3 services running/);
  expect(fleet.tcs.stderr).toMatch(has(1, '"mode":"night"'));
  expect(fleet.tcs.stderr).toMatch(/thing\.b +has \{"n":50,"mode":"night"/);
  await publish("types:\n  thing:\n    n: 51\n");
  await fleet.tcs.waitForLine(/thing\.b +has \{"n":51,"mode":"day"/);
  await fleet.wire.waitForEvent("ready", "thing.b", 2);
  await publish("services:\n  hello_world.main: {interval: 50}\n");
  // What it does not say any more does not count any more.
  await fleet.tcs.waitForLine(/thing\.b +has \{"n":0,"mode":"day"/);
  await fleet.wire.waitForEvent("ready", "thing.b", 3);
  await publish("types:\n  thing:\n    n: 51\n");
  await fleet.wire.waitForEvent("ready", "thing.b", 4);
  const before = fleet.wire.story("thing.b");
  await publish("types: [\n");
  await fleet.tcs.waitForLine(/document site\.config revision 5: .*it changes nothing/);
  await publish("types:\n  thing:\n    n: many\n");
  await fleet.tcs.waitForLine(/document site\.config revision 6: thing\.b\.n: given "many"/);
  expect(fleet.wire.story("thing.b")).toEqual(before);
});

test("with another prefix there is a bucket of its own", async () => {
  await using broker = await startNats();
  const ask = (...args: string[]) => runTcs(["config", ...args, "--port", String(broker.port)]);
  expect(await ask("set", "thing.main", "restart=no", "--prefix", "ocm.svc")).toMatchObject({ code: 0 });
  expect(JSON.parse((await ask("list", "--json", "--prefix", "ocm.svc")).stdout)).toMatchObject({
    bucket: "ocm_svc_tcs_config",
    settings: [{ kind: "service", name: "thing.main", fields: { restart: "no" } }],
  });
  expect(JSON.parse((await ask("list", "--json")).stdout)).toMatchObject({ bucket: "tcs_config", settings: [] });
});
