// What files on disk import from this program: modules that exist in no folder.
import { dirname } from "node:path";

type ModuleExports = Record<string, unknown>;
export type LazyModule = () => Promise<ModuleExports>;

export interface OfferedModules {
  /** The framework itself: always the one in this program, so that there is one registry. */
  framework: Readonly<Record<string, LazyModule>>;
  /** Packages that a file gets from this program when its own folder has none. */
  fallbacks: Readonly<Record<string, LazyModule>>;
}

/** Put in by the build (src/build/compile.ts); not there when run from source. */
declare const TCS_COMMIT: string;
const FROM_SOURCE = typeof TCS_COMMIT === "undefined";

const hosted = Symbol.for("ocabox-tcs.hosted");

/** True while service files are loaded by a host, or by tests: then `main()` in them does nothing. */
export function isHosted(): boolean {
  return Reflect.get(globalThis, hosted) === true;
}

export class VirtualModules {
  readonly #offered: OfferedModules;
  /** Names of the fallbacks provided now; undefined before the first. */
  #provided: string | undefined;
  readonly #needs = new Map<string, string>();

  constructor(offered: OfferedModules) {
    this.#offered = offered;
  }

  /** Whether the file at `path` would find the modules as it needs them, without a change. */
  isReadyFor(path: string): boolean {
    return this.#provided === this.#needsOf(path);
  }

  /** Lets the file at `path`, about to be imported, import them: the fallbacks, where its own folder has none. */
  provideFor(path: string): void {
    Reflect.set(globalThis, hosted, true);
    const needs = this.#needsOf(path);
    if (this.#provided === needs) return;
    // A name once taken is taken for all files: for one with a copy of its own it must be given back.
    if (this.#provided !== undefined) Bun.plugin.clearAll();
    this.#provided = needs;
    for (const [name, load] of Object.entries(this.#offered.framework)) provide(name, load);
    for (const name of needs.split(" ")) {
      const load = this.#offered.fallbacks[name];
      if (!load) continue;
      // From source our own import would, once the name is taken, come back to us: it must be begun before.
      const begun = FROM_SOURCE ? load() : undefined;
      provide(name, () => begun ?? load());
    }
  }

  #needsOf(path: string): string {
    const folder = dirname(path);
    const known = this.#needs.get(folder);
    if (known !== undefined) return known;
    const names = Object.keys(this.#offered.fallbacks).filter((name) => !resolvesFrom(name, folder));
    const needs = names.join(" ");
    this.#needs.set(folder, needs);
    return needs;
  }
}

function provide(name: string, load: LazyModule): void {
  Bun.plugin({
    name,
    setup(build) {
      build.module(name, async () => ({ exports: await load(), loader: "object" }));
    },
  });
}

function resolvesFrom(name: string, folder: string): boolean {
  try {
    Bun.resolveSync(name, folder);
    return true;
  } catch {
    // Not finding it is the answer.
    return false;
  }
}
