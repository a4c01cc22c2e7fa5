// A forest of services as lines with branches drawn before each.
import type { TreeNode } from "../../client/tree.ts";

export interface TreeLine {
  node: TreeNode;
  /** Branches to be drawn before its name. */
  branch: string;
  /** Branches to be drawn before lines that belong to it. */
  below: string;
  depth: number;
}

/** Deeper than this, branches no longer move to the right. */
const DEEPEST_INDENT = 6;

const UNICODE = { fork: "├─ ", last: "└─ ", through: "│  ", gap: "   " };
const ASCII = { fork: "|- ", last: "`- ", through: "|  ", gap: "   " };

/** Depth first, each parent before its children; any depth (no recursion). */
export function treeLines(forest: readonly TreeNode[], unicode: boolean): TreeLine[] {
  const signs = unicode ? UNICODE : ASCII;
  const lines: TreeLine[] = [];
  const pending: TreeLine[] = forest.map((node) => ({ node, branch: "", below: "", depth: 0 })).reverse();
  for (let line = pending.pop(); line; line = pending.pop()) {
    lines.push(line);
    const { children } = line.node;
    const isDeep = line.depth >= DEEPEST_INDENT;
    for (let i = children.length - 1; i >= 0; i--) {
      const node = children[i];
      if (!node) continue;
      const isLast = i === children.length - 1;
      pending.push({
        node,
        branch: isDeep ? line.branch : line.below + (isLast ? signs.last : signs.fork),
        below: isDeep ? line.below : line.below + (isLast ? signs.gap : signs.through),
        depth: line.depth + 1,
      });
    }
  }
  return lines;
}
