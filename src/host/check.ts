// Checking services without making any: their files are loaded, their configurations parsed.
import { describeError } from "../common/errors.ts";
import type { ConfigDescription } from "../config/describe-config.ts";
import { configJsonSchema } from "../config/json-schema.ts";
import type { ConfigSchema } from "../config/service-config.ts";
import { ServiceDefinitionError } from "../service/index.ts";
import type { CheckResult, FromHost, ServiceSpec } from "./protocol.ts";
import { InvalidServiceConfig } from "./service-config-error.ts";

/** How often the event loop shows that it turns, milliseconds. */
const ALIVE_MS = 200;
/** How long a file is waited for before the next begins, milliseconds. */
const TURN_MS = 10;

export interface CheckContext {
  /** Loads the file and parses the configuration. */
  prepare: (spec: ServiceSpec) => Promise<unknown>;
  /** Loads the file. */
  schemaOf: (spec: ServiceSpec) => Promise<ConfigSchema>;
  tell: (message: FromHost) => void;
  /** Says what there is to know of a configuration whose file has been loaded; absent: nobody asks. */
  describe?: (spec: ServiceSpec) => Promise<ConfigDescription>;
}

/**
 * Tells of each file when it begins and when it is done. One begins when the one before is done, or waits for something:
 * so it is known which one hangs. Never rejects.
 */
export async function checkServices(
  specs: readonly ServiceSpec[],
  { prepare, schemaOf, tell, describe }: CheckContext,
): Promise<CheckResult[]> {
  const alive = setInterval(() => tell({ kind: "alive" }), ALIVE_MS);
  const checks: Promise<CheckResult[]>[] = [];
  const told = new Set<string>();
  const check = async (spec: ServiceSpec): Promise<CheckResult> => {
    const known: Pick<CheckResult, "schema" | "fields"> = {};
    const described = async () => describe && { config: await describe(spec) };
    try {
      const schema = await schemaOf(spec);
      if (spec.ifKnown) known.fields = Object.keys(schema.shape);
      const name = JSON.stringify([spec.module, spec.type]);
      if (!told.has(name)) known.schema = configJsonSchema(schema);
      told.add(name);
      await prepare(spec);
      return { id: spec.id, ...known, ...(await described()) };
    } catch (error) {
      const about = error instanceof InvalidServiceConfig ? await described() : undefined;
      return { id: spec.id, ...known, ...faultOf(error), ...about };
    }
  };
  for (const group of Map.groupBy(specs, fileOf).values()) {
    tell({ kind: "checking", ids: group.map(({ id }) => id) });
    const results = Promise.all(group.map(check)).then((found) => {
      tell({ kind: "checked", results: found });
      return found;
    });
    checks.push(results);
    await Promise.race([results, Bun.sleep(TURN_MS)]);
  }
  const results = await Promise.all(checks);
  clearInterval(alive);
  return results.flat();
}

function fileOf({ module }: ServiceSpec): string {
  // What is in the binary is loaded by now, and hangs not.
  return module.kind === "file" ? module.path : "";
}

function faultOf(error: unknown): Omit<CheckResult, "id"> {
  if (error instanceof InvalidServiceConfig) return { issues: error.issues };
  if (error instanceof ServiceDefinitionError) return { refused: describeError(error) };
  return { warning: describeError(error) };
}
