// The `metrics:` part of a configuration file: where a launcher tells Prometheus of its services.
import type { Checker } from "./checker.ts";
import { isNull, type Node } from "./source-tree.ts";
import type { MetricsSettings } from "./types.ts";

/** Keys of `metrics:`. */
export const METRICS_KEYS = ["port", "host"] as const;
const PORT = { min: 1, max: 65_535, integer: true };

/** Reads the section (`metrics: 9464` is the port alone); what is wrong goes to `checker`. */
export function readMetricsBlock(checker: Checker, node: Node): MetricsSettings | undefined {
  if (node.kind === "scalar") {
    const port = checker.number(node, "metrics", PORT);
    return port === undefined ? undefined : { port };
  }
  const map = checker.map(node, "metrics", "a port, or a mapping with port and host");
  if (!map) return undefined;
  checker.unknownKeys(map, "metrics", METRICS_KEYS);
  const portNode = map.entries.get("port")?.value;
  if (!portNode || isNull(portNode)) return checker.report(node, "metrics.port", "nothing", "a port from 1 to 65535");
  const port = checker.number(portNode, "metrics.port", PORT);
  const hostNode = map.entries.get("host")?.value;
  const host =
    hostNode && !isNull(hostNode) ? checker.text(hostNode, "metrics.host", "an address to listen on") : undefined;
  return port === undefined ? undefined : { port, ...(host === undefined ? {} : { host }) };
}
