import { expect, test } from "bun:test";
import { waitFor } from "../../support/wait.ts";
import { entriesOf, LEASE_MS, openScene, serviceIds } from "./support.ts";

const HOUR_MS = 3_600_000;

test("a bucket that is deleted is made again, and every owner is in it again", async () => {
  await using scene = await openScene();
  const ids = serviceIds(20);
  const owner = await scene.elsewhere("launcher.owner");
  owner.order("claim", ids);
  for (const id of ids) await owner.waitFor("claimed", id);
  const connection = await scene.connection();
  const manager = await connection.jetstreamManager();
  await manager.streams.delete("KV_svc_owners");
  await waitFor("the bucket", async () => (await entriesOf(connection, "svc_owners")).size > ids.length);
  const other = await scene.elsewhere("launcher.other");
  other.order("claim", ids);
  for (const id of ids) await other.waitFor("refused", id);
  expect(owner.all("lost").concat(other.all("claimed"))).toEqual([]);
});

test("an owner whose entry is overwritten with junk, or deleted by hand, writes it again", async () => {
  await using scene = await openScene();
  const ids = serviceIds(4);
  const owner = await scene.elsewhere("launcher.owner");
  owner.order("claim", ids);
  for (const id of ids) await owner.waitFor("claimed", id);
  const connection = await scene.connection();
  const kv = await connection.jetstream().views.kv("svc_owners", { bindOnly: true });
  const [a = "", b = "", c = "", d = ""] = ids;
  await kv.put(a, Uint8Array.of(0xff, 0, 1));
  await kv.put(b, JSON.stringify({ launcher: "launcher.ghost", host: "nowhere", pid: 1, session: "session_ghost" }));
  await kv.delete(c);
  await kv.purge(d);
  await waitFor("its entries", async () => {
    const entries = await entriesOf(connection, "svc_owners").catch(() => undefined);
    return ids.every((id) => entries?.get(id)?.value.launcher === "launcher.owner");
  });
  owner.order("may", ids);
  for (const id of ids) expect((await owner.waitFor("may", id)).permission).toEqual({ ok: true, ground: "lease" });
  expect(owner.all("lost")).toEqual([]);
});

test("junk in the bucket is nobody's: a service with such an entry can be claimed", async () => {
  await using scene = await openScene();
  const connection = await scene.connection();
  const kv = await connection.jetstream().views.kv("svc_owners");
  const junk = [
    "",
    "no json",
    "null",
    "[]",
    "{}",
    '{"session": 7}',
    '{"session":"","launcher":"x","host":"y","pid":1}',
  ];
  for (const [i, text] of junk.entries()) await kv.put(`dome.n${i}`, text);
  await kv.put("one_word", "junk");
  const launcher = await scene.here("launcher.a");
  const ids = serviceIds(junk.length);
  launcher.order("claim", ids);
  for (const id of ids) await launcher.waitFor("claimed", id);
  expect(launcher.all("refused")).toEqual([]);
});

test("a session overwritten with junk is renewed again, and nobody takes its services", async () => {
  await using scene = await openScene();
  const owner = await scene.elsewhere("launcher.owner");
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const standby = await scene.elsewhere("launcher.standby");
  standby.order("claim", ["dome.main"], { wait: true });
  const connection = await scene.connection();
  const kv = await connection.jetstream().views.kv("svc_owners", { bindOnly: true });
  const entry = await kv.get("dome.main");
  const { session } = entry?.json<{ session: string }>() ?? { session: "" };
  await kv.put(session, "junk");
  await Bun.sleep(LEASE_MS * 2);
  expect((await kv.get(session))?.json<{ launcher: string }>()).toMatchObject({ launcher: "launcher.owner" });
  expect(owner.all("lost").concat(standby.all("claimed"))).toEqual([]);
});

test.each([-5 * HOUR_MS, 5 * HOUR_MS])("a clock that is wrong by %p ms changes nothing", async (clockOffsetMs) => {
  await using scene = await openScene();
  const owner = await scene.elsewhere("launcher.owner", { clockOffsetMs });
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const standby = await scene.elsewhere("launcher.standby");
  standby.order("claim", ["dome.main"], { wait: true });
  await Bun.sleep(LEASE_MS * 2);
  expect(owner.all("lost").concat(standby.all("claimed"))).toEqual([]);
  await owner.kill();
  const killedAt = Date.now();
  expect((await standby.waitFor("claimed")).at - killedAt).toBeGreaterThan(LEASE_MS / 2);
});

test("two subject prefixes on one broker have nothing to do with each other", async () => {
  await using scene = await openScene();
  const pair = await Promise.all([
    scene.here("launcher.a", { prefix: "ocm.svc" }),
    scene.here("launcher.b", { prefix: "lab.svc" }),
  ]);
  for (const launcher of pair) {
    launcher.order("claim", ["dome.main"]);
    await launcher.waitFor("claimed");
  }
  const connection = await scene.connection();
  expect((await entriesOf(connection, "ocm_svc_owners")).get("dome.main")?.value).toMatchObject({
    launcher: "launcher.a",
  });
  expect((await entriesOf(connection, "lab_svc_owners")).get("dome.main")?.value).toMatchObject({
    launcher: "launcher.b",
  });
});
