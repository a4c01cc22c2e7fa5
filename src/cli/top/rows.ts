// Which rows the list has, in which order.
import type { Health, ServiceInfo, TreeNode } from "../../client/index.ts";
import { buildTree } from "../../client/tree.ts";
import { type TreeLine, treeLines } from "../display/tree-lines.ts";
import { chooseView, type StatusView } from "../display/view.ts";
import type { Sort, TopState } from "./state.ts";

export interface ListRow {
  line: TreeLine;
  /** How many rows are folded into it. */
  hidden: number;
}

export interface List {
  view: StatusView;
  rows: readonly ListRow[];
}

type Choice = Pick<TopState, "services" | "sort" | "all" | "filter" | "folded" | "unicode">;

/** The last one: a key that only moves the selection changes nothing here. */
let made: { choice: Choice; list: List } | undefined;

export function listOf({ services, sort, all, filter, folded, unicode }: Choice): List {
  const choice: Choice = { services, sort, all, filter, folded, unicode };
  // Object.entries tells no keys, only strings.
  const isSame = made && Object.entries(choice).every(([key, value]) => made?.choice[key as keyof Choice] === value);
  if (!made || !isSame) made = { choice, list: makeList(choice) };
  return made.list;
}

function makeList({ services, sort, all, filter, folded, unicode }: Choice): List {
  const view = chooseView(services, { all, filter: filter === "" ? undefined : filter });
  if (sort !== "tree") return { view, rows: sorted(view.shown, sort).map(flatRow) };
  const hidden = new Map<TreeNode, number>();
  const fold = (node: TreeNode): TreeNode => {
    if (node.children.length === 0 || !folded.has(node.id)) return node;
    const closed = { ...node, children: [] };
    hidden.set(closed, treeLines([node], unicode).length - 1);
    return closed;
  };
  const lines = treeLines(foldAll(buildTree(view.shown), fold), unicode);
  return { view, rows: lines.map((line) => ({ line, hidden: hidden.get(line.node) ?? 0 })) };
}

/** A tree may be deep: its levels are gone through one by one. */
function foldAll(forest: readonly TreeNode[], fold: (node: TreeNode) => TreeNode): TreeNode[] {
  const top = forest.map(fold);
  let level = top;
  while (level.length > 0) {
    const next: TreeNode[] = [];
    for (const node of level) {
      node.children = node.children.map(fold);
      for (const child of node.children) next.push(child);
    }
    level = next;
  }
  return top;
}

function flatRow(info: ServiceInfo): ListRow {
  return { line: { node: { id: info.serviceId, info, children: [] }, branch: "", below: "", depth: 0 }, hidden: 0 };
}

const WORST_FIRST: readonly Health[] = ["failed", "dead", "warning", "unknown", "starting", "ok", "stopped"];

const RANKS = {
  status: (info) => WORST_FIRST.indexOf(info.health),
  name: () => 0,
  // The oldest first; what has none at all is last.
  beat: (info) => -(info.heartbeatAgeSeconds ?? -1),
  // What was started last, first.
  uptime: (info) => info.uptimeSeconds ?? Number.POSITIVE_INFINITY,
} as const satisfies Record<Exclude<Sort, "tree">, (info: ServiceInfo) => number>;

function sorted(services: readonly ServiceInfo[], sort: Exclude<Sort, "tree">): ServiceInfo[] {
  const rank = RANKS[sort];
  const ranked = services.map((info) => ({ info, rank: rank(info) }));
  // Those of equal rank stay in order of id; two without any (Infinity) too.
  return ranked.sort((a, b) => (a.rank === b.rank ? 0 : a.rank - b.rank)).map(({ info }) => info);
}
