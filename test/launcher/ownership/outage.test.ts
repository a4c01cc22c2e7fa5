import { expect, test } from "bun:test";
import { startNats } from "../../support/nats.ts";
import { openProxy } from "../../support/proxy.ts";
import { waitFor } from "../../support/wait.ts";
import { entriesOf, LEASE_MS, openScene, serviceIds, untilItKnows } from "./support.ts";

test("over a crash and restart of the broker every service keeps its owner", async () => {
  await using scene = await openScene();
  const ids = serviceIds(50);
  const owner = await scene.elsewhere("launcher.owner");
  owner.order("claim", ids);
  for (const id of ids) await owner.waitFor("claimed", id);
  const standby = await scene.elsewhere("launcher.standby");
  standby.order("claim", ids, { wait: true });
  await untilItKnows(standby, "dome.n0");
  await scene.broker.kill();
  await Bun.sleep(LEASE_MS * 1.5);
  owner.order("may", [ids[0] ?? ""]);
  expect((await owner.waitFor("may")).permission).toEqual({ ok: false, ground: "lapsed" });
  await scene.broker.start();
  await waitFor("its permission", async () => {
    owner.order("may", [ids[0] ?? ""]);
    await Bun.sleep(20);
    return owner.all("may").at(-1)?.permission?.ok;
  });
  await Bun.sleep(LEASE_MS * 1.5);
  expect(owner.all("lost").concat(standby.all("claimed"))).toEqual([]);
});

test("what is claimed for the first time while the broker is away is refused, or waits until it is back", async () => {
  await using scene = await openScene();
  const launcher = await scene.here("launcher.a");
  launcher.order("claim", ["dome.first"]);
  await launcher.waitFor("claimed");
  await scene.broker.kill();
  launcher.order("claim", ["dome.second"]);
  expect((await launcher.waitFor("refused", "dome.second")).result).toMatchObject({ reason: "no_broker" });
  launcher.order("claim", ["dome.third"], { wait: true });
  await scene.broker.start();
  expect((await launcher.waitFor("claimed", "dome.third")).lease).toMatchObject({ scope: "broker" });
});

test("without a broker, launchers of one host share out the services by themselves; the broker confirms it later", async () => {
  await using scene = await openScene();
  await scene.broker.kill();
  const ids = serviceIds(100);
  const pair = await Promise.all([scene.here("launcher.a"), scene.here("launcher.b")]);
  for (const launcher of pair) launcher.order("claim", ids);
  const answers = (event: string) => pair.flatMap((launcher) => launcher.all(event));
  await waitFor("all answers", () => answers("claimed").length + answers("refused").length === 200);
  expect(
    answers("claimed")
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(ids.toSorted());
  expect(answers("claimed").every(({ lease }) => lease?.scope === "host")).toBe(true);
  expect(answers("refused").every(({ result }) => result?.reason === "owned" && result.owner.kind === "host")).toBe(
    true,
  );
  expect(answers("log").filter(({ text }) => text?.includes("only launchers of this host"))).toHaveLength(2);
  await scene.broker.start();
  const [claimed] = answers("claimed");
  const third = await scene.elsewhere("launcher.c");
  await waitFor("the broker's word", async () => {
    third.order("owner", [claimed?.id ?? ""]);
    await Bun.sleep(20);
    return third.all("owner").at(-1)?.owner;
  });
  expect(answers("lost")).toEqual([]);
});

test("of two launchers on two hosts that both started without a broker, one yields when it is there", async () => {
  await using scene = await openScene();
  await scene.broker.kill();
  const ids = serviceIds(20);
  const pair = await Promise.all([scene.elsewhere("launcher.a"), scene.elsewhere("launcher.b")]);
  for (const launcher of pair) {
    launcher.order("claim", ids);
    for (const id of ids) await launcher.waitFor("claimed", id);
  }
  await scene.broker.start();
  const lost = () => pair.flatMap((launcher) => launcher.all("lost"));
  await waitFor("one to yield", () => lost().length >= ids.length);
  await Bun.sleep(LEASE_MS);
  expect(
    lost()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(ids.toSorted());
  for (const { id = "", owner } of lost()) {
    const winner = pair.find(({ name }) => name === owner?.launcher);
    expect(winner?.all("lost", id)).toEqual([]);
  }
});

test("an owner that is cut off yields to the standby that took over meanwhile", async () => {
  await using scene = await openScene();
  await using proxy = await openProxy(scene.broker.port);
  const owner = await scene.elsewhere("launcher.owner", { url: proxy.url, acts: true });
  owner.order("claim", serviceIds(5));
  for (const id of serviceIds(5)) await owner.waitFor("claimed", id);
  const standby = await scene.elsewhere("launcher.standby", { acts: true });
  standby.order("claim", ["dome.n0"], { wait: true });
  await untilItKnows(standby, "dome.n0");
  await Bun.sleep(LEASE_MS);
  proxy.black();
  const claimed = await standby.waitFor("claimed");
  expect(Math.max(...owner.all("acted", "dome.n0").map(({ at }) => at))).toBeLessThan(claimed.at);
  expect(owner.all("lost")).toEqual([]);
  proxy.heal();
  expect((await owner.waitFor("lost", "dome.n0")).owner).toMatchObject({ launcher: "launcher.standby" });
  // The others it has again, though its session was ended.
  const before = owner.all("acted", "dome.n1").length;
  await owner.waitFor("acted", "dome.n1", before + 5);
  expect(owner.all("lost").map(({ id }) => id)).toEqual(["dome.n0"]);
  expect(standby.all("lost")).toEqual([]);
});

test("a standby that is cut off takes nothing, then or later", async () => {
  await using scene = await openScene();
  await using proxy = await openProxy(scene.broker.port);
  const owner = await scene.elsewhere("launcher.owner");
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const standby = await scene.elsewhere("launcher.standby", { url: proxy.url });
  standby.order("claim", ["dome.main"], { wait: true });
  await untilItKnows(standby, "dome.main");
  proxy.black();
  await Bun.sleep(LEASE_MS * 2.5);
  proxy.heal();
  await Bun.sleep(LEASE_MS * 2);
  expect(standby.all("claimed").concat(owner.all("lost"))).toEqual([]);
});

test("with a broker that has no JetStream, the launchers of one host share out the services by themselves", async () => {
  await using broker = await startNats({ jetstream: false });
  await using scene = await openScene();
  const pair = await Promise.all(["launcher.a", "launcher.b"].map((name) => scene.here(name, { url: broker.url })));
  for (const launcher of pair) launcher.order("claim", ["dome.main"]);
  const told = (event: string) => pair.flatMap((launcher) => launcher.all(event));
  await waitFor("both answers", () => told("claimed").length + told("refused").length === 2);
  expect(told("claimed").map(({ lease }) => lease?.scope)).toEqual(["host"]);
  expect(told("log").some(({ text }) => text?.includes("without JetStream"))).toBe(true);
});

test("a claim on what is ours already, while its lease has run out, waits for the broker and is granted again", async () => {
  await using scene = await openScene();
  const launcher = await scene.here("launcher.a");
  launcher.order("claim", ["dome.main"]);
  await launcher.waitFor("claimed");
  await scene.broker.kill();
  await Bun.sleep(LEASE_MS);
  launcher.order("claim", ["dome.main"]);
  expect((await launcher.waitFor("refused")).result).toMatchObject({ reason: "no_broker" });
  launcher.order("claim", ["dome.main"], { wait: true });
  await scene.broker.start();
  await launcher.waitFor("claimed", "dome.main", 2);
});

test("what a launcher runs since a start without a broker stays its own when the lease of its earlier life is not over yet", async () => {
  await using scene = await openScene();
  const leaseMs = 6_000;
  // As a container that is started again: nothing proves the end of what ran in it before.
  const before = await scene.elsewhere("launcher.owner", { leaseMs });
  before.order("claim", ["dome.main"]);
  await before.waitFor("claimed");
  await before.kill();
  await scene.broker.kill();
  const after = await scene.here("launcher.owner", { place: "another place", leaseMs });
  after.order("claim", ["dome.main"]);
  await after.waitFor("claimed");
  await scene.broker.start();
  const connection = await scene.connection();
  await waitFor("the lease of the later life", async () => {
    const entry = (await entriesOf(connection, "svc_owners")).get("dome.main");
    return entry?.value.pid === after.pid;
  });
  expect(after.all("lost")).toEqual([]);
});
