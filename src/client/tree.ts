// Launchers and what runs under them, as a tree by parent.
import type { ServiceInfo } from "./service-info.ts";

export interface TreeNode {
  /** Monitor name; empty for the group of those without a launcher. */
  id: string;
  /** Absent for a parent nothing is known of, and for the group without a launcher. */
  info?: ServiceInfo;
  children: TreeNode[];
}

/**
 * The services as a forest: launchers first (those in trouble, then those that run, then those that do not; by host and
 * start), then parents known only by name, then one node with an empty id that
 * holds all that have no launcher. Every service is in it exactly once, whatever their parents say: a cycle is cut at
 * its first member by name.
 */
export function buildTree(services: Iterable<ServiceInfo>): TreeNode[] {
  const nodes = new Map<string, TreeNode & { info: ServiceInfo }>();
  for (const info of [...services].sort(byId)) nodes.set(info.serviceId, { id: info.serviceId, info, children: [] });
  const named = new Map<string, TreeNode>();
  const loose: TreeNode = { id: "", children: [] };
  const launchers: TreeNode[] = [];
  const cut = cyclesCut(nodes);
  for (const node of nodes.values()) {
    const { parent, kind } = node.info;
    if (parent === undefined || cut.has(node.id)) {
      if (kind === "launcher") launchers.push(node);
      else loose.children.push(node);
      continue;
    }
    let above: TreeNode | undefined = nodes.get(parent) ?? named.get(parent);
    if (!above) {
      above = { id: parent, children: [] };
      named.set(parent, above);
    }
    above.children.push(node);
  }
  launchers.sort(byUrgency);
  return [...launchers, ...named.values(), ...(loose.children.length > 0 ? [loose] : [])];
}

/** The chosen ones together with all their known parents, so that each is shown under its launcher. */
export function withAncestors(chosen: Iterable<ServiceInfo>, all: Iterable<ServiceInfo>): ServiceInfo[] {
  const byName = new Map<string, ServiceInfo>();
  for (const info of all) byName.set(info.serviceId, info);
  const kept = new Map<string, ServiceInfo>();
  for (const info of chosen) {
    for (let at: ServiceInfo | undefined = info; at && !kept.has(at.serviceId); ) {
      kept.set(at.serviceId, at);
      at = at.parent === undefined ? undefined : byName.get(at.parent);
    }
  }
  return [...kept.values()];
}

/** One node of each cycle of parents. */
function cyclesCut(nodes: ReadonlyMap<string, { info: ServiceInfo }>): Set<string> {
  const cut = new Set<string>();
  const done = new Set<string>();
  for (const start of nodes.keys()) {
    const path = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && nodes.has(at) && !done.has(at)) {
      if (path.has(at)) {
        cut.add(at);
        break;
      }
      path.add(at);
      at = nodes.get(at)?.info.parent;
    }
    for (const id of path) done.add(id);
  }
  return cut;
}

function byUrgency(a: TreeNode, b: TreeNode): number {
  const [one, other] = [a.info, b.info];
  if (!one || !other) return 0;
  return (
    urgency(one) - urgency(other) ||
    compare(one.host ?? "", other.host ?? "") ||
    compare(one.startTime ?? Number.POSITIVE_INFINITY, other.startTime ?? Number.POSITIVE_INFINITY)
  );
}

function urgency(info: ServiceInfo): number {
  if (!info.current) return 2;
  return info.reason === undefined ? 1 : 0;
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byId(a: ServiceInfo, b: ServiceInfo): number {
  return compare(a.serviceId, b.serviceId);
}
