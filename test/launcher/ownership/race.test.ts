import { expect, test } from "bun:test";
import { waitFor } from "../../support/wait.ts";
import type { TestLauncher } from "./fixtures/launcher-process.ts";
import { entriesOf, openScene, untilItKnows } from "./support.ts";

const ROUNDS = 20;

/** All claims that succeeded, as a log: who, what, and the revision the broker gave. */
function claims(launchers: readonly TestLauncher[]) {
  return launchers.flatMap((launcher) =>
    launcher.all("claimed").map(({ id = "", lease }) => {
      return { name: launcher.name, id, epoch: lease?.epoch ?? 0, revision: lease?.revision ?? 0 };
    }),
  );
}

test("two launchers that race for 100 services, 20 times: one owner each, always", async () => {
  await using scene = await openScene();
  const pair = await Promise.all([scene.here("launcher.a"), scene.elsewhere("launcher.b")]);
  const [a, b] = pair;
  for (let round = 0; round < ROUNDS; round++) {
    const ids = Array.from({ length: 100 }, (_, i) => `r${round}.n${i}`);
    // The second asks in the other order: they meet in the middle.
    a.order("claim", ids);
    b.order("claim", ids.toReversed());
    const answered = (launcher: TestLauncher) => launcher.all("claimed").length + launcher.all("refused").length;
    await waitFor("all answers", () => pair.every((launcher) => answered(launcher) === 100 * (round + 1)));
  }
  const log = claims(pair);
  expect(new Set(log.map(({ id }) => id)).size).toBe(100 * ROUNDS);
  expect(log.length).toBe(100 * ROUNDS);
  // The broker's own record agrees with what each was told.
  const entries = await entriesOf(await scene.connection(), "svc_owners");
  for (const { name, id, revision } of log) {
    expect(entries.get(id)).toMatchObject({ revision, value: { launcher: name, epoch: 1 } });
    const [loser] = pair.filter((launcher) => launcher.name !== name);
    expect(loser?.all("refused", id)[0]?.result).toMatchObject({ reason: "owned", owner: { launcher: name } });
  }
  expect(pair.flatMap((launcher) => launcher.all("lost"))).toEqual([]);
  // A race that one of them always wins would prove little.
  for (const { name } of pair) expect(log.filter((one) => one.name === name).length).toBeGreaterThan(0);
}, 120_000);

test("a service that changes hands 40 times among four launchers has one owner at a time, with growing epochs", async () => {
  await using scene = await openScene();
  const names = ["launcher.a", "launcher.b", "launcher.c", "launcher.d"];
  const launchers = await Promise.all(names.map((name) => scene.here(name)));
  // Who has not reached the broker yet would have it by this host's table, without an epoch.
  for (const launcher of launchers) launcher.order("claim", [`own.${launcher.name}`]);
  for (const [index, launcher] of launchers.entries()) {
    await untilItKnows(launcher, `own.${names[(index + 1) % names.length]}`);
  }
  const log = () => claims(launchers).filter(({ id }) => id === "dome.n0");
  for (const launcher of launchers) launcher.order("claim", ["dome.n0"], { wait: true });
  for (let turn = 1; turn <= 40; turn++) {
    await waitFor(`owner ${turn}`, () => log().length >= turn);
    const owners = log().toSorted((x, y) => x.revision - y.revision);
    expect(owners.map(({ epoch }) => epoch)).toEqual(Array.from({ length: turn }, (_, i) => i + 1));
    const owner = launchers.find(({ name }) => name === owners.at(-1)?.name);
    owner?.order("release", ["dome.n0"]);
    owner?.order("claim", ["dome.n0"], { wait: true });
  }
}, 60_000);
