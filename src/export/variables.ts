// Which variables a configuration reads, and which of them are secret. Found in its text; no value is looked at.

import { looksSecret } from "../common/secret-words.ts";
import { environmentName } from "../config/environment-name.ts";
import { expandText } from "../config/expand.ts";
import { withoutCredentials } from "../config/nats-url.ts";
import type { MapNode, Node } from "../config/source-tree.ts";
import type { ServiceRow } from "../config/types.ts";
import { SecretInFileError } from "./errors.ts";
import type { ServiceTraits, Variable } from "./types.ts";

/** Keys of `nats:` that are secret. */
const NATS_SECRETS = ["password", "token"];

export interface VariablesOf {
  root: MapNode;
  rows: readonly ServiceRow[];
  traits: ReadonlyMap<string, ServiceTraits>;
  /** Names that are secret, whatever they look like. */
  secrets: readonly string[];
}

/**
 * Every variable, by name.
 * @throws SecretInFileError when a secret stands in the file itself
 */
export function variablesOf({ root, rows, traits, secrets }: VariablesOf): Variable[] {
  const byPlace = new Map(rows.map((row) => [placeOf(row.position), row]));
  const found = new Map<string, Found>();
  const add = (name: string, use: Omit<Found, "name" | "users"> & { user: string | undefined }) => {
    const known = found.get(name) ?? { optional: true, secret: false, users: new Set<string | undefined>() };
    known.optional &&= use.optional;
    known.secret ||= use.secret || looksSecret(name) || secrets.includes(name);
    known.users.add(use.user);
    found.set(name, known);
  };
  const walk = (node: Node, place: Place): void => {
    if (node.kind === "seq") {
      for (const item of node.items) walk(item, place);
    } else if (node.kind === "map") {
      const row = byPlace.get(placeOf(node.source.position(node.offset)));
      for (const [key, { value }] of node.entries) walk(value, stepInto(place, key, row, { traits, secrets }));
    } else if (typeof node.value === "string") {
      const used = variablesIn(node.value);
      if (used.length === 0) refuseSecret(node, node.value, place);
      for (const { name, optional } of used) add(name, { optional, secret: place.secret, user: place.row?.id });
    } else if (node.value !== null) {
      refuseSecret(node, String(node.value), place);
    }
  };
  for (const [key, { value }] of root.entries) {
    // A place for anchors: what is used of it is found where it is used.
    if (!key.startsWith("x-")) walk(value, { path: [key], row: undefined, secret: false });
  }
  for (const row of rows) {
    for (const { name, required } of traits.get(row.id)?.secretFields ?? []) {
      if (!required || name in row.fields || name in row.overrides) continue;
      add(environmentName(row.type, name), { optional: false, secret: true, user: row.id });
    }
  }
  return [...found]
    .map(([name, { optional, secret, users }]) => {
      const ids = [...users].filter((user) => user !== undefined);
      return { name, optional, secret, ...(ids.length === users.size && { users: new Set(ids) }) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Found {
  optional: boolean;
  secret: boolean;
  users: Set<string | undefined>;
}

interface Place {
  path: readonly string[];
  row: ServiceRow | undefined;
  /** The value is declared secret. */
  secret: boolean;
}

function stepInto(
  { path, row, secret }: Place,
  key: string,
  here: ServiceRow | undefined,
  { traits, secrets }: Pick<VariablesOf, "traits" | "secrets">,
): Place {
  const isField = here && traits.get(here.id)?.secretFields.some(({ name }) => name === key);
  const isLogin = path.length === 1 && path[0] === "nats" && NATS_SECRETS.includes(key);
  const isVariable = row?.module.kind === "program" && path.at(-1) === "env";
  const isNamed = isVariable && (looksSecret(key) || secrets.includes(key));
  return { path: [...path, key], row: row ?? here, secret: secret || isField === true || isLogin || isNamed };
}

/** @throws SecretInFileError */
function refuseSecret(node: Node, value: string, { path, row, secret }: Place): void {
  const isLogin = path[0] === "nats" && withoutCredentials(value) !== value;
  if (value === "" || !(secret || isLogin)) return;
  const { file, line, column } = node.source.position(node.offset);
  const key = [...(row ? [row.id] : []), ...path.slice(-1)].join(".");
  throw new SecretInFileError(
    `${file}:${line}:${column}: ${key}: a secret in the file, expected a variable as \${NAME}`,
    {
      hint: "what is exported goes to places where many can read it; a variable is taken from a secret there",
    },
  );
}

function placeOf(position: { line: number; column: number } | undefined): string {
  return `${position?.line}:${position?.column}`;
}

/** The variables of one value, those in defaults included. The grammar's own reader finds them. */
export function variablesIn(text: string): { name: string; optional: boolean }[] {
  if (!text.includes("${")) return [];
  const names = new Set<string>();
  const recording = (value: (name: string) => string | undefined) =>
    new Proxy<Record<string, string | undefined>>(
      {},
      {
        get(_, name) {
          if (typeof name !== "string") return undefined;
          names.add(name);
          return value(name);
        },
      },
    );
  // Empty: of each its default is read, where it has one.
  expandText(
    text,
    recording(() => ""),
  );
  return [...names].map((name) => ({
    name,
    optional: expandText(
      text,
      recording((other) => (other === name ? undefined : "")),
    ).ok,
  }));
}
