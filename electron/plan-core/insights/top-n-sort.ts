import type { PlanNode } from '#contract/plan-model.ts';
import { adviseIndex } from './index-advice/index-statement.ts';
import { groupOfOne } from './index-advice/partitions.ts';
import { isTopN, sortKeysOf } from './order-wanted.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { claimOf, formatCount, labelOf, rowsOut, severityOf, spentOf, subjectOf, sumOf } from './plan-context.ts';

/** bright98/pgexplain remarks on 1000, which are sorted in a millisecond. */
const LEAST_ROWS = 100_000;
/** Sorting a few rows is nothing, however often it is done. */
const LEAST_ROWS_PER_LOOP = 1000;
const SCANS = new Set(['Seq Scan', 'Index Scan', 'Index Only Scan', 'Bitmap Heap Scan']);

/** ORDER BY … LIMIT that reads very many rows to keep the first. */
export function findTopNSort(context: PlanContext): Finding[] {
  return context.ofType('Sort').flatMap((node): Finding[] => {
    if (!isTopN(context, node)) return [];
    const [input] = context.inputs(node);
    if (!input || !SCANS.has(input.nodeType) || rowsOut(input) < LEAST_ROWS) return [];
    if ((input.actualRows ?? 0) < LEAST_ROWS_PER_LOOP) return [];
    return describe(context, node, input);
  });
}

function describe(context: PlanContext, sort: PlanNode, scan: PlanNode): Finding[] {
  const touched = [sort, scan, ...context.inputs(scan)];
  if (!context.isCostly(...touched)) return [];
  const returned = limitOf(context, sort);
  if (returned * 10 > rowsOut(scan)) return [];
  const order = sortKeysOf(sort, scan);
  const keys = ['Index Cond', 'Recheck Cond', 'Filter'].filter((key) => scan.properties[key] !== undefined);
  const advice = order.length === 0 ? undefined : adviseIndex(context, groupOfOne(context, scan), keys, order);
  // Without plain columns of this one relation an index cannot give the order.
  if (!advice) return [];
  const claims = claimOf(context, touched);
  const savedMs = Math.min(sumOf(claims), context.executionMs);
  return [
    {
      rule: 'top-n-sort',
      nodeId: sort.id,
      severity: severityOf(context, savedMs),
      ...(context.timed ? { savedMs, claims } : {}),
      title: `${formatCount(rowsOut(scan))} rows of ${subjectOf(scan)} are read to keep the first ${formatCount(returned)}`,
      message: `${labelOf(scan)} gives ${formatCount(rowsOut(scan))} rows and the sort keeps the first of them only${spentOf(context, savedMs)}. An index in this order gives them at once.${advice.notes.map((note) => ` ${note}`).join('')}`,
      sql: advice.sql,
      verify: 'Run EXPLAIN (ANALYZE, BUFFERS) again: Limit stands right above an Index Scan, with no Sort.',
      ignoreWhen: 'The table is small, or the query rare.',
    },
  ];
}

function limitOf(context: PlanContext, sort: PlanNode): number {
  for (let above = context.parent(sort); above; above = context.parent(above))
    if (above.nodeType === 'Limit') return rowsOut(above);
  return rowsOut(sort);
}
