// What the configurations of a fleet's services may be, as its check has found it: once for each type.
import type { JsonSchema } from "../config/json-schema.ts";
import type { Scope } from "../config/overlay.ts";
import type { ServiceRow } from "../config/types.ts";
import type { CheckResult } from "../host/protocol.ts";

export interface ServiceSchema {
  /** A type; a single service where it is another one than that of its type, as when its module is. */
  scope: Exclude<Scope, { kind: "global" }>;
  /** The ids it is for. */
  services: string[];
  schema: JsonSchema;
}

/** A foreign program has no fields of its own. */
const OF_PROGRAMS: JsonSchema = { type: "object", properties: {}, additionalProperties: false };

/** @param results of the check, by id */
export function serviceSchemas(
  rows: readonly ServiceRow[],
  results: ReadonlyMap<string, CheckResult>,
): ServiceSchema[] {
  const ofModule = new Map<string, JsonSchema>();
  const found = new Map<string, ServiceSchema>();
  for (const row of rows) {
    const module = row.home === "exec" ? "program" : JSON.stringify([row.module, row.type]);
    const schema = row.home === "exec" ? OF_PROGRAMS : (results.get(row.id)?.schema ?? ofModule.get(module));
    if (!schema) continue;
    ofModule.set(module, schema);
    const ofType = found.get(row.type);
    if (!ofType) found.set(row.type, { scope: { kind: "type", type: row.type }, services: [row.id], schema });
    else if (ofType.schema === schema || Bun.deepEquals(ofType.schema, schema)) ofType.services.push(row.id);
    else found.set(`${row.type} ${row.id}`, { scope: { kind: "service", id: row.id }, services: [row.id], schema });
  }
  return [...found.values()];
}
