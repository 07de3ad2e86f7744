import type { PlanNode } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { numberIn } from './plan-context.ts';

const READ_KEYS = ['I/O Read Time', 'Shared I/O Read Time', 'Local I/O Read Time', 'Temp I/O Read Time'];

/** Wall time that the node itself waited for reads, ms: without its inputs, divided by its processes, for I/O times are summed over them. */
export function ownReadMs(context: PlanContext, node: PlanNode): number {
  const inclusive = (each: PlanNode): number => READ_KEYS.reduce((sum, key) => sum + numberIn(each, key), 0);
  const own = inclusive(node) - context.inputs(node).reduce((sum, input) => sum + inclusive(input), 0);
  return Math.max(0, own) / (node.processes ?? 1);
}
