// What remote sources said of a fleet, kept for a start without them.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forgetLastGood, lastGoodWords, loadLastGood, saveLastGood } from "../../src/config/last-good.ts";
import { tempFolder } from "../support/temp.ts";

const folder = tempFolder();
const before = process.env.TCS_STATE_DIR;
afterAll(() => {
  if (before === undefined) delete process.env.TCS_STATE_DIR;
  else process.env.TCS_STATE_DIR = before;
  folder[Symbol.dispose]();
});
const file = join(folder.path, "services.yaml");
const OVERLAY = {
  over: [{ scope: { kind: "service", id: "a.main" }, fields: { interval: 2, pass: "sesame" } }],
  under: [],
};
let state: string;
let round = 0;
beforeEach(() => {
  state = join(folder.path, `state${++round}`);
  mkdirSync(state);
  process.env.TCS_STATE_DIR = state;
  writeFileSync(file, "services: [a]\n");
});
const kept = () => join(state, "launchers", readdirSync(join(state, "launchers"))[0] ?? "");

test("comes back as it was kept, with its time; nothing is there before", () => {
  expect(loadLastGood(file)).toEqual({ found: false });
  saveLastGood(file, OVERLAY, 1_700_000_000_000);
  expect(loadLastGood(file)).toEqual({ found: true, overlay: OVERLAY, savedAt: 1_700_000_000_000 });
  saveLastGood(file, { over: [], under: [] }, 1_700_000_001_000);
  expect(loadLastGood(file)).toMatchObject({ overlay: { over: [], under: [] } });
  forgetLastGood(file);
  expect(loadLastGood(file)).toEqual({ found: false });
});

test("is the fleet's, by whatever name its file is called, and no other's", () => {
  saveLastGood(file, OVERLAY);
  const link = join(folder.path, `link${round}.yaml`);
  symlinkSync(file, link);
  expect(loadLastGood(link)).toMatchObject({ found: true });
  const other = join(folder.path, "other.yaml");
  writeFileSync(other, "");
  expect(loadLastGood(other)).toEqual({ found: false });
});

test("is readable for this user only, in one file, without leftovers", () => {
  saveLastGood(file, OVERLAY);
  saveLastGood(file, OVERLAY);
  expect(readdirSync(join(state, "launchers")).length).toBe(1);
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
  chmodSync(kept(), 0o644);
  expect(loadLastGood(file)).toMatchObject({ found: false, fault: expect.stringContaining("others may read") });
});

test.each([
  ["cut short", (path: string) => truncateSync(path, 40)],
  ["empty", (path: string) => truncateSync(path, 0)],
  [
    "of another version",
    (path: string) => writeFileSync(path, '{"version": 2, "saved_at": "2026-01-01", "overlay": {}}'),
  ],
  ["something else", (path: string) => writeFileSync(path, "[]")],
])("what is %s is not used, and it is said why", (_, damage) => {
  saveLastGood(file, OVERLAY);
  damage(kept());
  expect(loadLastGood(file)).toMatchObject({ found: false, fault: expect.stringMatching(/not used|cannot be read/) });
});

test("a disk that does not take it leaves what was kept before", () => {
  saveLastGood(file, OVERLAY);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  // What is no JSON fails like a disk that is full: before the file is replaced.
  expect(() => saveLastGood(file, circle as never)).toThrow();
  expect(loadLastGood(file)).toMatchObject({ overlay: OVERLAY });
});

test.each([
  [20_000, "just now"],
  [12 * 60_000, "12 min ago"],
  [5 * 3_600_000, "5 h ago"],
  [72 * 3_600_000, "3 days ago"],
  [-5000, "by a clock that is ahead of this one"],
])("it is told from when it is: %d ms, %s", (age, words) => {
  const savedAt = Date.UTC(2026, 10, 21, 4);
  expect(lastGoodWords("the broker is away", { overlay: {}, savedAt }, savedAt + age)).toBe(
    `the broker is away: its values count as they were kept at 2026-11-21 04:00:00 UTC (${words})`,
  );
});
