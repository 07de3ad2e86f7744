import type { PlanNode } from '#contract/plan-model.ts';
import { stringOf } from '../raw-plan.ts';
import type { ConditionPart } from './index-advice/condition-parts.ts';
import { readCondition } from './index-advice/condition-parts.ts';
import { adviseIndexFor } from './index-advice/index-statement.ts';
import { groupOfOne } from './index-advice/partitions.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  formatCount,
  labelOf,
  quoteCondition,
  rowsOut,
  severityOf,
  spentOf,
  subjectOf,
  sumOf,
} from './plan-context.ts';

/** As for a filter. */
const LEAST_DISCARD = 0.9;
const LEAST_REMOVED = 10_000;

/** A nested loop that compares every row of one side with every row of the other. */
export function findJoinWithoutIndex(context: PlanContext): Finding[] {
  return context.ofType('Nested Loop').flatMap((node): Finding[] => {
    const removed = node.rowsRemovedByJoinFilter ?? 0;
    if (removed < LEAST_REMOVED) return [];
    const condition = stringOf(node.properties['Join Filter']);
    if (condition === undefined) return [];
    if (removed / (removed + rowsOut(node)) < LEAST_DISCARD) return [];
    const [outer, inner] = context.inputs(node);
    if (!outer || !inner || (node.joinType !== 'Inner' && node.joinType !== 'Semi' && node.joinType !== 'Left'))
      return [];
    const kept = inner.nodeType === 'Materialize' ? (context.inputs(inner)[0] ?? inner) : inner;
    // Whichever side is the larger table can be the one that is looked up; of an outer join, only the inner one.
    const scan = [kept, ...(node.joinType === 'Inner' ? [outer] : [])]
      .filter(({ nodeType }) => nodeType === 'Seq Scan')
      .toSorted((a, b) => (b.actualRows ?? 0) - (a.actualRows ?? 0))[0];
    const touched = [node, inner, ...(kept === inner ? [] : [kept]), ...(scan === outer ? [outer] : [])];
    if (!scan || !context.isCostly(...touched)) return [];
    return [describe(context, { join: node, other: scan === outer ? kept : outer, scan, touched, condition, removed })];
  });
}

type Comparing = {
  readonly join: PlanNode;
  readonly other: PlanNode;
  readonly scan: PlanNode;
  readonly touched: readonly PlanNode[];
  readonly condition: string;
  readonly removed: number;
};

function describe(context: PlanContext, { join, other, scan, touched, condition, removed }: Comparing): Finding {
  const claims = claimOf(context, touched, removed / (removed + rowsOut(join)));
  const savedMs = sumOf(claims);
  const alias = scan.alias ?? scan.relation;
  const filter = stringOf(scan.properties['Filter']);
  const parts: ConditionPart[] = [
    ...(filter === undefined ? [] : readCondition(filter, alias)).filter(
      ({ kind }) => kind === 'equal' || kind === 'flag',
    ),
    ...readCondition(condition, alias),
  ];
  const isIndexable = readCondition(condition, alias).some(({ kind }) => kind === 'equal' || kind === 'range');
  const advice = isIndexable ? adviseIndexFor(context, groupOfOne(context, scan), parts) : undefined;
  return {
    rule: 'join-without-index',
    nodeId: join.id,
    severity: severityOf(context, savedMs),
    ...(context.timed ? { savedMs, claims } : {}),
    title: `The join with ${subjectOf(scan)} compares ${formatCount(removed)} pairs of rows for nothing`,
    message: `Every row of ${subjectOf(scan)} is compared with each of the ${formatCount(other.actualRows ?? 0)} rows of ${labelOf(other)}, and the condition ${quoteCondition(condition)} removes ${formatCount(removed)} pairs to keep ${formatCount(rowsOut(join))}${spentOf(
      context,
      touched.reduce((sum, node) => sum + context.ownMs(node), 0),
    )}. ${advice ? 'With an index the partners of a row are found at once.' : 'No index can be read off this condition.'}${(advice?.notes ?? []).map((note) => ` ${note}`).join('')}`,
    ...(advice === undefined ? {} : { sql: advice.sql }),
    verify:
      'Run EXPLAIN (ANALYZE, BUFFERS) again: the inner side is an Index Scan with the condition in Index Cond, or the join has become a Hash Join.',
    ignoreWhen: 'One of the sides has few rows in normal use.',
  };
}
