// Loads service modules: those in the binary by type, those on disk by path, and what disk files may import from us.
import { dirname } from "node:path";
import { describeError, TcsError } from "../common/errors.ts";
import type { ModuleRef } from "../config/types.ts";
import { type FoundService, findService, ServiceDefinitionError, servicesRegisteredBy } from "../service/index.ts";

type ModuleExports = Record<string, unknown>;
type LazyModule = () => Promise<ModuleExports>;

/** What an entry point gives to a host: the entry stands above every layer, so it may name them all. */
export interface HostModules {
  /** Services in the binary, by type. */
  builtins: Readonly<Record<string, LazyModule>>;
  /** The framework itself: always the one in the binary, so that there is one registry. */
  framework: Readonly<Record<string, LazyModule>>;
  /** Packages that a service file gets from the binary when its own folder has none. */
  fallbacks: Readonly<Record<string, LazyModule>>;
}

/** A service's file could not be imported. */
export class ServiceLoadError extends TcsError {
  override readonly code = "E_SERVICE_LOAD";
}

const hosted = Symbol.for("ocabox-tcs.hosted");

/** True while service files are loaded by a host: then `main()` in them does nothing. */
export function isHosted(): boolean {
  return Reflect.get(globalThis, hosted) === true;
}

/** Finds the class of a service. */
export interface ServiceSource {
  /** @throws ServiceLoadError, ServiceDefinitionError */
  load(ref: ModuleRef, type: string): Promise<FoundService>;
}

export class ServiceLoader implements ServiceSource {
  readonly #modules: HostModules;
  readonly #provided = new Set<string>();

  constructor(modules: HostModules) {
    this.#modules = modules;
  }

  /** Types of the services in the binary. */
  get builtinTypes(): string[] {
    return Object.keys(this.#modules.builtins);
  }

  async load(ref: ModuleRef, type: string): Promise<FoundService> {
    switch (ref.kind) {
      case "builtin": {
        const load = this.#modules.builtins[ref.type];
        if (!load) throw new ServiceLoadError(`no service "${ref.type}" in this tcs`);
        return findService({ exports: await load(), name: ref.type, type });
      }
      case "file": {
        this.#provideFor(ref.path);
        const exports = await importFile(ref.path);
        return findService({ exports, name: ref.path, type, registeredHere: servicesRegisteredBy(ref.path) });
      }
      default:
        return ref satisfies never;
    }
  }

  #provideFor(path: string): void {
    Reflect.set(globalThis, hosted, true);
    for (const [name, load] of Object.entries(this.#modules.framework)) this.#provide(name, load);
    for (const [name, load] of Object.entries(this.#modules.fallbacks)) {
      if (!this.#provided.has(name) && !resolvesFrom(name, path)) this.#provide(name, load);
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

async function importFile(path: string): Promise<ModuleExports> {
  try {
    return await import(path);
  } catch (cause) {
    if (cause instanceof ServiceDefinitionError) throw cause;
    throw new ServiceLoadError(`cannot load ${path}: ${describeError(cause)}`, { cause });
  }
}
