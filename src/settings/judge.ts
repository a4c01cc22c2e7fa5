// Judges values against the schema that their service has published, on any host; and knows which of them are secret.
import { isJsonObject, type Json, type JsonObject } from "../common/json.ts";
import { looksSecret, MASK } from "../common/secret-words.ts";
import { Checker } from "../config/checker.ts";
import { type ConfigIssue, formatIssue } from "../config/errors.ts";
import { typedValue } from "../config/expand.ts";
import type { JsonSchema } from "../config/json-schema.ts";
import { fieldsNode, isFileOnly, REMOTE_SETTINGS } from "../config/overlay.ts";
import { readSettings } from "../config/row-settings.ts";
import { isSecretAt } from "../config/schema-words.ts";
import { type ConfigSchema, resolveServiceConfig } from "../config/service-config.ts";
import { pathText, plainSource } from "../config/source-tree.ts";
import { chooseText, schemaAt } from "../config/text-values.ts";
import type { FieldPath } from "../config/types.ts";
import { flatten, stepsOf } from "./fields.ts";

/** Judges the values of one scope. Made by `openJudge`. */
export class Judge {
  readonly #schemas: readonly ConfigSchema[];
  /** There is nothing to judge a service's own fields by. */
  readonly isBlind: boolean;
  readonly #isForAll: boolean;

  constructor(schemas: readonly ConfigSchema[], isForAll: boolean) {
    this.#schemas = schemas;
    this.isBlind = schemas.length === 0;
    this.#isForAll = isForAll;
  }

  /** What the text of `--set` and `tcs config set` means for a field. */
  value(path: string, text: string): Json {
    const steps = stepsOf(path);
    const value = REMOTE_SETTINGS.includes(path) ? typedValue(text) : chooseText(this.#schemaAt(steps), text);
    // JSON has no such numbers: it would become null, which a field may take.
    if (typeof value === "number" && !Number.isFinite(value)) return text;
    // Text, or what YAML made of it: dates and the like become what JSON has.
    return JSON.parse(JSON.stringify(value ?? null));
  }

  /** Names of the fields that services in the scope have. */
  get fields(): string[] {
    return [...new Set(this.#schemas.flatMap((schema) => Object.keys(schema.shape)))];
  }

  /** Whether any of the values is a service's own, not a setting of tcs. */
  hasOwn(fields: JsonObject): boolean {
    return Object.keys(fields).some((name) => !REMOTE_SETTINGS.includes(name) && !isFileOnly(name, false));
  }

  /** Whether what stands at `path` is never shown. @param values that do, or did: a list with a secret in it is one */
  isSecret(path: string, ...values: readonly (Json | undefined)[]): boolean {
    const steps = stepsOf(path);
    return this.#isSecretAt(steps) || values.some((value) => this.#holdsSecret(steps, value));
  }

  #isSecretAt(steps: FieldPath): boolean {
    return (
      steps.some((step) => typeof step === "string" && looksSecret(step)) ||
      this.#schemas.some((schema) => isSecretAt(schema, steps))
    );
  }

  /** Of a list: secrets in its items. */
  #holdsSecret(steps: FieldPath, value: Json | undefined): boolean {
    const parts: [string | number, Json | undefined][] = Array.isArray(value)
      ? value.map((item, i) => [i, item])
      : isJsonObject(value)
        ? Object.entries(value)
        : [];
    return parts.some(
      ([step, item]) => this.#isSecretAt([...steps, step]) || this.#holdsSecret([...steps, step], item),
    );
  }

  /** Paths of the values that are secret. */
  secretsIn(fields: JsonObject): string[] {
    return [...flatten(fields)].flatMap(([path, value]) => (this.isSecret(path, value) ? [path] : []));
  }

  /** The values as they may be shown. */
  masked(fields: JsonObject, prefix = ""): JsonObject {
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => {
        const path = prefix === "" ? name : `${prefix}.${name}`;
        if (isJsonObject(value) && !this.isSecret(path)) return [name, this.masked(value, path)];
        return [name, this.isSecret(path, value) ? MASK : value];
      }),
    );
  }

  /** Everything wrong with `fields`, one line each. @param place what lines begin with */
  faults(place: string, fields: JsonObject): string[] {
    const source = plainSource(place);
    const checker = new Checker({});
    const node = fieldsNode(fields, source);
    for (const key of Object.keys(fields).filter((name) => isFileOnly(name, false))) {
      checker.report({ source, offset: 0 }, key, "what only the configuration file may say", "another key");
    }
    const setting = (name: string) => (REMOTE_SETTINGS.includes(name) ? node.entries.get(name)?.value : undefined);
    readSettings(checker, setting, "");
    const own = Object.entries(fields).filter(([name]) => !REMOTE_SETTINGS.includes(name) && !isFileOnly(name, false));
    return [...checker.issues, ...this.#ownFaults(place, Object.fromEntries(own))].map(formatIssue);
  }

  #ownFaults(place: string, own: JsonObject): ConfigIssue[] {
    if (!this.#isForAll) return this.#schemas.flatMap((schema) => faultsBy(schema, place, own));
    // What is said of all services is for those that have such a field: one at least.
    return Object.entries(own).flatMap(([name, value]) => {
      const meant = this.#schemas.filter((schema) => Object.hasOwn(schema.shape, name));
      const [any] = this.#schemas;
      const judges = meant.length > 0 ? meant : any ? [any] : [];
      return judges.flatMap((schema) => faultsBy(schema, place, { [name]: value })).slice(0, 1);
    });
  }

  #schemaAt(steps: string[]) {
    for (const schema of this.#schemas) {
      const found = schemaAt(schema, steps);
      if (found) return found;
    }
    return undefined;
  }
}

function faultsBy(schema: ConfigSchema, place: string, fields: JsonObject): ConfigIssue[] {
  const who = { type: "service", variant: "main", logLevel: "info" } as const;
  const resolved = resolveServiceConfig(schema, { ...who, fields, overrides: {}, env: {} });
  if (resolved.ok) return [];
  return resolved.issues.map(({ path, given, expected, hint }) => {
    const shown = path.some((step) => typeof step === "string" && looksSecret(step)) ? "a hidden value" : given;
    const issue = { file: place, line: 0, column: 0, key: pathText(path), given: shown, expected };
    return hint === undefined ? issue : { ...issue, hint };
  });
}

/** @param schemas that of the service, or of all services; one that zod cannot read counts as unknown */
export async function openJudge(schemas: readonly JsonSchema[], isForAll = false): Promise<Judge> {
  const { z } = await import("zod");
  const read = schemas.flatMap((schema) => {
    try {
      // A schema from JSON is of the classic kind, as those in a service's file.
      const parsed = z.fromJSONSchema(relaxed(schema, true) as Parameters<typeof z.fromJSONSchema>[0]);
      return parsed instanceof z.ZodObject ? [parsed] : [];
    } catch {
      // Something that this version cannot read: the launcher still judges it.
      return [];
    }
  });
  return new Judge(read, isForAll);
}

/**
 * The schema of values that are only a part of a configuration: nothing is required, at any depth of mappings. Names that it
 * does not know are refused, as in the service itself, unless it says otherwise.
 */
function relaxed(schema: JsonSchema, isRoot: boolean): JsonSchema {
  const { required: _, ...rest } = schema;
  if (rest.properties === undefined) return isRoot ? { ...rest, properties: {} } : rest;
  const properties = Object.fromEntries(
    Object.entries(rest.properties).map(([name, inner]) => [
      name,
      typeof inner === "object" && inner.type === "object" ? relaxed(inner, false) : inner,
    ]),
  );
  const open = isRoot && rest.additionalProperties === undefined ? { additionalProperties: false as const } : {};
  return { ...rest, ...open, properties };
}
