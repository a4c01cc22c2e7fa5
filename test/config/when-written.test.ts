// A file that is being written is waited for.
import { expect, test } from "bun:test";
import { appendFileSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { whenWritten } from "../../src/config/when-written.ts";
import { tempFolder } from "../support/temp.ts";

test("it is waited for until it is whole", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "f");
  writeFileSync(file, "");
  let left = 10;
  const writing = setInterval(() => {
    appendFileSync(file, "piece\n");
    if (--left === 0) clearInterval(writing);
  }, 15);
  await whenWritten(file);
  expect(readFileSync(file, "utf8")).toBe("piece\n".repeat(10));
});

test("one that was written a while ago, that is of the future, or that is not there, is not waited for", async () => {
  using folder = tempFolder();
  const [old, future] = [join(folder.path, "old"), join(folder.path, "future")];
  writeFileSync(old, "");
  utimesSync(old, 1, 1);
  writeFileSync(future, "");
  utimesSync(future, Date.now() / 1000 + 100, Date.now() / 1000 + 100);
  const msOf = async (files: string[]) => {
    const begun = performance.now();
    for (const file of files) await whenWritten(file);
    return performance.now() - begun;
  };
  const young = join(folder.path, "young");
  writeFileSync(young, "");
  const waited = await msOf([young]);
  const rounds = await Array.fromAsync({ length: 5 }, () => msOf([old, future, join(folder.path, "none")]));
  // The least of them: the machine may be busy.
  expect(Math.min(...rounds)).toBeLessThan(waited / 2);
});

test("one that is written all the time is not waited for for ever", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "f");
  writeFileSync(file, "");
  const writing = setInterval(() => appendFileSync(file, "."), 5);
  await whenWritten(file);
  clearInterval(writing);
  expect(readFileSync(file, "utf8").length).toBeGreaterThan(5);
});
