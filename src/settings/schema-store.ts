// The schemas of services on the broker: what a launcher publishes at its start, so that any host can check a value.
import type { NatsConnection } from "nats";
import { isJsonObject } from "../common/json.ts";
import { splitServiceId } from "../common/names.ts";
import type { JsonSchema } from "../config/json-schema.ts";
import type { Scope } from "../config/overlay.ts";
import { Bucket, type BucketFault } from "../messaging/bucket.ts";
import { keyOf, schemaBucketName, scopeOf } from "./names.ts";
import { readValues } from "./stored-values.ts";

const LIMIT_MS = 2_000;

/** What the configuration of the services in a scope may be. */
export interface ScopedSchema {
  scope: Scope;
  schema: JsonSchema;
}

/** All schemas that are known. */
export class KnownSchemas {
  readonly #schemas: ReadonlyMap<string, JsonSchema>;

  constructor(schemas: readonly ScopedSchema[]) {
    this.#schemas = new Map(schemas.map(({ scope, schema }) => [keyOf(scope), schema]));
  }

  /** Service types with a schema. */
  get types(): string[] {
    return [...this.#schemas.keys()].flatMap((key) => {
      const scope = scopeOf(key);
      return scope?.kind === "type" ? [scope.type] : [];
    });
  }

  /** That of the service or type, one at most; of all services all that there are. */
  of(scope: Scope): JsonSchema[] {
    if (scope.kind === "global") return [...this.#schemas.values()];
    const own = this.#schemas.get(keyOf(scope));
    if (own || scope.kind === "type") return own ? [own] : [];
    return this.of({ kind: "type", type: splitServiceId(scope.id).type });
  }
}

export class SchemaStore {
  readonly #bucket: Bucket;
  readonly #connection: () => NatsConnection | undefined;

  constructor(prefix: string, connection: () => NatsConnection | undefined) {
    this.#connection = connection;
    const description = "schemas of services (tcs)";
    this.#bucket = new Bucket({ name: schemaBucketName(prefix), description, connection, limitMs: LIMIT_MS });
  }

  /** All that are known; none while they cannot be read. */
  async read(): Promise<KnownSchemas> {
    return new KnownSchemas([...(await this.#stored()).values()]);
  }

  /** Writes those that are not there yet, or are other ones. @returns why it could not; undefined when all are there */
  async publish(schemas: readonly ScopedSchema[]): Promise<BucketFault | undefined> {
    const stored = await this.#stored();
    const isNew = ({ scope, schema }: ScopedSchema) => {
      const known = stored.get(keyOf(scope))?.schema;
      return known === undefined || !Bun.deepEquals(known, plain(schema));
    };
    const wanted = schemas.filter(isNew);
    if (wanted.length === 0) return undefined;
    const made = await this.#bucket.ensure();
    if (!made.ok) return made;
    const faults = await Promise.all(
      wanted.map(async ({ scope, schema }) => {
        const revision = stored.get(keyOf(scope))?.revision ?? 0;
        const written = await this.#bucket.write(keyOf(scope), JSON.stringify({ schema }), revision);
        // Another launcher wrote the same in this moment, or will write its own at its next start.
        return written.ok || written.reason === "conflict" ? undefined : written;
      }),
    );
    return faults.find((fault) => fault !== undefined);
  }

  async #stored(): Promise<Map<string, ScopedSchema & { revision: number }>> {
    const connection = this.#connection();
    const found = new Map<string, ScopedSchema & { revision: number }>();
    if (!connection) return found;
    const read = await readValues(connection, this.#bucket.stream, this.#bucket.subject(">"), "last_per_subject");
    for (const { subject, data, seq } of read.ok ? read.values : []) {
      const key = subject.slice(this.#bucket.subject("").length);
      const scope = scopeOf(key);
      const schema = decodeSchema(data);
      if (scope && schema) found.set(key, { scope, schema, revision: seq });
    }
    return found;
  }
}

/** As it is when it has been stored and read: without what JSON has no form for. */
function plain(schema: JsonSchema): unknown {
  return JSON.parse(JSON.stringify(schema));
}

function decodeSchema(data: Uint8Array): JsonSchema | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    // Whatever it is, it is only used to judge values: a wrong one refuses them.
    return isJsonObject(value) && isJsonObject(value.schema) ? (value.schema as JsonSchema) : undefined;
  } catch {
    // Not JSON: then nothing is known.
    return undefined;
  }
}
