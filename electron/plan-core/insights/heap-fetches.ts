import { relationName } from './index-advice/index-statement.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatCount, formatShare, labelOf, numberIn, rowsOut, severityOf, subjectOf } from './plan-context.ts';

const LEAST_RATIO = 0.1;
const LEAST_FETCHES = 1000;

/** An index-only scan that went to the table all the same. Heap Fetches is a total, rows are per loop. */
export function findHeapFetches(context: PlanContext): Finding[] {
  return context.costly.flatMap((node): Finding[] => {
    const fetches = numberIn(node, 'Heap Fetches');
    if (node.nodeType !== 'Index Only Scan' || fetches < LEAST_FETCHES) return [];
    const rows = rowsOut(node) + (node.rowsRemovedByFilter ?? 0) + (node.rowsRemovedByIndexRecheck ?? 0);
    const ratio = Math.min(1, fetches / Math.max(1, rows));
    if (ratio < LEAST_RATIO) return [];
    const savedMs = context.ownMs(node) * ratio * 0.8;
    return [
      {
        rule: 'heap-fetches',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `Index Only Scan on ${subjectOf(node)} went to the table for ${formatShare(ratio)} of its rows`,
        message: `${labelOf(node)}: ${formatCount(fetches)} of ${formatCount(rows)} rows could not be answered from the index alone, because the visibility map does not know their pages as all-visible: the table has changed since it was last vacuumed.`,
        ...(node.relation === undefined ? {} : { sql: `vacuum (analyze) ${relationName(node)};` }),
        verify:
          'Run EXPLAIN (ANALYZE, BUFFERS) again: Heap Fetches is near 0. If not, a long transaction holds vacuum back.',
        ignoreWhen:
          'The table is written all the time; then lower autovacuum_vacuum_scale_factor and autovacuum_vacuum_insert_scale_factor for it.',
      },
    ];
  });
}
