// Loads service modules: those in the binary by type, those on disk by path, and what disk files may import from us.
import { describeError, TcsError } from "../common/errors.ts";
import type { ModuleRef } from "../config/types.ts";
import { type FoundService, findService, ServiceDefinitionError, servicesRegisteredBy } from "../service/index.ts";
import { judgeFramework } from "./framework-version.ts";
import { type LazyModule, type OfferedModules, VirtualModules } from "./virtual-modules.ts";

/** What an entry point gives to a host: the entry stands above every layer, so it may name them all. */
export interface HostModules extends OfferedModules {
  /** Services in the binary, by type. */
  builtins: Readonly<Record<string, LazyModule>>;
}

/**
 * A service's file could not be imported.
 * @cause A service's file is not there, has a mistake in its code, or imports a package that is not installed.
 * @remedy Correct the file; "tcs service FILE" shows the service alone, --verbose the place in its code.
 * @example cannot load /home/ann/broken.ts: no camera here
 */
export class ServiceLoadError extends TcsError {
  override readonly code = "E_SERVICE_LOAD";
}

export interface LoadedService extends FoundService {
  /** What whoever runs it should know. */
  note?: string;
}

/** Finds the class of a service. */
export interface ServiceSource {
  /** @throws ServiceLoadError, ServiceDefinitionError */
  load(ref: ModuleRef, type: string): Promise<LoadedService>;
}

export class ServiceLoader implements ServiceSource {
  readonly #modules: HostModules;
  readonly #virtual: VirtualModules;
  readonly #loading = new Set<Promise<unknown>>();

  constructor(modules: HostModules) {
    this.#modules = modules;
    this.#virtual = new VirtualModules(modules);
  }

  /** Types of the services in the binary. */
  get builtinTypes(): string[] {
    return Object.keys(this.#modules.builtins);
  }

  async load(ref: ModuleRef, type: string): Promise<LoadedService> {
    switch (ref.kind) {
      case "builtin": {
        const load = this.#modules.builtins[ref.type];
        if (!load) throw new ServiceLoadError(`no service "${ref.type}" in this tcs`);
        return findService({ exports: await load(), name: ref.type, type });
      }
      case "file": {
        const verdict = judgeFramework(ref.path);
        // Said before the file is loaded: what it would make of another framework is nobody's guess.
        if (!verdict.fits && !verdict.works) throw new ServiceDefinitionError(verdict.why);
        const exports = await this.#import(ref.path);
        const found = findService({ exports, name: ref.path, type, registeredHere: servicesRegisteredBy(ref.path) });
        return verdict.fits ? found : { ...found, note: verdict.why };
      }
      case "program":
        throw new ServiceLoadError(`${ref.written} is a foreign program: no host can load it`);
      default:
        return ref satisfies never;
    }
  }

  /** Files are loaded side by side, but for those that need another set of modules: what is provided is global. */
  async #import(path: string): Promise<Record<string, unknown>> {
    while (!this.#virtual.isReadyFor(path) && this.#loading.size > 0) {
      const limit = Bun.sleep(LOADING_LIMIT_MS).then(() => this.#loading.clear());
      await Promise.race([Promise.allSettled(this.#loading), limit]);
    }
    this.#virtual.provideFor(path);
    const loading = importFile(path);
    this.#loading.add(loading);
    try {
      return await loading;
    } finally {
      this.#loading.delete(loading);
    }
  }
}

/** How long a file that is being loaded may hold up one that needs other modules, milliseconds. */
const LOADING_LIMIT_MS = 5000;

async function importFile(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(path);
  } catch (cause) {
    if (cause instanceof ServiceDefinitionError) throw cause;
    throw new ServiceLoadError(`cannot load ${path}: ${describeError(cause)}`, { cause });
  }
}
