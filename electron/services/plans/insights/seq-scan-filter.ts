import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, labelOf, rowsOut, severityOf } from './plan-context.ts';
import type { PlanInsight } from '#contract/plan-model.ts';
import { indexSql } from './indexable-columns.ts';

const LEAST_DISCARD = 0.9;
const LEAST_REMOVED = 10_000;

/** A sequential scan that throws most of what it reads away. */
export function findSeqScanFilter(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    const removed = node.rowsRemovedByFilter ?? 0;
    if (node.nodeType !== 'Seq Scan' || removed < LEAST_REMOVED || !context.isCostly(node)) return [];
    const kept = rowsOut(node);
    const discard = removed / (removed + kept);
    if (discard < LEAST_DISCARD) return [];
    const savedMs = context.ownMs(node) * discard;
    const sql = indexSql(node, ['Filter']);
    return [
      {
        rule: 'seq-scan-filter',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${labelOf(node)} reads ${formatCount(removed + kept)} rows to keep ${formatCount(kept)}`,
        message: `The filter ${String(node.properties['Filter'])} removed ${formatCount(removed)} of ${formatCount(removed + kept)} rows (${formatShare(discard)}), in ${formatMs(context.ownMs(node))}. Without an index every row of the table is read to find them.`,
        ...(sql === undefined ? {} : { sql }),
        verify:
          'Run EXPLAIN (ANALYZE, BUFFERS) again: the node becomes an Index Scan or a Bitmap Heap Scan and reads far fewer blocks.',
        ignoreWhen:
          'The query runs rarely, or the table is written much more often than it is read: every index slows writes down.',
      },
    ];
  });
}
