import type { PlanNode } from '#contract/plan-model.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { titleLabel } from './plan-context.ts';

/** Before 18 a method that is switched off only costs this much more. */
const DISABLE_COST = 1e10;

/** A node of a kind that is switched off, chosen because there was no other way. */
export function findDisabledNode(context: PlanContext): Finding[] {
  return context.nodes
    .filter((node) => isDisabled(context, node))
    .slice(0, 3)
    .map((node): Finding => ({
      rule: 'disabled-node',
      nodeId: node.id,
      severity: 'info',
      title: `${titleLabel(node)} is used although its kind is switched off`,
      message: `An enable_… setting forbids ${node.nodeType}, and the planner found no other way: ${node.properties['Disabled'] === true ? 'the node is marked Disabled' : `its cost of ${(node.totalCost ?? 0).toFixed(0)} carries the penalty of 10,000,000,000`}. Costs above it say nothing.`,
      verify:
        'Look at the settings of the session that made the plan (EXPLAIN (SETTINGS)), and run it again without them.',
      ignoreWhen: 'It was switched off for a test.',
    }));
}

function isDisabled(context: PlanContext, node: PlanNode): boolean {
  return isMarked(node) && !context.inputs(node).some(isMarked);
}

function isMarked({ properties, totalCost = 0, planRows = 0 }: PlanNode): boolean {
  const disabled = properties['Disabled'];
  return disabled === true || (disabled === undefined && totalCost >= DISABLE_COST && planRows < 1e8);
}
