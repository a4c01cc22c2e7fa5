// How many instances of a service really run, whatever is told of it: each leaves its own mark again and again.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestFleet } from "./fleet.ts";
import { waitFor } from "./wait.ts";

/** Members of a service whose instances can be counted: `ready` and `end` are statements of `onStart` and `onStop`. */
export function countable(ready = "", end = ""): string {
  return `
  #life = crypto.randomUUID();
  async onStart() { ${ready} }
  async runService() {
    const { appendFileSync } = await import("node:fs");
    while (this.isRunning) { appendFileSync(\`alive.\${this.id}\`, this.#life + "\\n"); await this.sleep(0.01); }
  }
  async onStop() { ${end} }`;
}

/** Marks that one instance leaves while the instances are counted. */
const MARKS = 10;

/** The number of instances of a service that runs, from now on. It must be one at least. */
export async function instancesOf(fleet: TestFleet, id: string): Promise<number> {
  const file = join(fleet.folder.path, `alive.${id}`);
  rmSync(file, { force: true });
  const marks = await waitFor(`signs of life of ${id}`, () => {
    const lines = marksIn(file);
    return lines.length >= MARKS && lines;
  });
  return new Set(marks).size;
}

/** Whether not one instance of a service runs, as long as `witness` leaves its marks. */
export async function isGone(fleet: TestFleet, id: string, witness: string): Promise<boolean> {
  const file = join(fleet.folder.path, `alive.${id}`);
  rmSync(file, { force: true });
  await instancesOf(fleet, witness);
  return marksIn(file).length === 0;
}

function marksIn(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    // None yet.
    return [];
  }
}
