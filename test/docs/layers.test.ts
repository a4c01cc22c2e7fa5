// Imports go downward only, without circles, by the table that docs/architecture.md shows.
import { expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";
import { Glob } from "bun";
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

interface Import {
  from: string;
  to: string;
}

/** Every import of one of our files by another, of types too. Paths begin with `src/`. */
async function imports(): Promise<Import[]> {
  const found: Import[] = [];
  for await (const from of new Glob("src/**/*.ts").scan(ROOT)) {
    const source = await Bun.file(join(ROOT, from)).text();
    // import … from "…", export … from "…", import "…", import("…")
    const targets = source.matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
    for (const [, target = ""] of targets) {
      const to = normalize(join(dirname(from), target));
      if (to.startsWith("src/") && /\.(ts|mts|mjs)$/.test(to)) found.push({ from, to });
    }
  }
  return found;
}

const IMPORTS = await imports();

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

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
  const targets = Map.groupBy(IMPORTS, ({ from }) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  expect(circles).toEqual([]);
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
