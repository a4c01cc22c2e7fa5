// What counts of the values that came, were set aside, lost, taken back, or kept by an earlier run.
import { beforeEach, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/common/json.ts";
import { Logger } from "../../../src/common/logger.ts";
import type { OverlayEntry, Scope } from "../../../src/config/overlay.ts";
import { RemoteValues } from "../../../src/launcher/remote/index.ts";

const MAIN: Scope = { kind: "service", id: "thing.main" };
const TYPE: Scope = { kind: "type", type: "thing" };
const SERVICE = { id: "thing.main", type: "thing" };

let said: string[];
let values: RemoteValues;
beforeEach(() => {
  said = [];
  const logger = new Logger("tcs", ({ level, message }) => said.push(`${level}: ${message}`));
  values = new RemoteValues(logger, () => [SERVICE]);
});

const entry = (scope: Scope, fields: JsonObject, revision = 1, place = "bucket"): OverlayEntry => ({
  scope,
  fields,
  origin: { place: `${place} ${scope.kind}`, revision, by: "ann@vm", time: revision },
});
const given = () => values.give().over.map(({ fields }) => fields);
const take = (...args: Parameters<typeof entry>) => values.take("over", { entry: entry(...args) });
const adopt = () => {
  values.give();
  values.use();
};

test("a value that is new is news until it is in use; the same again is none", () => {
  take(MAIN, { n: 1 });
  expect([values.news.length, given()]).toEqual([1, [{ n: 1 }]]);
  adopt();
  take(MAIN, { n: 1 }, 2);
  expect(values.news).toEqual([]);
});

test("what is of no service here is no news", () => {
  take({ kind: "service", id: "other.main" }, { n: 1 });
  expect(values.news).toEqual([]);
});

test("one that is refused leaves what was in use, and is told once; the next good one counts", () => {
  take(MAIN, { n: 1 });
  adopt();
  take(MAIN, { n: 2 }, 2);
  expect(values.refuse(["bucket service revision 2 by ann@vm: n: given 2"])).toBe(true);
  expect([given(), values.news.length, said.length]).toEqual([[{ n: 1 }], 0, 1]);
  take(MAIN, { n: 3 }, 3);
  expect(given()).toEqual([{ n: 3 }]);
  expect(values.refuse(["services.yaml:3:1: something else"])).toBe(false);
});

test("one that is missing, and was not taken back, is told and stays in use; one that was taken back does not", () => {
  take(MAIN, { n: 1 });
  take(TYPE, { n: 2 });
  adopt();
  values.takeAll("over", [{ entry: entry(TYPE, {}, 3) }]);
  expect(given()).toEqual([{ n: 1 }, {}]);
  adopt();
  expect(said).toEqual([expect.stringContaining("the broker has lost bucket service revision 1 by ann@vm")]);
  expect(values.inUseFor(SERVICE)).toEqual(["bucket service revision 1 by ann@vm (the broker has lost it)"]);
  expect(values.inUse).toEqual({ over: [entry(MAIN, { n: 1 })], under: [] });
});

test("what a document does not say any more is taken back, but not by one that is wrong", () => {
  const { origin } = entry(TYPE, {}, 2);
  const document = (...entries: OverlayEntry[]) =>
    values.takeDocument(
      "under",
      entries.map((one) => ({ entry: one })),
      origin,
    );
  document(entry(MAIN, { n: 1 }), entry(TYPE, { n: 2 }));
  adopt();
  values.takeDocument("under", [{ entry: entry({ kind: "global" }, {}, 2), fault: "no YAML" }], origin);
  expect(values.news).toEqual([]);
  expect(said).toEqual([expect.stringContaining("no YAML; it changes nothing")]);
  document(entry(TYPE, { n: 2 }, 3));
  expect(values.news.map(({ scope, fields }) => [scope, fields])).toEqual([[MAIN, {}]]);
});

test("what was kept counts only where nothing newer is known, and is marked until the broker has confirmed it", () => {
  take(TYPE, { n: 5 }, 9);
  values.recall("over", [entry(MAIN, { n: 1 }), entry(TYPE, { n: 2 })], 0);
  adopt();
  expect(given()).toEqual([{ n: 5 }, { n: 1 }]);
  expect(values.inUseFor(SERVICE)).toEqual([
    "bucket service revision 1 by ann@vm (as kept at 1970-01-01 00:00:00 UTC)",
    "bucket type revision 9 by ann@vm",
  ]);
  take(MAIN, { n: 1 });
  expect([values.news, values.inUseFor(SERVICE)[0]]).toEqual([[], "bucket service revision 1 by ann@vm"]);
});
