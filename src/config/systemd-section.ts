// The `systemd:` part of a configuration file: how its launcher uses systemd.
import { type Checker, showNode } from "./checker.ts";
import { isNull, type MapNode, type Node } from "./source-tree.ts";
import type { SystemdSettings } from "./types.ts";

/** Keys of `systemd:`. */
export const SYSTEMD_KEYS = ["scope", "on_exit", "persistent", "properties"] as const;
export const SCOPES = ["system", "user"] as const;
export const ON_EXIT = ["stop", "leave"] as const;
/** What the unit is made of: another value would take the service from its launcher. */
const OURS = /^(?:Type|NotifyAccess|ExecStart|Restart|RestartForceExitStatus|EnvironmentFile|KillMode)$/;

/** Reads the section; what is wrong goes to `checker`. */
export function readSystemdBlock(checker: Checker, node: Node): SystemdSettings {
  const map = checker.map(node, "systemd", "a mapping with scope, on_exit, persistent and properties");
  if (!map) return {};
  checker.unknownKeys(map, "systemd", SYSTEMD_KEYS);
  const scope = readWord(checker, map, "scope", SCOPES);
  const onExit = readWord(checker, map, "on_exit", ON_EXIT);
  const kept = map.entries.get("persistent")?.value;
  const persistent = kept && !isNull(kept) ? checker.boolean(kept, "systemd.persistent") : undefined;
  const properties = readProperties(checker, map.entries.get("properties")?.value);
  return {
    ...(scope && { scope }),
    ...(onExit && { onExit }),
    ...(persistent !== undefined && { persistent }),
    ...(properties && { properties }),
  };
}

function readWord<W extends string>(checker: Checker, map: MapNode, name: string, words: readonly W[]): W | undefined {
  const node = map.entries.get(name)?.value;
  if (!node || isNull(node)) return undefined;
  const expected = `one of ${words.join(", ")}`;
  const text = checker.text(node, `systemd.${name}`, expected);
  if (text === undefined) return undefined;
  return words.find((word) => word === text) ?? checker.report(node, `systemd.${name}`, text, expected);
}

function readProperties(checker: Checker, node: Node | undefined): Record<string, string> | undefined {
  if (!node || isNull(node)) return undefined;
  const map = checker.map(node, "systemd.properties", "directives of systemd, as MemoryMax: 200M");
  if (!map) return undefined;
  const pairs: [string, string][] = [];
  for (const [name, { value }] of map.entries) {
    const key = `systemd.properties.${name}`;
    if (!/^[A-Z][A-Za-z0-9]*$/.test(name) || OURS.test(name)) {
      checker.report(value, key, showNode(value), "a directive of [Service] that tcs does not set itself");
      continue;
    }
    const text = checker.text(value, key, "its value, in one line");
    if (text?.includes("\n")) checker.report(value, key, "several lines", "its value, in one line");
    else if (text !== undefined) pairs.push([name, text]);
  }
  return Object.fromEntries(pairs);
}
