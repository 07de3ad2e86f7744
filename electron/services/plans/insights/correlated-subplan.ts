import type { PlanInsight, PlanNode } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, labelOf, severityOf } from './plan-context.ts';
import { isUnhashedNotIn } from './hashed-subplan-missing.ts';

const LEAST_LOOPS = 1000;
const LEAST_SHARE = 0.1;

/** A subquery that ran once for every row of its owner. */
export function findCorrelatedSubplan(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
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

function describe(context: PlanContext, node: PlanNode, owner: PlanNode, totalMs: number): PlanInsight {
  return {
    rule: 'correlated-subplan',
    nodeId: node.id,
    severity: severityOf(context, totalMs),
    savedMs: totalMs,
    title: `${node.subplanName ?? 'A subquery'} ran ${formatCount(node.loops)} times`,
    message: `${labelOf(owner)} ran the subquery (${labelOf(node)}) once for each of its rows: ${formatCount(node.loops)} times, ${formatMs(totalMs)}, ${formatShare(totalMs / context.executionMs)} of the execution.`,
    verify:
      'Write it as a LEFT JOIN to an aggregate, or a LATERAL join, and compare; or give the subquery’s condition an index.',
    ignoreWhen: 'Only few rows are asked for, and each run is a cheap index lookup.',
  };
}
