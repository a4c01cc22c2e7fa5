// The names of settings: buckets, their keys, and what people call the services that values are for.
import type { Scope } from "../config/overlay.ts";

/** The bucket of values: `tcs_config`; with another prefix than `svc` one of its own, as `ocm_svc_tcs_config`. */
export function configBucketName(prefix: string): string {
  return ownName(prefix, "tcs_config");
}

/** The bucket of schemas: `tcs_schemas`, and so on. */
export function schemaBucketName(prefix: string): string {
  return ownName(prefix, "tcs_schemas");
}

function ownName(prefix: string, name: string): string {
  return prefix === "svc" ? name : `${prefix.replaceAll(/[^\w-]/g, "_")}_${name}`;
}

/** The key of a scope. A type and a service may have one name: hence the first word. */
export function keyOf(scope: Scope): string {
  switch (scope.kind) {
    case "service":
      return `id.${scope.id}`;
    case "type":
      return `type.${scope.type}`;
    case "global":
      return "global";
    default:
      return scope satisfies never;
  }
}

/** The scope of a key; undefined for one that is not ours. */
export function scopeOf(key: string): Scope | undefined {
  if (key === "global") return { kind: "global" };
  const [, kind, name] = /^(id|type)\.(.+)$/s.exec(key) ?? [];
  if (name === undefined) return undefined;
  return kind === "id" ? { kind: "service", id: name } : { kind: "type", type: name };
}

/** `hello_world.main`, `type hello_world`, `all services`. */
export function scopeWords(scope: Scope): string {
  switch (scope.kind) {
    case "service":
      return scope.id;
    case "type":
      return `type ${scope.type}`;
    case "global":
      return "all services";
    default:
      return scope satisfies never;
  }
}
