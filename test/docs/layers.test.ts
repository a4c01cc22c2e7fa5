// Imports go downward only, without circles, by the table that docs/architecture.md shows.
import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { arrowsBetween, circlesIn, drawRooms, pictureIn, readImports, roomOf, withoutShortcuts } from "./imports.ts";
import { ROOT } from "./markdown.ts";

/** Rooms of src/ by floor, lowest first. A room imports from the floors below it, and from itself. */
const FLOORS: readonly (readonly string[])[] = [
  ["common"],
  ["config", "scaffold", "zmtp"],
  ["messaging", "systemd"],
  ["broker", "logs"],
  ["monitoring", "messenger", "settings"],
  ["service", "client"],
  ["host", "kinds", "metrics", "dashboard", "export", "observatory"],
  ["launcher", "main.ts"],
  ["index.ts", "doctor", "install"],
  ["entry"],
  ["cli"],
  ["build"],
];

const IMPORTS = await readImports();

function floorOf(path: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(roomOf(path)));
}

test("every file of src/ is in a room that has a floor", async () => {
  const files = await Array.fromAsync(new Glob("src/**/*.ts").scan(ROOT));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((path) => floorOf(path) < 0)).toEqual([]);
});

test("imports between rooms go downward", () => {
  expect(IMPORTS.length).toBeGreaterThan(300);
  const wrong = IMPORTS.filter(({ from, to }) => roomOf(from) !== roomOf(to) && floorOf(to) >= floorOf(from));
  expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test("no file imports itself by way of others", () => {
  expect(circlesIn(arrowsBetween(IMPORTS, (path) => path))).toEqual([]);
});

test("folders side by side do not import each other in a circle", () => {
  // A folder and those in it are one house: of its own files and theirs the test above tells.
  const between = IMPORTS.filter(({ from, to }) => !isWithin(dirname(from), dirname(to)));
  expect(between.length).toBeGreaterThan(300);
  expect(circlesIn(arrowsBetween(between, dirname))).toEqual([]);
});

function isWithin(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}

test("circles are found, and a picture leaves out only what follows from the rest", () => {
  const way = (from: string, to: string) => ({ from: `src/${from}/x.ts`, to: `src/${to}/y.ts` });
  const arrows = arrowsBetween([way("a", "b"), way("b", "c"), way("a", "c"), way("c", "d"), way("c", "c")], roomOf);
  expect(circlesIn(arrows)).toEqual([]);
  expect([...withoutShortcuts(arrows)].map(([from, to]) => [from, ...to])).toEqual([
    ["a", "b"],
    ["b", "c"],
    ["c", "d"],
  ]);
  expect(circlesIn(arrowsBetween([way("a", "b"), way("b", "c"), way("c", "a")], roomOf))).toEqual(["a -> b -> c -> a"]);
});

test("the services that are shipped import the public names only", async () => {
  const { exports } = await Bun.file(join(ROOT, "package.json")).json();
  const isPublic = (target: string) =>
    target === "zod" || (target.startsWith("ocabox-tcs") && `.${target.slice("ocabox-tcs".length)}` in exports);
  const foreign: string[] = [];
  for await (const path of new Glob("services/**/*.ts").scan(ROOT)) {
    const source = await Bun.file(join(ROOT, path)).text();
    for (const [, target = ""] of source.matchAll(/\bfrom\s+"([^"]+)"/g)) {
      // A service of several files has a folder.
      if (!isPublic(target) && !/^\.\/[\w-]+\.ts$/.test(target)) foreign.push(`${path} -> ${target}`);
    }
  }
  expect(foreign).toEqual([]);
});

test("docs/architecture.md shows the same table", async () => {
  const text = await Bun.file(join(ROOT, "docs/architecture.md")).text();
  const rows = [...text.matchAll(/^\| (\d+) \| `src\/([^`/]+)\/?` \|/gm)].map(([, floor, room]) => `${floor} ${room}`);
  const ours = FLOORS.flatMap((rooms, floor) => rooms.map((room) => `${floor} ${room}`));
  expect(rows.toSorted()).toEqual(ours.toSorted());
});

test("docs/architecture.md draws the rooms as they import each other (bun test/docs/draw-rooms.ts draws them anew)", async () => {
  const text = await Bun.file(join(ROOT, "docs/architecture.md")).text();
  expect(pictureIn(text)).toBe(drawRooms(IMPORTS));
});
