import type { Finding, PlanContext } from './plan-context.ts';

/** The reader could tell that a part of the tree is missing. */
export function findIncompletePlan({ plan }: PlanContext): Finding[] {
  if (plan.incomplete === undefined) return [];
  return [
    {
      rule: 'incomplete-plan',
      nodeId: Math.max(0, plan.nodes.length - 1),
      severity: 'warning',
      title: 'The plan is not whole',
      message: `${plan.incomplete}. Numbers of the nodes above it are not to be trusted.`,
      verify: 'Paste the whole output of EXPLAIN.',
    },
  ];
}
