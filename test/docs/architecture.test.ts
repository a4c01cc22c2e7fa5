// What docs/architecture.md says of files and messages is so.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./markdown.ts";

const text = await Bun.file(join(ROOT, "docs/architecture.md")).text();

/** The cells of the table below a heading, its two head rows left out. */
function rowsBelow(heading: string): string[][] {
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(1).map((row) => row.slice(2, -2).split(" | "));
}

/** Names in code that are paths: they have a folder, or the ending of a file. */
function pathsIn(cell: string): string[] {
  const names = [...cell.matchAll(/`([^`\s]+)`/g)].map(([, name = ""]) => name);
  return names.filter((name) => name.includes("/") || /\.(ts|js|css|html|md)$/.test(name));
}

/** Paths of a cell that lead nowhere: from the root, or from a folder that was named before in the same cell. */
function lost(cell: string): string[] {
  const folders = ["."];
  return pathsIn(cell).filter((path) => {
    // The name of a file that is yet to be written.
    const known = path.replace(/NAME\.ts$/, "");
    const from = folders.findLast((folder) => existsSync(join(ROOT, folder, known)));
    if (from === undefined) return true;
    const found = join(from, known);
    folders.push(found.endsWith("/") || !/\.\w+$/.test(found) ? found : dirname(found));
    return false;
  });
}

test("the ten likeliest changes name files and tests that exist, all from the root", () => {
  const rows = rowsBelow("The ten likeliest changes");
  expect(rows).toHaveLength(10);
  for (const [change, files = "", tests = ""] of rows) {
    expect([change, pathsIn(files).filter((path) => !existsSync(join(ROOT, path)))]).toEqual([change, []]);
    const held = pathsIn(tests);
    expect([change, held.length > 0 && held.every((path) => /^test\/.*\.test\.ts$/.test(path))]).toEqual([
      change,
      true,
    ]);
    expect([change, held.filter((path) => !existsSync(join(ROOT, path)))]).toEqual([change, []]);
  }
});

test("the words in capitals that are to be changed are in the file that is named with them", async () => {
  const named = rowsBelow("The ten likeliest changes").flatMap(([, files = ""]) => [
    ...files.matchAll(/`([A-Z]+_?[A-Z]+)` in `([^`]+)`/g),
  ]);
  expect(named.length).toBeGreaterThan(3);
  for (const [, word = "", path = ""] of named) {
    expect(await Bun.file(join(ROOT, path)).text()).toContain(`export const ${word} `);
  }
});

test("where to change what leads to files that exist", () => {
  const rows = rowsBelow("Where to change what");
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.flatMap(([what, files = ""]) => lost(files).map((path) => `${what}: ${path}`))).toEqual([]);
});

test("the files that the prose names exist", () => {
  const [prose = ""] = text.split("\n## The ten likeliest changes\n");
  const names = [...prose.matchAll(/`([a-z][\w./-]*\/[\w.-]+\.ts)`/g)].map(([, name = ""]) => name);
  const places = (name: string) => [name, join("src", name), join("src/launcher", name)];
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !places(name).some((path) => existsSync(join(ROOT, path))))).toEqual([]);
});

test.each([
  ["to the host", "ToHost"],
  ["from the host", "FromHost"],
])("the messages %s are those of the protocol", async (head, type) => {
  const source = await Bun.file(join(ROOT, "src/host/protocol.ts")).text();
  const [, union = ""] = source.split(`export type ${type} =`);
  const [body = ""] = union.split("\n\n");
  // One of them has a type of its own.
  const kinds = [
    ...`${body}${body.includes("| RpcReply") ? ' { kind: "rpc-reply"' : ""}`.matchAll(/\{ kind: "([\w-]+)"/g),
  ];
  const [, table = ""] = text.split(`| ${head} | |\n|---|---|\n`);
  const cells = (table.split("\n\n")[0] ?? "").split("\n").map((row) => row.slice(2).split(" | ")[0] ?? "");
  const told = cells.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, kind]) => kind));
  expect(told.toSorted()).toEqual(kinds.map(([, kind]) => kind).toSorted());
});
