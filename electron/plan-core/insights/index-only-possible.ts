import { stringOf } from '../raw-plan.ts';
import { readCondition } from './index-advice/condition-parts.ts';
import { readIndexKey } from './index-advice/index-key.ts';
import { canBeIndexed, relationName } from './index-advice/index-statement.ts';
import { groupOfOne } from './index-advice/partitions.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  blocksOf,
  claimOf,
  formatCount,
  labelOf,
  rowsOut,
  severityOf,
  spentOf,
  subjectOf,
  sumOf,
} from './plan-context.ts';

const LEAST_ROWS = 10_000;
/** Nearly every row is on a page of its own: it is the table that costs, not the index. */
const LEAST_BLOCKS_PER_ROW = 0.5;
/** A wider index is dearer to keep than what it spares. */
const MOST_INCLUDED = 2;
const KEPT_SHARE = 0.5;

/** An index scan that goes to the table for one or two narrow columns only. VERBOSE tells which; without it nothing is said. */
export function findIndexOnlyPossible(context: PlanContext): Finding[] {
  if (context.ofType('ModifyTable').length > 0 || context.ofType('LockRows').length > 0) return [];
  return context.costly.flatMap((node): Finding[] => {
    if (node.nodeType !== 'Index Scan') return [];
    const { Output: output, 'Index Cond': condition, Filter: filter } = node.properties;
    const rows = rowsOut(node);
    if (filter !== undefined || !Array.isArray(output) || rows < LEAST_ROWS) return [];
    if (blocksOf(node.selfBuffers) < rows * LEAST_BLOCKS_PER_ROW || (node.planWidth ?? 100) > 32) return [];
    if (!canBeIndexed(node) || groupOfOne(context, node).isPartition) return [];
    const alias = node.alias ?? node.relation;
    const keys = readCondition(stringOf(condition) ?? '', alias).flatMap((part) =>
      part.kind === 'equal' || part.kind === 'range' || part.kind === 'list' ? [part.key] : [],
    );
    const columns = output.map((item) => (typeof item === 'string' ? readIndexKey(item, alias) : null));
    if (keys.length === 0 || keys.some(({ isExpression }) => isExpression)) return [];
    if (!columns.every((key) => key !== null && !key.isExpression && key.castTo === undefined)) return [];
    const held = new Set(keys.map(({ sql }) => sql));
    const included = columns.flatMap((key) => (key && !held.has(key.sql) ? [key.sql] : []));
    if (included.length === 0 || included.length > MOST_INCLUDED) return [];
    const claims = claimOf(context, [node], KEPT_SHARE);
    const savedMs = sumOf(claims);
    return [
      {
        rule: 'index-only-possible',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs, claims } : {}),
        title: `${formatCount(rows)} rows of ${subjectOf(node)} are fetched for ${included.length === 1 ? 'one narrow column' : 'two narrow columns'}`,
        message: `${labelOf(node)} goes to the table for every row, ${formatCount(blocksOf(node.selfBuffers))} blocks for ${formatCount(rows)} rows, to get ${included.join(' and ')}${spentOf(context, context.ownMs(node))}. With that in the index, an Index Only Scan need not.`,
        sql: `create index concurrently on ${relationName(node)} (${[...held].join(', ')}) include (${included.join(', ')});`,
        verify: 'Run EXPLAIN (ANALYZE, BUFFERS) again after a vacuum: Index Only Scan, with Heap Fetches near 0.',
        ignoreWhen: 'The table is updated all the time, or the index would cover what an existing one nearly does.',
      },
    ];
  });
}
