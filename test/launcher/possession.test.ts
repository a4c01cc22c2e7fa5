// Claims of services that go away before they are answered.
import { expect, test } from "bun:test";
import { Logger } from "../../src/common/logger.ts";
import type { ClaimResult, Lease } from "../../src/launcher/ownership/index.ts";
import { Possession } from "../../src/launcher/possession.ts";
import type { ServiceRunner } from "../../src/launcher/service-runner.ts";
import { within } from "../support/wait.ts";

/** As much of a runner as possession uses. */
const makeRunner = (id: string) =>
  ({ id, row: { standby: false }, events: { removed: undefined } }) as unknown as ServiceRunner;
const LEASE = { changedHands: false } as unknown as Lease;

/** A possession over an ownership whose first claim is answered when the test says. @param inherits answers, in turn */
function scene(...inherits: string[][]) {
  const { promise, resolve } = Promise.withResolvers<ClaimResult>();
  const answers = [promise];
  const [released, ours]: [string[], ServiceRunner[]] = [[], []];
  const confirmed = Promise.withResolvers<ServiceRunner>();
  const possession = new Possession({
    ownership: {
      claim: async () => answers.shift() ?? { ok: true, lease: LEASE },
      mayStart: () => ({ ok: true, ground: "lease" }),
      onLost: () => () => undefined,
      onConfirmed: () => undefined,
      release: async (id) => void released.push(id),
    },
    logger: new Logger("tcs", () => undefined),
    takeover: false,
    inherit: async () => inherits.shift() ?? [],
    onOurs: (runner) => ours.push(runner),
    onConfirmed: confirmed.resolve,
    onLost: () => undefined,
    onReleased: () => undefined,
  });
  return { possession, released, ours, answer: resolve, confirmed: confirmed.promise };
}

test("a service that is removed while it is claimed is not kept from others", async () => {
  const { possession, released, ours, answer } = scene();
  const runner = makeRunner("thing.main-3");
  const claimed = possession.claim([runner]);
  await possession.drop(runner);
  expect(released).toEqual([]);
  answer({ ok: true, lease: LEASE });
  await claimed;
  expect({ released, ours }).toEqual({ released: ["thing.main-3"], ours: [] });
});

test("nor is one whose removal waits for the stops of others; it is not declared again", async () => {
  const { possession, released, ours, answer } = scene();
  const runner = makeRunner("thing.main-3");
  const claimed = possession.claim([runner]);
  runner.events.removed = { by: "ann@vm" };
  answer({ ok: true, lease: LEASE });
  await claimed;
  await possession.drop(runner);
  expect({ released, ours }).toEqual({ released: ["thing.main-3"], ours: [] });
});

test("one that is there again by then is kept", async () => {
  const { possession, released, ours, answer } = scene();
  const [before, after] = [makeRunner("thing.main"), makeRunner("thing.main")];
  const claimed = possession.claim([before]);
  await possession.drop(before);
  await possession.claim([after]);
  answer({ ok: true, lease: LEASE });
  await claimed;
  expect({ released, ours }).toEqual({ released: [], ours: [after] });
});

test("what operators wanted of a service is asked for again when nobody could tell", async () => {
  const { possession, ours, answer, confirmed } = scene(["thing.main"]);
  const runner = makeRunner("thing.main");
  const claimed = possession.claim([runner]);
  answer({ ok: true, lease: { changedHands: true } as unknown as Lease });
  await claimed;
  expect(ours).toEqual([runner]);
  expect(await within("the second look", confirmed)).toBe(runner);
  possession.close();
});
