import type { PlanNode } from '#contract/plan-model.ts';
import { stringOf } from '../raw-plan.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  dearest,
  formatCount,
  formatMs,
  formatShare,
  labelOf,
  severityOf,
  workMemFor,
} from './plan-context.ts';

const LEAST_LOOPS = 100;
const LEAST_SHARE = 0.1;

/**
 * Is it NOT IN (subquery), gone through row by row?
 * 17 prints `NOT (ANY (… (SubPlan 1).col1))`; earlier versions `NOT (SubPlan 1)`, which NOT EXISTS shares, but only an
 * uncorrelated subquery is kept in a Materialize.
 */
export function isUnhashedNotIn(owner: PlanNode, subplan: PlanNode): boolean {
  const filter = stringOf(owner.properties['Filter']) ?? stringOf(owner.properties['Join Filter']) ?? '';
  const name = subplan.subplanName ?? '';
  if (name === '') return false;
  const anyAt = filter.indexOf('NOT (ANY (');
  if (anyAt !== -1 && filter.includes(`(${name}).`, anyAt) && !filter.includes(`(hashed ${name}).`)) return true;
  return filter.includes(`NOT (${name})`) && subplan.nodeType === 'Materialize';
}

/** NOT IN whose list was too large to be hashed. */
export function findHashedSubplanMissing(context: PlanContext): Finding[] {
  return dearest(context, context.subplans).flatMap((node): Finding[] => {
    const owner = context.parent(node);
    const totalMs = context.totalMs(node);
    if (
      !owner ||
      node.relationship !== 'SubPlan' ||
      node.loops <= LEAST_LOOPS ||
      totalMs < 1 ||
      totalMs < context.executionMs * LEAST_SHARE
    )
      return [];
    if (!isUnhashedNotIn(owner, node)) return [];
    const rows = Math.max(node.planRows ?? 0, context.inputs(node)[0]?.actualRows ?? 0);
    const sql = workMemFor((rows * ((node.planWidth ?? 8) + 48) * 2) / 1024);
    return [
      {
        rule: 'hashed-subplan-missing',
        nodeId: node.id,
        severity: severityOf(context, totalMs),
        savedMs: totalMs,
        claims: claimOf(context, context.subtree(node)),
        title: `NOT IN goes through its list ${formatCount(node.loops)} times`,
        message: `${labelOf(owner)} compares each row with the list of the subquery one by one: ${formatCount(node.loops)} times, ${formatMs(totalMs)}, ${formatShare(totalMs / context.executionMs)} of the execution. A hashed SubPlan would look each up at once, but its list was estimated too large for work_mem.`,
        ...(sql === null ? {} : { sql }),
        verify:
          'Run EXPLAIN again: the filter shows “hashed SubPlan”. Better still, write NOT EXISTS, which becomes an anti join.',
        ignoreWhen: 'The subquery can return NULL and that is meant: NOT EXISTS answers differently then.',
      },
    ];
  });
}
