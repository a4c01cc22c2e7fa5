import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeToDisk } from "../../src/common/to-disk.ts";
import { tempFolder } from "../support/temp.ts";

test("a file is replaced as a whole, for its user only, and nothing is left beside it", () => {
  using folder = tempFolder();
  const path = join(folder.path, "record.json");
  writeFileSync(path, "before");
  writeToDisk(path, "after");
  expect(readFileSync(path, "utf8")).toBe("after");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(["record.json"]);
});

test("where it cannot be put, what was there stays, and nothing is left beside it", () => {
  using folder = tempFolder();
  const path = join(folder.path, "taken");
  mkdirSync(join(path, "by a folder"), { recursive: true });
  expect(() => writeToDisk(path, "after")).toThrow();
  expect(readdirSync(folder.path)).toEqual(["taken"]);
  expect(readdirSync(path)).toEqual(["by a folder"]);
});
