import type { PlanInsight } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatShare, labelOf, numberIn, rowsOut, severityOf } from './plan-context.ts';

const LEAST_SHARE = 0.5;
const LEAST_REMOVED = 10_000;

/** An index that answers imprecisely (GiST, GIN, BRIN), so that most of what it found is thrown away. */
export function findIndexRecheck(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    const removed = node.rowsRemovedByIndexRecheck ?? 0;
    if (removed < LEAST_REMOVED || numberIn(node, 'Lossy Heap Blocks') > 0 || !context.isCostly(node)) return [];
    const found = removed + rowsOut(node) + (node.rowsRemovedByFilter ?? 0);
    if (removed / found < LEAST_SHARE) return [];
    const savedMs = context.ownMs(node) * (removed / found);
    return [
      {
        rule: 'index-recheck',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${labelOf(node)} discards ${formatShare(removed / found)} of what its index found`,
        message: `The index gave ${formatCount(found)} candidates and ${formatCount(removed)} of them failed the recheck against the table: the operator class is imprecise for this condition.`,
        verify:
          'Compare Rows Removed by Index Recheck after a change of the index: a finer pages_per_range for BRIN, another operator class, or a B-tree.',
        ignoreWhen: 'The index is small on purpose (BRIN) and the time is acceptable.',
      },
    ];
  });
}
