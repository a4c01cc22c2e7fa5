// Hearing of changes, whatever way they are made, and of nothing else.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PathWatch } from "../../../src/launcher/dev/path-watch.ts";
import { type TempFolder, tempFolder } from "../../support/temp.ts";
import { waitFor } from "../../support/wait.ts";

let folder: TempFolder;
let watch: PathWatch;
let events: number;
let faults: string[];
beforeEach(async () => {
  folder = tempFolder();
  events = 0;
  faults = [];
  watch = new PathWatch({ onEvent: () => events++, onFault: (path, fault) => faults.push(`${path}: ${fault}`) });
  await folder.write("a/one.ts", "1");
});
afterEach(() => {
  watch.close();
  folder[Symbol.dispose]();
});

const path = (name: string) => join(folder.path, name);

/** Does something, and waits until it is heard of. */
async function heard(what: () => unknown): Promise<void> {
  const before = events;
  await what();
  await waitFor("the event", () => events > before);
}
/** Does something, and sees that nothing is heard of it: an event that follows is the first. */
async function notHeard(what: () => unknown): Promise<void> {
  const before = events;
  await what();
  await Bun.sleep(50);
  expect(events).toBe(before);
}

test("every way to save a file is heard of, and no other file", async () => {
  watch.watch([path("a/one.ts")]);
  await heard(() => writeFileSync(path("a/one.ts"), "2"));
  await heard(() => {
    writeFileSync(path("a/one.tmp~"), "3");
    renameSync(path("a/one.tmp~"), path("a/one.ts"));
  });
  await heard(() => rmSync(path("a/one.ts")));
  await heard(() => writeFileSync(path("a/one.ts"), "4"));
  await Bun.sleep(50);
  await notHeard(() => writeFileSync(path("a/two.ts"), "1"));
  await notHeard(() => writeFileSync(path("b.log"), "much"));
});

test("a name without an extension stands for all of them", async () => {
  watch.watch([path("a/later")]);
  await heard(() => writeFileSync(path("a/later.ts"), "1"));
  await heard(() => mkdirSync(path("a/later")));
  watch.watch([path("a/later")]);
  await heard(() => writeFileSync(path("a/later/index.ts"), "1"));
});

test("a folder that goes and comes back is watched again", async () => {
  watch.watch([path("a/one.ts")]);
  for (let round = 0; round < 3; round++) {
    await heard(() => rmSync(path("a"), { recursive: true }));
    watch.watch([path("a/one.ts")]);
    await heard(() => mkdirSync(path("a")));
    watch.watch([path("a/one.ts")]);
    await heard(() => writeFileSync(path("a/one.ts"), `${round}`));
  }
  await heard(() => {
    renameSync(path("a"), path("old"));
    mkdirSync(path("a"));
  });
  watch.watch([path("a/one.ts")]);
  await heard(() => writeFileSync(path("a/one.ts"), "9"));
  await notHeard(() => writeFileSync(path("old/one.ts"), "9"));
});

test("folders that are not there yet are waited for, however deep", async () => {
  watch.watch([path("x/y/z/deep.ts")]);
  for (const name of ["x", "x/y", "x/y/z"]) {
    await heard(() => mkdirSync(path(name)));
    watch.watch([path("x/y/z/deep.ts")]);
  }
  await heard(() => writeFileSync(path("x/y/z/deep.ts"), "1"));
  expect(faults).toEqual([]);
});

test("what is no longer wanted is not heard of", async () => {
  watch.watch([path("a/one.ts")]);
  watch.watch([]);
  await notHeard(() => writeFileSync(path("a/one.ts"), "2"));
  watch.watch([path("a/one.ts")]);
  watch.close();
  await notHeard(() => writeFileSync(path("a/one.ts"), "3"));
});
