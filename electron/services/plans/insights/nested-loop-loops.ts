import type { PlanInsight } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, labelOf, severityOf } from './plan-context.ts';

const LEAST_LOOPS = 1000;
const LEAST_SHARE = 0.1;
const LEAST_UNDERESTIMATE = 10;

/** A nested loop that was chosen for a few outer rows and got many. */
export function findNestedLoopLoops(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    if (node.nodeType !== 'Nested Loop') return [];
    const [outer, inner] = context.inputs(node);
    if (!outer || !inner || inner.loops < LEAST_LOOPS) return [];
    const planned = Math.max(1, outer.planRows ?? 1);
    const actual = outer.actualRows ?? 0;
    const innerMs = context.totalMs(inner);
    if (actual / planned < LEAST_UNDERESTIMATE || innerMs < 1 || innerMs < context.executionMs * LEAST_SHARE) return [];
    return [
      {
        rule: 'nested-loop-loops',
        nodeId: node.id,
        severity: severityOf(context, innerMs),
        savedMs: innerMs,
        title: `${labelOf(inner)} ran ${formatCount(inner.loops)} times inside a nested loop`,
        message: `The planner expected ${formatCount(planned)} outer rows from ${labelOf(outer)} and got ${formatCount(actual)}, so the inner side ran ${formatCount(inner.loops)} times: ${formatMs(innerMs)}, ${formatShare(innerMs / context.executionMs)} of the execution. With the right count a hash join would likely have been chosen.`,
        verify:
          'Correct the estimate of the outer side (see there), or compare with: begin; set local enable_nestloop = off; explain (analyze, buffers) …; rollback.',
        ignoreWhen: 'The hash or merge join is not faster: then the inner index is the right way.',
      },
    ];
  });
}
