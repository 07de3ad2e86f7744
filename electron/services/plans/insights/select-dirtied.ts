import type { PlanInsight } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatKilobytes, labelOf } from './plan-context.ts';

const LEAST_BLOCKS = 1000;

/** A reading statement that changed pages: it was the first to see what a writer left. */
export function findSelectDirtied(context: PlanContext): PlanInsight[] {
  if (context.nodes.some((node) => node.nodeType === 'ModifyTable' || node.nodeType === 'LockRows')) return [];
  return context.nodes.flatMap((node): PlanInsight[] => {
    const dirtied = node.selfBuffers?.sharedDirtied ?? 0;
    if (dirtied < LEAST_BLOCKS || !context.isCostly(node)) return [];
    return [
      {
        rule: 'select-dirtied',
        nodeId: node.id,
        severity: 'info',
        title: `${labelOf(node)} changed ${formatKilobytes(dirtied * 8)} of pages while reading`,
        message: `The scan set hint bits or pruned dead rows on ${formatKilobytes(dirtied * 8)} of pages: it was the first to read them after a large write. Those pages are written out, and the next run will be faster.`,
        verify: 'Run it a second time: dirtied disappears.',
        ignoreWhen: 'It is the first read after a load; VACUUM right after the load spares the readers.',
      },
    ];
  });
}
