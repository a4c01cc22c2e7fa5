import { expect, test } from "bun:test";
import { LEASE_MS, openScene, untilItKnows } from "./support.ts";

test("an owner that is asked lets go, and who asked gets it, whoever else waits", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner");
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const standbys = await Promise.all(["launcher.x", "launcher.y"].map((name) => scene.here(name)));
  for (const standby of standbys) standby.order("claim", ["dome.main"], { wait: true });
  for (const standby of standbys) await untilItKnows(standby, "dome.main");
  const taker = await scene.elsewhere("launcher.taker");
  taker.order("claim", ["dome.main"], { takeover: true });
  expect((await taker.waitFor("claimed")).lease).toMatchObject({ scope: "broker" });
  await owner.waitFor("released");
  await Bun.sleep(LEASE_MS);
  expect(standbys.flatMap((one) => one.all("claimed"))).toEqual([]);
  expect(owner.all("lost")).toEqual([]);
});

test("an owner that refuses keeps it, and who asked is told why", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner", { refuses: true });
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const taker = await scene.here("launcher.taker");
  taker.order("claim", ["dome.main"], { takeover: true });
  expect((await taker.waitFor("refused")).result).toMatchObject({
    reason: "owned",
    owner: { launcher: "launcher.owner" },
    message: expect.stringContaining("the operator said no"),
  });
});

test("an owner that does not answer keeps it while it lives", async () => {
  await using scene = await openScene();
  const owner = await scene.elsewhere("launcher.owner", { deaf: true });
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const taker = await scene.elsewhere("launcher.taker");
  taker.order("claim", ["dome.main"], { takeover: true });
  expect((await taker.waitFor("refused")).result?.message).toContain("did not release dome.main");
});

test("an owner that is frozen loses it when its lease is over, and when it hears of the request it is too late", async () => {
  await using scene = await openScene();
  const owner = await scene.here("launcher.owner");
  owner.order("claim", ["dome.main"]);
  await owner.waitFor("claimed");
  const taker = await scene.here("launcher.taker");
  await untilItKnows(taker, "dome.main");
  // Asked within its lease: later it would not be asked at all.
  owner.signal("SIGSTOP");
  taker.order("claim", ["dome.main"], { takeover: true });
  await taker.waitFor("claimed");
  owner.signal("SIGCONT");
  await owner.waitFor("released");
  await Bun.sleep(LEASE_MS);
  owner.order("owner", ["dome.main"]);
  expect((await owner.waitFor("owner")).owner).toMatchObject({ launcher: "launcher.taker" });
  expect(taker.all("lost")).toEqual([]);
});

test("taking over what nobody has is a plain claim", async () => {
  await using scene = await openScene();
  const taker = await scene.here("launcher.taker");
  taker.order("claim", ["dome.main"], { takeover: true });
  expect((await taker.waitFor("claimed")).lease).toMatchObject({ epoch: 1 });
});
