import type { Finding, PlanContext } from './plan-context.ts';
import { formatMs } from './plan-context.ts';

const LEAST_MS = 10;
const LEAST_WARNING_MS = 100;

/** Planning that took longer than the execution. */
export function findPlanningTime(context: PlanContext): Finding[] {
  const planningMs = context.plan.planningMs ?? 0;
  if (
    !context.plan.analyzed ||
    context.plan.executionMs === undefined ||
    planningMs < LEAST_MS ||
    planningMs < context.executionMs
  )
    return [];
  return [
    {
      rule: 'planning-time',
      nodeId: 0,
      severity: planningMs >= LEAST_WARNING_MS ? 'warning' : 'info',
      savedMs: planningMs,
      title: `Planning took ${formatMs(planningMs)}, execution ${formatMs(context.executionMs)}`,
      message: `The planner worked ${formatMs(planningMs)} for a statement that ran ${formatMs(context.executionMs)}. Many joins, many partitions, or large statistics make planning slow; so does the first statement of a session, which fills the catalog caches.`,
      verify:
        'Run EXPLAIN (ANALYZE) a second time in the same session. If planning is still as long, use a prepared statement, or see that partitions can be pruned.',
      ignoreWhen: 'The second run in the same session plans quickly.',
    },
  ];
}
