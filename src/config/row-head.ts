// Who a service row is: its type, variant and module. Rows may also be text: `hello_world.main`.

import { dottedFault, serviceId, splitServiceId, variantFault } from "../common/names.ts";
import { nearest } from "../common/nearest.ts";
import { type Checker, showNode } from "./checker.ts";
import { showValue } from "./errors.ts";
import { type ModuleResolver, type Resolution, typeOfModule } from "./modules.ts";
import { nameHint } from "./older-forms.ts";
import { isNull, type MapNode, type Node, type ScalarNode, sourceFolder } from "./source-tree.ts";
import { type ModuleRef, ROW_KEYS } from "./types.ts";

/** Who a row is. */
export interface RowHead {
  id: string;
  type: string;
  variant: string;
  /** The text of `module:`. */
  moduleName?: string;
  /** Where the row stands in the file, as `services[2]`. */
  key: string;
  /** The row itself; a row written as text has an empty mapping. */
  node: MapNode;
  /** The value that names the type, for messages. */
  typeNode: Node;
  /** Fields that are only said of all services, over NATS. */
  ifKnown?: readonly string[];
}

/** Reads who a row is; undefined if it does not say. */
export function readHead(checker: Checker, node: Node, key: string, modules: ModuleResolver): RowHead | undefined {
  if (node.kind === "scalar" && typeof node.value === "string") return headOfText(checker, node, key, modules);
  if (node.kind !== "map") {
    return checker.report(node, key, showNode(node), "a service: a mapping with type, or text as hello_world.main");
  }
  const name = (field: string, expected: string, fault: (text: string) => string | undefined) => {
    const value = node.entries.get(field)?.value;
    if (value === undefined || isNull(value)) return undefined;
    const text = checker.text(value, `${key}.${field}`, expected);
    const wrong = text === undefined ? undefined : fault(text);
    if (wrong !== undefined) checker.report(value, `${key}.${field}`, showValue(text), `${expected} (${wrong})`);
    return text === undefined || wrong !== undefined ? INVALID : text;
  };
  const given = name("type", "a legal service type", dottedFault);
  const moduleName = name("module", "a file or a module name", () => undefined);
  const names = (["variant", "instance_context", "instance"] as const).flatMap((field) => {
    const text = name(field, "a legal variant", variantFault);
    return text === undefined ? [] : [{ field, text }];
  });
  const [first, ...others] = names;
  for (const { field, text } of others) {
    const place = node.entries.get(field)?.value ?? node;
    if (text === first?.text) continue;
    checker.report(place, `${key}.${field}`, showValue(text), `the same as ${first?.field}, or only one of them`);
  }
  if (given === INVALID || moduleName === INVALID || names.some(({ text }) => text === INVALID)) return undefined;
  if (given === undefined && moduleName === undefined) {
    return checker.report(node, key, "a service without a type", "type: hello_world, or a module", typoHint(node));
  }
  const type = given ?? typeOfModule(moduleName ?? "");
  const variant = first?.text ?? "main";
  const typeNode = node.entries.get(given === undefined ? "module" : "type")?.value ?? node;
  const fault = given === undefined ? dottedFault(type) : undefined;
  if (fault)
    return checker.report(
      typeNode,
      `${key}.module`,
      showValue(moduleName),
      `a type too: ${fault} in ${showValue(type)}`,
    );
  return {
    id: serviceId(type, variant),
    type,
    variant,
    ...(moduleName !== undefined && { moduleName }),
    key,
    node,
    typeNode,
  };
}

/** Stands for a name that was given and refused. */
const INVALID = "";

function headOfText(checker: Checker, node: ScalarNode, key: string, modules: ModuleResolver): RowHead | undefined {
  const text = checker.text(node, key, "a service as hello_world.main");
  if (text === undefined) return undefined;
  const whole = !text.includes(".") || modules.knowsType(text);
  const { type, variant } = whole ? { type: text, variant: "main" } : splitServiceId(text);
  const fault = dottedFault(type) ?? variantFault(variant);
  if (fault) return checker.report(node, key, showValue(text), `a service as hello_world.main: ${fault}`);
  const empty: MapNode = { kind: "map", entries: new Map(), source: node.source, offset: node.offset };
  return { id: serviceId(type, variant), type, variant, key, node: empty, typeNode: node };
}

/** A row whose `type` is mistyped. */
function typoHint(node: MapNode): string | undefined {
  const near = [...node.entries.keys()].find(
    (key) => nearest(key, ["type"]) && !(ROW_KEYS as readonly string[]).includes(key),
  );
  return near === undefined ? nameHint(node) : `"${near}" stands there: did you mean "type"?`;
}

/** The module of a row, as it is named from the row's own file. */
export function resolveModule({ moduleName, type, node }: RowHead, modules: ModuleResolver): Resolution {
  const from = sourceFolder(node.source);
  return moduleName === undefined ? modules.ofType(type, from) : modules.named(moduleName, from, type);
}

/** The module of a row, reported and undefined if there is none. */
export function readModule(checker: Checker, head: RowHead, modules: ModuleResolver): ModuleRef | undefined {
  const { moduleName, node, key } = head;
  const resolution = resolveModule(head, modules);
  if (resolution.ok) return resolution.module;
  const place = node.entries.get("module")?.value ?? head.typeNode;
  const named = moduleName !== undefined ? "module" : "type";
  const field = node.entries.has(named) ? `${key}.${named}` : key;
  return checker.report(place, field, resolution.given, resolution.expected, resolution.hint);
}
