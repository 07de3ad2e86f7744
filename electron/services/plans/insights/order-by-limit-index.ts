import type { PlanInsight } from '#contract/plan-model.ts';
import { discardsMost, isOrderedWalk } from './inefficient-index.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, labelOf, rowsOut, severityOf } from './plan-context.ts';

/** ORDER BY … LIMIT on an index of the order alone: the planner hoped to meet enough matches soon. */
export function findOrderByLimitIndex(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    if (!discardsMost(context, node) || !isOrderedWalk(context, node)) return [];
    const removed = node.rowsRemovedByFilter ?? 0;
    const savedMs = context.ownMs(node) * (removed / (removed + rowsOut(node)));
    return [
      {
        rule: 'order-by-limit-index',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${labelOf(node)} walks ${formatCount(removed)} rows in order to find ${formatCount(rowsOut(node))}`,
        message: `The planner chose index ${node.index ?? ''} for the order of the LIMIT, hoping to meet matches early; the filter ${String(node.properties['Filter'])} removed ${formatCount(removed)} rows on the way (${formatMs(context.ownMs(node))}).`,
        verify:
          'Create an index with the filter’s equality columns first and the ORDER BY columns after them, or write ORDER BY column + 0 to forbid the walk; then compare the times.',
        ignoreWhen:
          'The matching rows usually stand at the beginning of the order, and these parameters are the exception.',
      },
    ];
  });
}
