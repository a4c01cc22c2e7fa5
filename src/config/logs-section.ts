// The `logs:` part of a configuration file: how much of the logs is kept on disk.
import { type Checker, showNode } from "./checker.ts";
import { showValue } from "./errors.ts";
import { isNull, type Node } from "./source-tree.ts";
import type { LogSettings } from "./types.ts";

/** Keys of `logs:`. */
export const LOGS_KEYS = ["max_size", "files"] as const;
/** Bytes. Smaller files would be rotated all the time. */
const SMALLEST = 16 * 2 ** 10;
const LARGEST = 10 * 2 ** 30;
export const MOST_FILES = 100;
/** As in systemd's sizes, K is 1024, whatever follows it. */
const UNITS: Record<string, number> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const EXPECTED = "a size from 16KB to 10GB, as 10MB, 512KB or a number of bytes";

/** Reads the section; what is wrong goes to `checker`. */
export function readLogsBlock(checker: Checker, node: Node): LogSettings {
  const map = checker.map(node, "logs", "a mapping with max_size and files");
  if (!map) return {};
  checker.unknownKeys(map, "logs", LOGS_KEYS);
  const size = map.entries.get("max_size")?.value;
  const count = map.entries.get("files")?.value;
  const maxBytes = size && !isNull(size) ? readSize(checker, size, "logs.max_size") : undefined;
  const rule = { min: 1, max: MOST_FILES, integer: true };
  const files = count && !isNull(count) ? checker.number(count, "logs.files", rule) : undefined;
  return { ...(maxBytes !== undefined && { maxBytes }), ...(files !== undefined && { files }) };
}

function readSize(checker: Checker, node: Node, key: string): number | undefined {
  if (node.kind !== "scalar") return checker.report(node, key, showNode(node), EXPECTED);
  const expanded = checker.expand(node, key);
  if (!expanded) return undefined;
  const bytes = parseSize(String(expanded.value));
  const fits = bytes !== undefined && bytes >= SMALLEST && bytes <= LARGEST;
  return fits ? bytes : checker.report(node, key, showValue(expanded.value), EXPECTED);
}

/** `10MB`, `10 MiB`, `1.5G`, `512k`, `65536`; undefined for anything else. */
function parseSize(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*(?:([kmg])(?:i?b)?|b)?$/i.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Math.floor(Number(number) * (UNITS[unit.toUpperCase()] ?? 1));
}
