// What services run with, against what their files are: by content.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rmSync, symlinkSync, utimesSync } from "node:fs";
import { join, relative } from "node:path";
import { Sources } from "../../../src/launcher/dev/sources.ts";
import { type TempFolder, tempFolder } from "../../support/temp.ts";

let folder: TempFolder;
let sources: Sources;
beforeEach(async () => {
  folder = tempFolder();
  await folder.write("one.ts", 'import "./lib.ts"; export const n = 1;');
  await folder.write("two.ts", 'import "./lib.ts"; export const n = 2;');
  await folder.write("lib.ts", "export const lib = 1;");
  sources = new Sources();
  sources.track([file("one"), file("two")]);
});
afterEach(() => folder[Symbol.dispose]());

const path = (name: string) => join(folder.path, name);
const file = (name: string) => ({ id: `${name}.main`, path: path(`${name}.ts`) });
const look = (isFinal = false) =>
  sources.look({ isFinal }).changed.map(({ id, files, isUndone }) => {
    const names = files.map((name) => relative(folder.path, name)).join(" ");
    return `${id} ${names}${isUndone ? " undone" : ""}`;
  });

test("nothing has changed", () => expect(look()).toEqual([]));

test("a file concerns the services that import it, each change once", async () => {
  await folder.write("one.ts", 'import "./lib.ts"; export const n = 11;');
  expect(look()).toEqual(["one.main one.ts"]);
  expect(look()).toEqual([]);
  await folder.write("lib.ts", "export const lib = 2;");
  expect(look()).toEqual(["one.main lib.ts", "two.main lib.ts"]);
});

test("a file that is touched, or written as it was, is the same", async () => {
  utimesSync(path("lib.ts"), new Date(), new Date());
  expect(look()).toEqual([]);
  await folder.write("lib.ts", "export const lib = 1;");
  expect(look()).toEqual([]);
});

test("a file of a new import concerns it from then on, and one that is no longer imported does not", async () => {
  await folder.write("new.ts", "export const a = 1;");
  await folder.write("one.ts", 'import "./new.ts";');
  // What was done, not what follows from it.
  expect(look()).toEqual(["one.main one.ts"]);
  await folder.write("new.ts", "export const a = 2;");
  expect(look()).toEqual(["one.main new.ts"]);
  await folder.write("lib.ts", "export const lib = 2;");
  expect(look()).toEqual(["two.main lib.ts"]);
});

test("a file that was imported before it was there concerns it when it comes", async () => {
  await folder.write("one.ts", 'import "./later";');
  expect(look()).toEqual(["one.main one.ts"]);
  expect([...sources.paths]).toContain(path("later"));
  await folder.write("later.ts", "export const a = 1;");
  expect(look()).toEqual(["one.main later.ts"]);
});

describe("a file that is gone or empty", () => {
  test.each(["gone", "empty"])("%s for a moment may be being written: then it is as if nothing was", async (how) => {
    if (how === "gone") rmSync(path("lib.ts"));
    else await folder.write("lib.ts", "");
    expect(sources.look()).toEqual({ changed: [], isUnsettled: true });
    await folder.write("lib.ts", "export const lib = 1;");
    expect(sources.look()).toEqual({ changed: [], isUnsettled: false });
    await folder.write("lib.ts", "export const lib = 3;");
    expect(look()).toEqual(["one.main lib.ts", "two.main lib.ts"]);
  });

  test("is believed to be so in the end, and does not hold up services that do not need it", async () => {
    await folder.write("two.ts", "export const n = 22;");
    rmSync(path("lib.ts"));
    expect(look()).toEqual(["two.main two.ts"]);
    expect(look(true)).toEqual(["one.main lib.ts"]);
  });
});

test("what is undone is told as such: it is what the service runs with", async () => {
  await folder.write("lib.ts", "export const lib = ;");
  expect(look()).toEqual(["one.main lib.ts", "two.main lib.ts"]);
  sources.accept(["two.main"]);
  await folder.write("lib.ts", "export const lib = 1;");
  expect(look()).toEqual(["one.main lib.ts undone", "two.main lib.ts"]);
});

test("services come and go, and come from other files", async () => {
  await folder.write("three.ts", "export const n = 3;");
  sources.track([file("two"), { id: "one.main", path: path("three.ts") }]);
  expect(look()).toEqual([]);
  await folder.write("one.ts", "export const n = 11;");
  expect(look()).toEqual([]);
  await folder.write("three.ts", "export const n = 33;");
  expect(look()).toEqual(["one.main three.ts"]);
});

test("a link is watched at both its ends", () => {
  symlinkSync(path("one.ts"), path("link.ts"));
  sources.track([{ id: "link.main", path: path("link.ts") }]);
  expect([...sources.paths].sort()).toEqual([path("lib.ts"), path("link.ts"), path("one.ts")]);
});
