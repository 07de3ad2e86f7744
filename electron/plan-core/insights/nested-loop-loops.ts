import type { PlanNode } from '#contract/plan-model.ts';
import { findErrorOrigins } from './estimate-origins.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  countOf,
  dearest,
  formatCount,
  formatMs,
  formatShare,
  labelOf,
  severityOf,
  sumOf,
  titleLabel,
} from './plan-context.ts';

/** As many loops as bright98/pgexplain and Query-Sense remark on; ten times is where an estimate counts as wrong. */
const LEAST_LOOPS = 1000;
const LEAST_SHARE = 0.1;
const LEAST_UNDERESTIMATE = 10;

/** A nested loop that was chosen for a few outer rows and got many. */
export function findNestedLoopLoops(context: PlanContext): Finding[] {
  const loops = context.ofType('Nested Loop').filter((node) => isRepeated(context, node));
  if (loops.length === 0) return [];
  const origins = findErrorOrigins(context);
  return dearest(context, loops).flatMap((node): Finding[] => {
    const [outer, inner] = context.inputs(node);
    if (!outer || !inner) return [];
    const planned = Math.max(1, outer.planRows ?? 1);
    const actual = outer.actualRows ?? 0;
    const innerMs = context.totalMs(inner);
    const claims = claimOf(context, context.subtree(inner));
    const savedMs = Math.min(sumOf(claims), innerMs);
    return [
      {
        rule: 'nested-loop-loops',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        savedMs,
        claims,
        causes: origins.filter((origin) => context.isWithin(origin, outer)).map(({ id }) => id),
        title: `${titleLabel(inner)} ran ${formatCount(inner.loops)} times inside a nested loop`,
        message: `The planner expected ${countOf(planned, 'outer row')} from ${labelOf(outer)} and got ${formatCount(actual)}, so the inner side ran ${formatCount(inner.loops)} times: ${formatMs(innerMs)}, ${formatShare(innerMs / context.executionMs)} of the execution. With the right count a hash join would likely have been chosen.`,
        verify:
          'Correct the estimate of the outer side, or compare with: begin; set local enable_nestloop = off; explain (analyze, buffers) …; rollback.',
        ignoreWhen: 'The hash or merge join is not faster: then the inner index is the right way.',
      },
    ];
  });
}

function isRepeated(context: PlanContext, node: PlanNode): boolean {
  const [outer, inner] = context.inputs(node);
  if (!outer || !inner || inner.loops < LEAST_LOOPS) return false;
  const innerMs = context.totalMs(inner);
  if (innerMs < 1 || innerMs < context.executionMs * LEAST_SHARE) return false;
  return (outer.actualRows ?? 0) >= LEAST_UNDERESTIMATE * Math.max(1, outer.planRows ?? 1);
}
