// Another configuration for a service that runs: merged and checked as at its start, then given to it.
import { secretValues } from "../config/secret-values.ts";
import { resolveServiceConfig } from "../config/service-config.ts";
import type { ConfigChanges } from "../service/index.ts";
import type { ConfigureOutcome, FromHost, ServiceSpec } from "./protocol.ts";
import { InvalidServiceConfig } from "./service-config-error.ts";

export interface ConfigureContext {
  env: Record<string, string | undefined>;
  tell: (message: FromHost) => void;
}

/** Never rejects. */
export async function configureService(
  { changes }: { changes: ConfigChanges },
  spec: ServiceSpec,
  { env, tell }: ConfigureContext,
): Promise<ConfigureOutcome> {
  const { schema } = changes;
  if (!schema) return { result: "refused", keys: [], reason: "its file is being loaded" };
  const resolved = resolveServiceConfig(schema, { ...spec, env: spec.variables ?? env });
  if (!resolved.ok) {
    const { message } = new InvalidServiceConfig(spec.id, resolved.issues);
    return { result: "unfit", reason: `its file has changed since it was started: ${message}` };
  }
  // Before anything is said of it.
  const secrets = secretValues(schema, resolved.config);
  if (secrets.length > 0) tell({ kind: "secrets", values: secrets });
  return await changes.take(resolved.config);
}
