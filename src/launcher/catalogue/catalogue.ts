// The catalogue of services: where they come from, and what they say of themselves.
import type { ServiceAbout } from "../../host/describe.ts";
import type { StartHost } from "../homes/home.ts";
import { type Candidate, type CatalogueOptions, findCandidates, type Origin } from "./candidates.ts";
import { describeInWorkers } from "./describe-worker.ts";

export interface CatalogueEntry {
  type: string;
  origin: Origin;
  /** Absolute path of its file; absent for what is in the program. */
  path?: string;
  /** Absent: it could not be loaded, and `fault` says why. */
  about?: ServiceAbout;
  fault?: string;
  /** `type:` alone means another one: a row must name its module. */
  needsModule: boolean;
}

export interface Catalogue {
  /** In the order in which a type is looked for. */
  services: CatalogueEntry[];
  /** What is wrong beside the services themselves, one sentence each. */
  faults: string[];
}

/** @throws ConfigError when the configuration cannot be read at all */
export async function readCatalogue(options: CatalogueOptions, startWorker: StartHost): Promise<Catalogue> {
  const { found, resolver, faults } = await findCandidates(options);
  const loadable = found.flatMap((one) => {
    const { type, module, open } = one;
    return module.kind === "none" ? [] : [{ one, asked: { module, type, all: open } }];
  });
  const asked = loadable.map((each) => each.asked);
  const results = await describeInWorkers(asked, startWorker);
  const byCandidate = new Map(loadable.map(({ one }, i) => [one, results[i]]));
  const isMeant = (type: string, module: Candidate["module"]) => {
    const meant = resolver.ofType(type);
    return meant.ok && Bun.deepEquals(meant.module, module);
  };
  const services = found.flatMap((one): CatalogueEntry[] => {
    const { type, origin, module } = one;
    const path = module.kind === "file" ? { path: module.path } : {};
    const result = byCandidate.get(one);
    if (result?.ok) {
      return result.services.map((found) => {
        const known = module.kind === "builtin" ? options.builtins.get(found.type) : undefined;
        const about = { ...(known !== undefined && { description: known }), ...found };
        return { type: found.type, origin, ...path, about, needsModule: !isMeant(found.type, module) };
      });
    }
    const fault = module.kind === "none" ? module.fault : (result?.error ?? "it could not be loaded");
    return [{ type, origin, ...path, fault, needsModule: module.kind !== "none" && !isMeant(type, module) }];
  });
  return { services, faults };
}
