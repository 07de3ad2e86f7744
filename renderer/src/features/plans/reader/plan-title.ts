import type { Plan } from '#contract/plan-model.ts';

import { formatDuration } from '../../../lib/format-duration.ts';

import { nodeLabelOf, nodeNameOf } from './plan-names.ts';

/** The title of a plan without a name: its root, and how long it took. */
export function titleOfPlan(plan: Plan): string {
  const [root] = plan.nodes;
  if (root === undefined) return 'Plan';
  const label = nodeLabelOf(nodeNameOf(root, plan.text.split('\n', root.line)));
  return plan.executionMs === undefined ? `Plan: ${label}` : `Plan: ${label}, ${formatDuration(plan.executionMs)}`;
}
