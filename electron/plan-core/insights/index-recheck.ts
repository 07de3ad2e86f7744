import type { PlanNode } from '#contract/plan-model.ts';
import { adviseIndex } from './index-advice/index-statement.ts';
import { groupOfOne } from './index-advice/partitions.ts';
import { isPagesOnly } from './lossy-bitmap.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  formatCount,
  formatShare,
  labelOf,
  numberIn,
  rowsOut,
  severityOf,
  subjectOf,
  sumOf,
} from './plan-context.ts';

/** As many rows as for a filter; half of them, since an index that is checked again is never exact. */
const LEAST_SHARE = 0.5;
const LEAST_REMOVED = 10_000;

/** An index that answers imprecisely (BRIN, GIN, GiST), so that most of what it found is thrown away. */
export function findIndexRecheck(context: PlanContext): Finding[] {
  return context.costly.flatMap((node): Finding[] => {
    const removed = node.rowsRemovedByIndexRecheck ?? 0;
    if (removed < LEAST_REMOVED || (numberIn(node, 'Lossy Heap Blocks') > 0 && !isPagesOnly(node))) return [];
    const found = removed + rowsOut(node) + (node.rowsRemovedByFilter ?? 0);
    return removed / found < LEAST_SHARE ? [] : [describe(context, node, removed, found)];
  });
}

function describe(context: PlanContext, node: PlanNode, removed: number, found: number): Finding {
  const claims = claimOf(context, [node], removed / found);
  const savedMs = sumOf(claims);
  const isBrin = isPagesOnly(node);
  // A B-tree is exact; only where it is a matter of order or equality can it stand in for the index.
  const advice = isBrin ? adviseIndex(context, groupOfOne(context, node), ['Recheck Cond']) : undefined;
  return {
    rule: 'index-recheck',
    nodeId: node.id,
    severity: severityOf(context, savedMs),
    ...(context.timed ? { savedMs, claims } : {}),
    title: `${formatShare(removed / found)} of what the index finds in ${subjectOf(node)} fails the recheck`,
    message: `${labelOf(node)}: the index gave ${formatCount(found)} candidates and ${formatCount(removed)} of them failed the recheck against the table. ${
      isBrin
        ? 'It knows ranges of pages only, as BRIN does, and the rows that match do not lie close together. A B-tree knows each row.'
        : 'The operator class is imprecise for this condition.'
    }${(advice?.notes ?? []).map((note) => ` ${note}`).join('')}`,
    ...(advice === undefined ? {} : { sql: advice.sql }),
    verify: isBrin
      ? 'Run EXPLAIN (ANALYZE, BUFFERS) again: Rows Removed by Index Recheck is gone. Where the B-tree is too large, create the BRIN index with a smaller pages_per_range.'
      : 'Compare Rows Removed by Index Recheck after a change of the index: another operator class, longer words, or a B-tree.',
    ignoreWhen: 'The index is small on purpose (BRIN) and the time is acceptable.',
  };
}
