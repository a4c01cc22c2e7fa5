// Values of the file, with who set them.
import type { Json, JsonObject } from "../../common/json.ts";
import { type Env, expandText, typedValue, variablesIn } from "../expand.ts";
import type { MapEntry, Node } from "../source-tree.ts";
import type { SourcePosition } from "../types.ts";
import type { Given, ValueSource, VariableSource } from "./value-source.ts";

/** What variables there are, and which of them stand in `.env`. */
export interface Variables {
  env: Env;
  dotenv?: ReadonlyMap<string, SourcePosition>;
}

/** Who sets the variable `name`. */
export function variableSource(name: string, { env, dotenv }: Variables): VariableSource {
  if (env[name] === undefined) return { variable: name, unset: true };
  const place = dotenv?.get(name);
  return { variable: name, ...(place && { file: place.file, line: place.line }) };
}

/** The value of an entry, and where it stands. @param part of the file, when it is not the row */
export function givenBy({ value: node, anchor }: MapEntry, variables: Variables, part?: string): Given {
  return { value: plainOf(node, variables.env), source: fileSource(node, variables, part, anchor) };
}

/** The place of `node`. */
export function fileSource(node: Node, variables: Variables, part?: string, anchor?: string): ValueSource {
  const { remote, ...position } = node.source.position(node.offset);
  if (remote) return { kind: "remote", ...remote };
  const names = [...new Set(namesIn(node))];
  return {
    kind: "file",
    ...position,
    ...(part !== undefined && { part }),
    ...(anchor !== undefined && { anchor }),
    ...(names.length > 0 && { variables: names.map((name) => variableSource(name, variables)) }),
  };
}

/** The plain value of `node`, variables expanded: those that are not set stay as they are written. */
export function plainOf(node: Node, env: Env): Json {
  switch (node.kind) {
    case "scalar": {
      if (typeof node.value !== "string") return node.value;
      const expansion = expandText(node.value, env);
      if (!expansion.ok) return node.value;
      return expansion.single ? typedValue(expansion.text) : expansion.text;
    }
    case "seq":
      return node.items.map((item) => plainOf(item, env));
    case "map":
      return mapValues(node.entries, env);
    default:
      return node satisfies never;
  }
}

function mapValues(entries: ReadonlyMap<string, MapEntry>, env: Env): JsonObject {
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, plainOf(value, env)]));
}

function namesIn(node: Node): string[] {
  if (node.kind === "seq") return node.items.flatMap(namesIn);
  if (node.kind === "map") return [...node.entries.values()].flatMap(({ value }) => namesIn(value));
  return typeof node.value === "string" ? variablesIn(node.value) : [];
}
