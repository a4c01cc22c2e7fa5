// Which files a service is made of.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { ImportScanner } from "../../../src/launcher/dev/import-scan.ts";
import { contentOf } from "../../../src/launcher/dev/sources.ts";
import { type TempFolder, tempFolder } from "../../support/temp.ts";

let folder: TempFolder;
let scanner: ImportScanner;
beforeEach(() => {
  folder = tempFolder();
  scanner = new ImportScanner();
});
afterEach(() => folder[Symbol.dispose]());

const files = (entry = "main.ts") => {
  const found = scanner.scan(join(folder.path, entry), contentOf);
  return [...found].map(([path, hash]) => `${relative(folder.path, path)}${hash === undefined ? "?" : ""}`).sort();
};

const IMPORTS: [string, string, string[]][] = [
  ["with an extension", 'import { a } from "./lib/a.ts"; a;', ["lib/a.ts"]],
  ["without one", 'import { a } from "./lib/a"; a;', ["lib/a.ts"]],
  ["by a folder's index", 'import { a } from "./lib"; a;', ["lib/a.ts", "lib/index.ts"]],
  ["of a file that is a program", '#!/usr/bin/env -S tcs service\nimport { a } from "./lib/a.ts"; a;', ["lib/a.ts"]],
  ["for its effects", 'import "./lib/a.ts";', ["lib/a.ts"]],
  ["that is never used", 'import { a } from "./lib/a.ts";', ["lib/a.ts"]],
  ["exported on", 'export * from "./lib/a.ts";', ["lib/a.ts"]],
  ["when it runs", 'const a = () => import("./lib/a.ts"); a;', ["lib/a.ts"]],
  ["by require", 'const a = require("./lib/c.cjs"); a;', ["lib/c.cjs"]],
  [
    "of data",
    'import d from "./data.json"; import t from "./note.txt" with { type: "text" }; d; t;',
    ["data.json", "note.txt"],
  ],
  ["by an alias of tsconfig.json", 'import { a } from "@lib/a"; a;', ["lib/a.ts"]],
  ["in a circle", 'import { b } from "./lib/b.ts"; b;', ["lib/b.ts"]],
  ["from a folder above", 'import { up } from "../up.ts"; up;', ["up.ts"]],
  ["of types alone", 'import type { T } from "./lib/types.ts"; export const t: T = 1;', []],
  [
    "of packages and of the program",
    'import { service } from "ocabox-tcs"; import p from "pkg"; import "node:fs"; service; p;',
    [],
  ],
];
test.each(IMPORTS)("an import %s", async (_, text, expected) => {
  await folder.write("tsconfig.json", '{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}');
  await folder.write("lib/a.ts", "export const a = 1;");
  await folder.write("lib/b.ts", 'import "../services/main.ts"; export const b = 1;');
  await folder.write("lib/c.cjs", "module.exports = 1;");
  await folder.write("lib/index.ts", 'export * from "./a.ts";');
  await folder.write("lib/types.ts", "export type T = number;");
  await folder.write("data.json", "{}");
  await folder.write("note.txt", "a note");
  await folder.write("up.ts", "export const up = 1;");
  await folder.write("node_modules/pkg/package.json", '{"name": "pkg", "main": "index.js"}');
  await folder.write("node_modules/pkg/index.js", "module.exports = 1;");
  const entry = expected[0] === "up.ts" || expected[0] === "lib/b.ts" ? "services/main.ts" : "main.ts";
  await folder.write(entry, text.replace('"./lib/b.ts"', '"../lib/b.ts"'));
  expect(files(entry)).toEqual([...expected, entry].sort());
});

test("what is imported and not there is known by where it would be", async () => {
  await folder.write("main.ts", 'import { a } from "./lib/a"; import { b } from "./b.ts"; import "nothing"; a; b;');
  expect(files()).toEqual(["b.ts?", "lib/a?", "main.ts"]);
  await folder.write("lib/a.ts", 'import "./deep.ts"; export const a = 1;');
  expect(files()).toEqual(["b.ts?", "lib/a.ts", "lib/deep.ts?", "main.ts"]);
});

test("a file that does not parse imports what it did before", async () => {
  await folder.write("lib.ts", "export const a = 1;");
  await folder.write("main.ts", 'import { a } from "./lib.ts"; a;');
  expect(files()).toEqual(["lib.ts", "main.ts"]);
  await folder.write("main.ts", 'import { a } from "./lib.ts"; import {');
  expect(files()).toEqual(["lib.ts", "main.ts"]);
  await folder.write("main.ts", "export const nothing = 1;");
  expect(files()).toEqual(["main.ts"]);
});

test("the very file may be away", async () => {
  expect(files()).toEqual(["main.ts?"]);
  mkdirSync(join(folder.path, "main.ts"));
  expect(files()).toEqual(["main.ts?"]);
  rmSync(join(folder.path, "main.ts"), { recursive: true });
  await folder.write("other.ts", "");
  renameSync(join(folder.path, "other.ts"), join(folder.path, "main.ts"));
  expect(files()).toEqual(["main.ts"]);
});
