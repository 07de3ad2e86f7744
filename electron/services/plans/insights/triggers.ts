import type { PlanInsight } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, severityOf } from './plan-context.ts';

const LEAST_SHARE = 0.1;
const LEAST_MS = 1;

/** Triggers that took a good part of the execution: they are in no node. */
export function findTriggers(context: PlanContext): PlanInsight[] {
  const modification = context.nodes.find((node) => node.nodeType === 'ModifyTable') ?? context.nodes[0];
  return context.plan.triggers.flatMap((trigger): PlanInsight[] => {
    const timeMs = trigger.timeMs ?? 0;
    if (timeMs < LEAST_MS || timeMs < context.executionMs * LEAST_SHARE) return [];
    const isForeignKey = trigger.constraint !== undefined;
    const relation = trigger.relation === undefined ? '' : ` on ${trigger.relation}`;
    return [
      {
        rule: 'triggers',
        nodeId: modification?.id ?? 0,
        severity: severityOf(context, timeMs),
        savedMs: timeMs,
        title: `${isForeignKey ? 'Foreign key' : 'Trigger'} ${trigger.constraint ?? trigger.name}${relation} took ${formatMs(timeMs)}`,
        message:
          `${isForeignKey ? 'The check of constraint' : 'Trigger'} ${trigger.constraint ?? trigger.name}${relation} ran ${formatCount(trigger.calls)} times and took ${formatMs(timeMs)}, ${formatShare(timeMs / context.executionMs)} of the execution, outside of every node.` +
          (isForeignKey
            ? ' For a DELETE or UPDATE of the referenced table, each call searches the referencing table: without an index on its columns that is a sequential scan.'
            : ''),
        verify: isForeignKey
          ? 'Look whether the referencing columns have an index; then run the statement again in a transaction that is rolled back.'
          : 'Look at what the trigger’s function does; a statement-level trigger with transition tables runs once instead of once a row.',
        ignoreWhen: 'Few rows are changed in normal use.',
      },
    ];
  });
}
