// The imports of src/, read from its text: between files and between rooms, and the picture of them that the architecture page shows.
import { dirname, join, normalize } from "node:path";
import { Glob } from "bun";
import { ROOT } from "./markdown.ts";

/** One of our files imports another. Paths begin with `src/`. */
export interface Import {
  from: string;
  to: string;
}

/** All there are; those of types too, which tie just as well what may be changed alone. */
export async function readImports(): Promise<Import[]> {
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

/** The folder of src/ that a file is in, or its own name if it is in none. */
export function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** What each thing leads to. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** @param placeOf where a file is; imports within one place are left out */
export function arrowsBetween(imports: readonly Import[], placeOf: (path: string) => string): Arrows {
  const arrows = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [here, there] = [placeOf(from), placeOf(to)];
    if (here === there) continue;
    arrows.set(here, (arrows.get(here) ?? new Set()).add(there));
  }
  return arrows;
}

/** Ways that lead back to where they begin, each once. */
export function circlesIn(arrows: Arrows): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (at: string, path: readonly string[]) => {
    if (path.includes(at)) {
      circles.push([...path.slice(path.indexOf(at)), at].join(" -> "));
      return;
    }
    if (done.has(at)) return;
    for (const next of arrows.get(at) ?? []) visit(next, [...path, at]);
    done.add(at);
  };
  for (const at of arrows.keys()) visit(at, []);
  return circles;
}

/** Those arrows that do not follow from others: a way by them leads wherever any arrow does. There must be no circle. */
export function withoutShortcuts(arrows: Arrows): Arrows {
  const reached = new Map<string, Set<string>>();
  const reach = (from: string): Set<string> => {
    const known = reached.get(from) ?? new Set<string>();
    if (reached.has(from)) return known;
    reached.set(from, known);
    for (const to of arrows.get(from) ?? []) for (const further of [to, ...reach(to)]) known.add(further);
    return known;
  };
  return new Map(
    [...arrows].map(([from, targets]) => {
      const direct = [...targets].filter((to) => ![...targets].some((other) => other !== to && reach(other).has(to)));
      return [from, new Set(direct)];
    }),
  );
}

/** The rooms of src/ and who imports whom, in Mermaid's words. */
export function drawRooms(imports: readonly Import[]): string {
  const arrows = withoutShortcuts(arrowsBetween(imports, roomOf));
  const lines = [...arrows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, targets]) => `  ${nodeOf(from)} --> ${[...targets].toSorted().map(nodeOf).join(" & ")}`);
  return ["flowchart TD", ...lines].join("\n");
}

/** `end` and dots mean something to Mermaid: a node's name has neither, what is shown of it does. */
function nodeOf(room: string): string {
  return room.includes(".") ? `${room.replace(".", "_")}["${room}"]` : room;
}

const BLOCK = /(<!-- rooms: [^\n]* -->\n```mermaid\n)([\s\S]*?)(\n```)/;

/** The picture in a document. */
export function pictureIn(text: string): string | undefined {
  return BLOCK.exec(text)?.[2];
}

/** The document with another picture. */
export function withPicture(text: string, picture: string): string {
  return text.replace(BLOCK, (_, head: string, __, tail: string) => head + picture + tail);
}
