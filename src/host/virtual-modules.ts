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
  readonly #provided = new Set<string>();

  constructor(offered: OfferedModules) {
    this.#offered = offered;
  }

  /** Lets the file at `path`, about to be imported, import them. */
  provideFor(path: string): void {
    Reflect.set(globalThis, hosted, true);
    for (const [name, load] of Object.entries(this.#offered.framework)) this.#provide(name, load);
    for (const [name, load] of Object.entries(this.#offered.fallbacks)) {
      if (this.#provided.has(name) || resolvesFrom(name, path)) continue;
      // From source our own import would, once the name is taken, come back to us: it must be begun before.
      const begun = FROM_SOURCE ? load() : undefined;
      this.#provide(name, () => begun ?? load());
    }
  }

  #provide(name: string, load: LazyModule): void {
    if (this.#provided.has(name)) return;
    this.#provided.add(name);
    Bun.plugin({
      name,
      setup(build) {
        build.module(name, async () => ({ exports: await load(), loader: "object" }));
      },
    });
  }
}

function resolvesFrom(name: string, path: string): boolean {
  try {
    Bun.resolveSync(name, dirname(path));
    return true;
  } catch {
    // Not finding it is the answer.
    return false;
  }
}
