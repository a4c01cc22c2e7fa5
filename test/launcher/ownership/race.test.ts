import { expect, test } from "bun:test";
import { waitFor } from "../../support/wait.ts";
import type { TestLauncher } from "./fixtures/launcher-process.ts";
import { openScene, serviceIds } from "./support.ts";

const ROUNDS = 20;

/** Who has each service, by what the launchers were told; each told once. */
function owners(launchers: readonly TestLauncher[], round: number): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const launcher of launchers) {
    for (const { id = "" } of launcher.all("claimed").filter((one) => one.id?.startsWith(`r${round}.`))) {
      found.set(id, [...(found.get(id) ?? []), launcher.name]);
    }
  }
  return found;
}

test("two launchers that race for 100 services, 20 times: one owner each, always", async () => {
  await using scene = await openScene();
  const [a, b] = await Promise.all([scene.here("launcher.a"), scene.elsewhere("launcher.b")]);
  const pair = [a, b];
  let both = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ids = Array.from({ length: 100 }, (_, i) => `r${round}.n${i}`);
    // The second asks in the other order: they meet in the middle.
    a.order("claim", ids);
    b.order("claim", ids.toReversed());
    for (const launcher of pair) {
      await Promise.all(
        ids.map((id) => Promise.race([launcher.waitFor("claimed", id), launcher.waitFor("refused", id)])),
      );
    }
    const found = owners(pair, round);
    expect([...found.values()].map((names) => names.length)).toEqual(ids.map(() => 1));
    for (const id of ids) {
      const winner = found.get(id)?.[0];
      const [loser] = pair.filter(({ name }) => name !== winner);
      expect(loser?.all("refused", id)[0]?.result).toMatchObject({ reason: "owned", owner: { launcher: winner } });
    }
    if (new Set([...found.values()].flat()).size === 2) both++;
  }
  expect(a.all("lost").concat(b.all("lost"))).toEqual([]);
  // A race that one of them always wins would prove little.
  expect(
    both + new Set([...Array(ROUNDS).keys()].map((round) => [...owners(pair, round).values()][0]?.[0])).size,
  ).toBeGreaterThan(1);
}, 120_000);

test("a service that changes hands 40 times among four launchers has one owner at a time, with growing epochs", async () => {
  await using scene = await openScene();
  const launchers = await Promise.all(
    ["launcher.a", "launcher.b", "launcher.c", "launcher.d"].map((n) => scene.here(n)),
  );
  const [id = ""] = serviceIds(1);
  const byName = new Map(launchers.map((launcher) => [launcher.name, launcher]));
  for (const launcher of launchers) launcher.order("claim", [id], { wait: true });
  const history: { name: string; epoch: number; revision: number }[] = [];
  const claims = () => launchers.flatMap((l) => l.all("claimed", id).map((one) => ({ name: l.name, ...one.lease })));
  for (let turn = 1; turn <= 40; turn++) {
    const all = await waitFor(`owner ${turn}`, () => (claims().length >= turn ? claims() : undefined));
    expect(all.length).toBe(turn);
    const latest = all.reduce((a, b) => ((b.revision ?? 0) > (a.revision ?? 0) ? b : a));
    history.push({ name: latest.name, epoch: latest.epoch ?? 0, revision: latest.revision ?? 0 });
    byName.get(latest.name)?.order("release", [id]);
    byName.get(latest.name)?.order("claim", [id], { wait: true });
  }
  expect(history.map(({ epoch }) => epoch)).toEqual(history.map((_, i) => i + 1));
  expect(new Set(history.map(({ revision }) => revision)).size).toBe(40);
}, 60_000);
