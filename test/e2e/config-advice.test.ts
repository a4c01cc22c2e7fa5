// Of what is set on the broker and has no effect: whoever sets it, or looks at it, is told so, and what to do.
import { expect, test } from "bun:test";
import { runTcs } from "../support/binary.ts";
import { cutAt } from "../support/cut.ts";
import { runFleet } from "../support/fleet.ts";
import { askFleet } from "../support/reload.ts";
import { askConfig, has, put, startThing } from "../support/remote-values.ts";
import { waitFor } from "../support/wait.ts";

test("values for a service that nobody has are stored, with the name that may be meant; the list tells it as well", async () => {
  await using fleet = await startThing();
  const set = await askConfig(fleet, "set", "thing.mian", "n=2");
  expect(set).toMatchObject({ code: 0, stdout: "thing.mian: n: not set -> 2 (revision 1)\n" });
  expect(set.stderr).toBe(
    "tcs: no launcher has thing.mian: such values wait for one that does (did you mean thing.main?)\n",
  );
  expect((await askConfig(fleet, "set", "thing.main", "n=2")).stderr).toBe("");
  expect((await askConfig(fleet, "list")).stderr).toBe(set.stderr);
  const ids = Array.from({ length: 8 }, (_, i) => `thing.x${i}`);
  await fleet.folder.write("new.yaml", `services:\n${ids.map((id) => `  ${id}: {n: 3}\n`).join("")}`);
  const applied = await askConfig(fleet, "apply", `${fleet.folder.path}/new.yaml`);
  expect(applied).toMatchObject({ code: 0 });
  expect(applied.stderr).toBe(
    `tcs: no launcher has ${ids.slice(0, 6).join(", ")} and 2 more: such values wait for one that does\n`,
  );
});

test("a stored value that does not fit is marked wherever it is shown", async () => {
  await using fleet = await startThing();
  await put(fleet, "id.thing.main", '{"fields":{"n":"x"}}');
  await fleet.tcs.waitForLine(/revision 1: it changes nothing/);
  const told = 'not in use: thing.main revision 1: n: given "x", expected a number of at most 99';
  const list = await askConfig(fleet, "list");
  expect(list).toMatchObject({ code: 0, stderr: `tcs: ${told}\n` });
  expect((await askConfig(fleet, "get", "thing.main")).stderr).toContain(told);
  const { settings } = JSON.parse((await askConfig(fleet, "list", "--json")).stdout);
  expect(settings).toMatchObject([{ name: "thing.main", faults: [told] }]);
});

test("what is wrong already does not lock a service: the refusal says what to take back", async () => {
  await using fleet = await startThing();
  await put(fleet, "id.thing.main", '{"fields":{"n":"x","gone":1}}');
  const refused = await askConfig(fleet, "set", "thing.main", "mode=night", "limits.max=x");
  expect(refused).toMatchObject({ code: 5, stdout: "" });
  expect(refused.stderr).toContain(
    'nothing was stored; some of it is there already: "tcs config unset thing.main n gone" takes it back',
  );
  expect(await askConfig(fleet, "unset", "thing.main", "n", "gone")).toMatchObject({ code: 0 });
  expect(await askConfig(fleet, "set", "thing.main", "mode=night")).toMatchObject({ code: 0, stderr: "" });
  await fleet.tcs.waitForLine(has(1, '"mode":"night"'));
});

test("a document that cannot be compared with what is stored says that nothing was stored; one that is missing, what it would be", async () => {
  await using fleet = await startThing();
  await using way = await cutAt(fleet.broker.port, "CREATE.KV_tcs_config", 1);
  await fleet.folder.write("new.yaml", "services:\n  thing.main: {n: 3}\n");
  const applied = await runTcs(["config", "apply", "new.yaml", "--port", String(way.port)], {
    cwd: fleet.folder.path,
  });
  expect(applied).toMatchObject({ code: 4, stdout: "" });
  expect(applied.stderr).toMatch(/^tcs: .*\n +nothing was stored\n$/);
  expect(await askConfig(fleet, "list")).toMatchObject({ stdout: "" });
  expect((await askConfig(fleet, "apply", "/nowhere.yaml")).stderr).toBe(
    "/nowhere.yaml: given no such file, expected a document of values (tcs config export writes one)\n",
  );
});

test("faults of a document are told in the order of its lines; one that names nothing says so", async () => {
  await using fleet = await startThing();
  await fleet.folder.write(
    "new.yaml",
    "services:\n  thing.main: {n: x}\ntypes:\n  thing: {m: 1}\nglobal: {log_level: x}\n",
  );
  const { code, stderr } = await askConfig(fleet, "apply", `${fleet.folder.path}/new.yaml`);
  expect(code).toBe(5);
  expect([...stderr.matchAll(/new\.yaml:(\d+):\d+: /g)].map(([, line]) => line)).toEqual(["2", "4", "5"]);
  await fleet.folder.write("empty.yaml", "# nothing\n");
  expect(await askConfig(fleet, "apply", `${fleet.folder.path}/empty.yaml`)).toMatchObject({
    code: 0,
    stderr: "tcs: nothing to change: the document names nothing\n",
  });
});

test("tcs why tells changes of values in words, not in JSON", async () => {
  await using fleet = await startThing();
  await askConfig(fleet, "set", "thing.main", "config_reload=live");
  await askConfig(fleet, "set", "thing.main", "n=2");
  const isTold = async () =>
    /declared .*config_change=applied \(n\)$/m.test((await askFleet(fleet, "why", "thing.main")).stdout);
  await waitFor("the change in words", isTold);
});

test("a service that refuses what is set tells whoever sets it; the next value it takes is told as before", async () => {
  await using fleet = await runFleet({ yaml: "services: [examples.reconfigure]\n" });
  await fleet.tcs.waitForLine(/1 of 1 service running/);
  const set = (...args: string[]) => askConfig(fleet, "set", ...args);
  await waitFor("the schema", async () => (await set("examples.reconfigure.main", "interval=x")).code === 5);
  for (const word of ["examples.reconfigure.main", "examples.reconfigure"]) {
    const refused = await set(word, "interval=0.01");
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("interval: not set -> 0.01 (revision ") });
    expect(refused.stderr).toBe(
      "tcs: examples.reconfigure.main has refused its new values (interval): no look takes less than 0.1 s; it keeps those before\n",
    );
    expect(await set(word, "interval=3")).toMatchObject({ code: 0, stderr: "" });
    expect(await askConfig(fleet, "unset", word, "interval")).toMatchObject({ code: 0, stderr: "" });
  }
});

test("a launcher whose file is broken takes no new values: whoever sets some is told why, and they count when it is mended", async () => {
  await using fleet = await startThing();
  const good = await Bun.file(`${fleet.folder.path}/services.yaml`).text();
  await fleet.folder.write("services.yaml", `${good}  - {type: thing, variant: c, restart: nevr}\n`);
  const told =
    /^tcs: launcher \S+ on \S+ \(worker\) runs on what it read last, and takes no new values: .*services\.yaml is not valid: .*restart: given "nevr"/m;
  for (const args of [
    ["thing.main", "n=2"],
    ["thing", "mode=night"],
    ["--global", "log_level=debug"],
  ]) {
    const set = await askConfig(fleet, "set", ...args);
    expect(set).toMatchObject({ code: 1, stdout: expect.stringContaining("(revision ") });
    expect(set.stderr).toMatch(told);
  }
  await fleet.folder.write("services.yaml", good);
  expect(await askFleet(fleet, "reload")).toMatchObject({ code: 0 });
  await fleet.tcs.waitForLine(has(2, '"mode":"night"'));
});
