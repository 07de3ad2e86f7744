import type { RawNode } from '../raw-plan.ts';

const INPUTS: Record<string, number> = {
  'Nested Loop': 2,
  'Hash Join': 2,
  'Merge Join': 2,
  'Recursive Union': 2,
  Hash: 1,
  Sort: 1,
  'Incremental Sort': 1,
  Limit: 1,
  Aggregate: 1,
  Group: 1,
  Unique: 1,
  Gather: 1,
  'Gather Merge': 1,
  Materialize: 1,
  Memoize: 1,
  WindowAgg: 1,
  LockRows: 1,
  SetOp: 1,
  'Subquery Scan': 1,
  'Bitmap Heap Scan': 1,
  BitmapAnd: 1,
  BitmapOr: 1,
};

/**
 * The node at the end of a plan that lacks an input, because the text stops there.
 * A plan of one node is a fragment that someone chose, not a cut one.
 * @returns its index, or null when the end of the plan is whole
 */
export function findMissingInput(nodes: readonly RawNode[]): number | null {
  if (nodes.length < 2) return null;
  const inputs = new Map<number, number>();
  for (const node of nodes) {
    const relationship = node.properties['Parent Relationship'];
    if (relationship !== 'InitPlan' && relationship !== 'SubPlan')
      inputs.set(node.parent, (inputs.get(node.parent) ?? 0) + 1);
  }
  for (let index = nodes.length - 1; index >= 0; index = nodes[index]?.parent ?? -1) {
    const type = nodes[index]?.properties['Node Type'];
    const needed = typeof type === 'string' && Object.hasOwn(INPUTS, type) ? (INPUTS[type] ?? 0) : 0;
    if ((inputs.get(index) ?? 0) < needed) return index;
  }
  return null;
}
