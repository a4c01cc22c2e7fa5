// What a launcher leaves for its units, and they for it.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { forgetStop, notedStop, noteStop, orderStop, readUnitOrder } from "../../../src/launcher/systemd/unit-order.ts";
import { tempFolder } from "../../support/temp.ts";

test("a stop that no launcher saw is noted until the service runs again", () => {
  using folder = tempFolder();
  const file = join(folder.path, "dome.main");
  expect(notedStop(file)).toBeUndefined();
  const before = Date.now();
  noteStop(file);
  expect(notedStop(file)).toBeGreaterThanOrEqual(before);
  forgetStop(file);
  expect(notedStop(file)).toBeUndefined();
});

test("a stop that a launcher has ordered is nobody's, though none saw it", () => {
  using folder = tempFolder();
  const file = join(folder.path, "dome.main");
  orderStop(file);
  noteStop(file);
  expect(notedStop(file)).toBeUndefined();
  forgetStop(file);
  noteStop(file);
  expect(notedStop(file)).toBeGreaterThan(0);
});

test("a note of another boot, or a damaged one, counts for nothing", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "dome.main");
  await folder.write("dome.main.stopped", JSON.stringify({ boot: "another", at: 1 }));
  expect(notedStop(file)).toBeUndefined();
  await folder.write("dome.main.stopped", "{");
  expect(notedStop(file)).toBeUndefined();
});

test("an order that is missing, or of another version, is refused with what to do", async () => {
  using folder = tempFolder();
  expect(() => readUnitOrder(join(folder.path, "none"))).toThrow("ENOENT");
  await folder.write("old", JSON.stringify({ version: 0 }));
  expect(() => readUnitOrder(join(folder.path, "old"))).toThrow("version 0, expected 1");
});
