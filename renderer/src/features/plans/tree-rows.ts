import type { PlanIndex } from './plan-index.ts';

/** One line of the tree. */
export interface TreeRow {
  readonly id: number;
  readonly depth: number;
  readonly parentId: number | null;
  /** null for a node without children. */
  readonly expanded: boolean | null;
}

/** The lines of the tree in print order, without what is below a collapsed node. */
export function treeRows(
  { plan: { nodes }, children, lastDescendants }: PlanIndex,
  collapsed: ReadonlySet<number>,
): TreeRow[] {
  const rows: TreeRow[] = [];
  for (let id = 0; id < nodes.length; id += 1) {
    const node = nodes[id];
    if (node === undefined) break;
    const hasChildren = (children[id]?.length ?? 0) > 0;
    const expanded = hasChildren ? !collapsed.has(id) : null;
    rows.push({ id, depth: node.depth, parentId: node.parentId, expanded });
    if (expanded === false) id = lastDescendants[id] ?? id;
  }
  return rows;
}

/** The collapsed nodes that hide a node, so that it can be shown. */
export function hidingAncestors({ plan: { nodes } }: PlanIndex, id: number, collapsed: ReadonlySet<number>): number[] {
  const hiding: number[] = [];
  for (let parent = nodes[id]?.parentId ?? null; parent !== null; parent = nodes[parent]?.parentId ?? null) {
    if (collapsed.has(parent)) hiding.push(parent);
  }
  return hiding;
}
