import type { PlanNode } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';

/** Where pev2, depesz and pgAdmin begin to colour. */
const LEAST_FACTOR = 10;
const LEAST_ROWS = 100;
/** No plan stacks more nodes that only pass rows on. */
const MOST_STEPS = 16;
/** Off by so much more than its inputs, a node has an error of its own. */
const AMPLIFIED = 10;
/** Their counts are guesses by nature, or those of their input. */
const NOT_ESTIMATED = new Set([
  'Recursive Union',
  'WorkTable Scan',
  'Bitmap Index Scan',
  'Memoize',
  'Limit',
  'Hash',
  'Materialize',
  'Sort',
  'Incremental Sort',
  'Gather',
  'Gather Merge',
  'LockRows',
  'WindowAgg',
]);

/** The nodes where a wrong row count began: off by ten or more, with inputs that do not explain it. */
export function findErrorOrigins(context: PlanContext): PlanNode[] {
  const ctes = new Map(
    context.nodes
      .filter((node) => node.subplanName?.startsWith('CTE '))
      .map((node) => [node.subplanName?.slice(4), node]),
  );
  const sources = (node: PlanNode): readonly PlanNode[] => {
    const cte = node.nodeType === 'CTE Scan' ? ctes.get(node.cteName) : undefined;
    return cte ? [cte] : context.inputs(node).flatMap((input) => throughPassing(context, input));
  };
  return context.nodes.filter(
    (node) =>
      isOff(node) &&
      !sources(node).some((source) => explains(source, node)) &&
      !(node.estimateDirection === 'over' && context.inputs(node).some(({ actualRows }) => actualRows === 0)),
  );
}

function isOff(node: PlanNode): boolean {
  return (
    (node.estimateFactor ?? 1) >= LEAST_FACTOR &&
    Math.max(node.actualRows ?? 0, node.planRows ?? 0) >= LEAST_ROWS &&
    !NOT_ESTIMATED.has(node.nodeType)
  );
}

/** A join multiplies the errors of its inputs, and too few rows of one side leave too few of the join. */
function explains(source: PlanNode, node: PlanNode): boolean {
  if (!isOff(source)) return false;
  if (node.estimateDirection === 'over' && source.estimateDirection === 'over') return true;
  return (source.estimateFactor ?? 1) * AMPLIFIED >= (node.estimateFactor ?? 1);
}

/** The node whose estimate the input passes on. */
function throughPassing(context: PlanContext, node: PlanNode): readonly PlanNode[] {
  let below = node;
  for (let step = 0; step < MOST_STEPS && NOT_ESTIMATED.has(below.nodeType); step += 1) {
    const inputs = context.inputs(below);
    const [input] = inputs;
    if (!input || inputs.length > 1) return inputs.length > 1 ? inputs : [below];
    below = input;
  }
  return [below];
}
