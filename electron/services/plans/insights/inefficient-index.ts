import type { PlanInsight, PlanNode } from '#contract/plan-model.ts';
import { indexSql } from './indexable-columns.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, labelOf, rowsOut, severityOf } from './plan-context.ts';

const LEAST_DISCARD = 0.9;
const LEAST_REMOVED = 10_000;
const INDEX_SCANS = new Set(['Index Scan', 'Index Only Scan', 'Bitmap Heap Scan']);

/** Is it an index scan whose filter throws nearly everything away? */
export function discardsMost(context: PlanContext, node: PlanNode): boolean {
  const removed = node.rowsRemovedByFilter ?? 0;
  if (!INDEX_SCANS.has(node.nodeType) || removed < LEAST_REMOVED || removed / (removed + rowsOut(node)) < LEAST_DISCARD)
    return false;
  const inputs = context.inputs(node);
  return context.isCostly(node, ...inputs);
}

/** Is it read in the order of its index until a LIMIT is content, with no condition on the index? */
export function isOrderedWalk(context: PlanContext, node: PlanNode): boolean {
  if (node.nodeType === 'Bitmap Heap Scan' || node.properties['Index Cond'] !== undefined) return false;
  for (let above = context.parent(node); above; above = context.parent(above)) {
    if (above.nodeType === 'Limit') return true;
    if (above.nodeType === 'Sort' || above.nodeType === 'Hash' || above.nodeType === 'Aggregate') return false;
  }
  return false;
}

/** An index that finds far more rows than the query wants. */
export function findInefficientIndex(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    if (!discardsMost(context, node) || isOrderedWalk(context, node)) return [];
    const removed = node.rowsRemovedByFilter ?? 0;
    const discard = removed / (removed + rowsOut(node));
    const savedMs = context.ownMs(node) * discard;
    const sql = indexSql(node, ['Index Cond', 'Recheck Cond', 'Filter']);
    const index = node.index ?? context.inputs(node)[0]?.index;
    return [
      {
        rule: 'inefficient-index',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${labelOf(node)} discards ${formatShare(discard)} of what the index finds`,
        message: `${index === undefined ? 'The index' : `Index ${index}`} found ${formatCount(removed + rowsOut(node))} rows, and the filter ${String(node.properties['Filter'])} removed ${formatCount(removed)} of them after reading each from the table (${formatMs(context.ownMs(node))}).`,
        ...(sql === undefined ? {} : { sql }),
        verify:
          'Run EXPLAIN (ANALYZE, BUFFERS) again: the filter’s columns appear in Index Cond, and Rows Removed by Filter is small.',
        ignoreWhen: 'The filter is on something no index can hold, or another index already covers these columns.',
      },
    ];
  });
}
