import type { PlanNode } from '#contract/plan-model.ts';
import { isUnhashedNotIn } from './hashed-subplan-missing.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { claimOf, dearest, formatCount, formatMs, formatShare, labelOf, severityOf, sumOf } from './plan-context.ts';

/** As losefor/pg-explain has it. */
const LEAST_LOOPS = 1000;
const LEAST_SHARE = 0.1;

/** A subquery that ran once for every row of its owner. */
export function findCorrelatedSubplan(context: PlanContext): Finding[] {
  return dearest(context, context.subplans).flatMap((node): Finding[] => {
    const totalMs = context.totalMs(node);
    if (
      node.relationship !== 'SubPlan' ||
      node.loops <= LEAST_LOOPS ||
      totalMs < 1 ||
      totalMs < context.executionMs * LEAST_SHARE
    )
      return [];
    const owner = context.parent(node);
    if (!owner || isUnhashedNotIn(owner, node)) return [];
    return [describe(context, node, owner, totalMs)];
  });
}

function describe(context: PlanContext, node: PlanNode, owner: PlanNode, totalMs: number): Finding {
  const claims = claimOf(context, context.subtree(node));
  const savedMs = Math.min(sumOf(claims), totalMs);
  return {
    rule: 'correlated-subplan',
    nodeId: node.id,
    severity: severityOf(context, savedMs),
    savedMs,
    claims,
    title: `${node.subplanName === undefined || node.subplanName === 'SubPlan' ? 'A correlated subquery' : node.subplanName} ran ${formatCount(node.loops)} times, once for each row`,
    message: `${labelOf(owner)} ran the subquery (${labelOf(node)}) once for each of its rows: ${formatCount(node.loops)} times, ${formatMs(totalMs)}, ${formatShare(totalMs / context.executionMs)} of the execution.`,
    verify:
      'Write it as a LEFT JOIN to an aggregate, or a LATERAL join, and compare; or give the subquery’s condition an index.',
    ignoreWhen: 'Only few rows are asked for, and each run is a cheap index lookup.',
  };
}
