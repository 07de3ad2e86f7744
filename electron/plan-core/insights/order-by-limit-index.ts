import type { PlanNode } from '#contract/plan-model.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/quote-identifier.ts';
import { stringOf } from '../raw-plan.ts';
import { readCondition } from './index-advice/condition-parts.ts';
import { canBeIndexed } from './index-advice/index-statement.ts';
import { groupScans } from './index-advice/partitions.ts';
import { discardsMost, hasRemovals, isOrderedWalk } from './inefficient-index.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  formatCount,
  quoteCondition,
  severityOf,
  shorten,
  spentOf,
  subjectOf,
  sumOf,
} from './plan-context.ts';

/** ORDER BY … LIMIT on an index of the order alone: the planner hoped to meet enough matches soon. */
export function findOrderByLimitIndex(context: PlanContext): Finding[] {
  const walks = context.nodes.filter((node) => hasRemovals(node) && isOrderedWalk(context, node));
  return groupScans(context, walks).flatMap((group): Finding[] => {
    const rows = discardsMost(context, group);
    if (!rows) return [];
    const { lead, nodes } = group;
    const claims = claimOf(context, nodes, rows.removed / (rows.removed + rows.kept));
    const savedMs = Math.min(sumOf(claims), context.executionMs);
    const sql = group.isPartition ? undefined : composeSql(lead);
    return [
      {
        rule: 'order-by-limit-index',
        nodeId: lead.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs, claims } : {}),
        title: `${formatCount(rows.removed)} rows of ${subjectOf(lead)} are walked in order to find ${formatCount(rows.kept)}`,
        message: `The planner chose index ${shorten(lead.index ?? '', 63)} for the order of the LIMIT, hoping to meet matches early; the filter ${quoteCondition(lead.properties['Filter'])} removed ${formatCount(rows.removed)} rows on the way${spentOf(
          context,
          nodes.reduce((sum, node) => sum + context.ownMs(node), 0),
        )}. An index with the filter’s columns first and the ORDER BY columns after them finds them at once.`,
        ...(sql === undefined ? {} : { sql }),
        verify:
          'Run EXPLAIN (ANALYZE, BUFFERS) again: the filter’s columns stand in Index Cond. ORDER BY column + 0 forbids the walk where no index can be added.',
        ignoreWhen:
          'The matching rows usually stand at the beginning of the order, and these parameters are the exception.',
      },
    ];
  });
}

/**
 * The plan tells the filter’s columns; those of the order are in the catalog only, so a query there writes the statement.
 * Run on 15 and 18.
 */
function composeSql(scan: PlanNode): string | undefined {
  const filter = stringOf(scan.properties['Filter']);
  if (filter === undefined || scan.index === undefined || !canBeIndexed(scan)) return undefined;
  const parts = readCondition(filter, scan.alias ?? scan.relation);
  const keys = [...new Set(parts.flatMap((part) => (part.kind === 'equal' ? [part.key.sql] : [])))].slice(0, 3);
  const where = [...new Set(parts.flatMap((part) => (part.kind === 'flag' ? [part.predicate] : [])))];
  if (keys.length + where.length === 0) return undefined;
  const index = `${scan.schema === undefined ? '' : `${quoteIdentifier(scan.schema)}.`}${quoteIdentifier(scan.index)}`;
  const first = quoteLiteral(keys.map((key) => `${key}, `).join(''));
  const predicate = where.length === 0 ? "''" : quoteLiteral(` where ${where.join(' and ')}`);
  return `-- writes the statement: the columns of the filter, then those of ${scan.index.replaceAll(/\s/g, ' ')}
select format('create index concurrently on %s (%s%s)%s;',
         indrelid::regclass, ${first}, string_agg(pg_get_indexdef(indexrelid, place, false), ', ' order by place), ${predicate})
from pg_index
cross join generate_series(1, indnkeyatts) as place
where indexrelid = ${quoteLiteral(index)}::regclass
group by indrelid;`;
}
