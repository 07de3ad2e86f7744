import type { PlanNode } from '#contract/plan-model.ts';
import { relationName } from './index-advice/index-statement.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  blocksOf,
  claimOf,
  formatCount,
  formatKilobytes,
  labelOf,
  rowsOut,
  severityOf,
  spentOf,
  subjectOf,
  sumOf,
} from './plan-context.ts';

/** As many as postgres.ai’s Joe remarks on where few rows come of them. */
const LEAST_BLOCKS = 1000;
const BLOCKS_PER_ROW: Readonly<Record<string, number>> = {
  // A row takes one page, and what does not fit is not read with it.
  'Seq Scan': 20,
  // A lookup takes a handful of pages, and a row one more.
  'Index Scan': 100,
  'Index Only Scan': 100,
};
const SAVED_SHARE = 0.9;

/** A scan that reads far more pages than its rows can fill: what is left of deleted and updated rows. */
export function findMuchReadForLittle(context: PlanContext): Finding[] {
  return context.costly.flatMap((node): Finding[] => {
    const perRow = BLOCKS_PER_ROW[node.nodeType];
    const blocks = blocksOf(node.selfBuffers);
    // Ordered by distance, an index scan looks far around by nature.
    if (perRow === undefined || blocks < LEAST_BLOCKS || node.properties['Order By'] !== undefined) return [];
    if (node.relation === undefined || node.neverExecuted) return [];
    const found = foundBy(node);
    if (blocks < perRow * Math.max(found, node.loops)) return [];
    const claims = claimOf(context, [node], SAVED_SHARE);
    const savedMs = sumOf(claims);
    return [
      {
        rule: 'much-read-for-little',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs, claims } : {}),
        title: `${formatCount(blocks)} blocks of ${subjectOf(node)} are read for ${formatCount(found)} rows`,
        message: `${labelOf(node)} went through ${formatKilobytes(blocks * 8)} to find ${formatCount(found)} rows${spentOf(context, context.ownMs(node))}: most of the pages hold rows that are deleted or outdated, or nothing.`,
        sql: `vacuum (verbose, analyze) ${relationName(node)};`,
        verify:
          'Run EXPLAIN (ANALYZE, BUFFERS) again. If it reads as much, look in the output of vacuum for rows that cannot be removed yet (an old transaction or a replication slot holds them); a table that stays large needs VACUUM FULL, which locks it, or pg_repack.',
        ignoreWhen: 'The rows have just been deleted on purpose, and new ones will fill the space.',
      },
    ];
  });
}

function foundBy(node: PlanNode): number {
  return rowsOut(node) + (node.rowsRemovedByFilter ?? 0) + (node.rowsRemovedByIndexRecheck ?? 0);
}
