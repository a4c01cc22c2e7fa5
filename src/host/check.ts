// Checking services without making any: their files are loaded, their configurations parsed.
import { describeError } from "../common/errors.ts";
import type { ConfigDescription } from "../config/describe-config.ts";
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
  { tell, ...context }: CheckContext,
): Promise<CheckResult[]> {
  const alive = setInterval(() => tell({ kind: "alive" }), ALIVE_MS);
  const checks: Promise<CheckResult[]>[] = [];
  for (const group of Map.groupBy(specs, fileOf).values()) {
    tell({ kind: "checking", ids: group.map(({ id }) => id) });
    const check = checkAll(group, context).then((results) => {
      tell({ kind: "checked", results });
      return results;
    });
    checks.push(check);
    await Promise.race([check, Bun.sleep(TURN_MS)]);
  }
  const results = await Promise.all(checks);
  clearInterval(alive);
  return results.flat();
}

function fileOf({ module }: ServiceSpec): string {
  // What is in the binary is loaded by now, and hangs not.
  return module.kind === "file" ? module.path : "";
}

async function checkAll(
  specs: readonly ServiceSpec[],
  { prepare, describe }: Omit<CheckContext, "tell">,
): Promise<CheckResult[]> {
  return await Promise.all(
    specs.map(async (spec) => {
      const { id } = spec;
      try {
        await prepare(spec);
        return { id, ...(describe && { config: await describe(spec) }) };
      } catch (error) {
        if (error instanceof InvalidServiceConfig) {
          return { id, issues: error.issues, ...(describe && { config: await describe(spec) }) };
        }
        if (error instanceof ServiceDefinitionError) return { id, refused: describeError(error) };
        return { id, warning: describeError(error) };
      }
    }),
  );
}
