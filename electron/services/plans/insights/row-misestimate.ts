import type { PlanInsight, PlanNode } from '#contract/plan-model.ts';
import { quoteIdentifier } from '../../../postgres/quote-identifier.ts';
import { stringOf } from '../raw-plan.ts';
import { readIndexableColumns, relationName } from './indexable-columns.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, labelOf } from './plan-context.ts';

const LEAST_FACTOR = 10;
const WARNING_FACTOR = 100;
const CRITICAL_FACTOR = 1000;
const LEAST_ROWS = 100;
/** Off by so much more than its inputs, a node has an error of its own. */
const AMPLIFIED = 10;
const MOST_REPORTED = 3;
const GUESSED = new Set(['Recursive Union', 'WorkTable Scan', 'Bitmap Index Scan', 'Memoize', 'Limit']);

/** The planner's row count was off by ten or more; told at the lowest node, where it began. */
export function findRowMisestimate(context: PlanContext): PlanInsight[] {
  const ctes = new Map(
    context.nodes
      .filter((node) => node.subplanName?.startsWith('CTE '))
      .map((node) => [node.subplanName?.slice(4), node]),
  );
  const sources = (node: PlanNode): readonly PlanNode[] => {
    const cte = node.nodeType === 'CTE Scan' ? ctes.get(node.cteName) : undefined;
    return cte ? [cte] : context.inputs(node);
  };
  return context.nodes
    .filter(
      (node) =>
        isOff(node) &&
        !sources(node).some(
          (source) => isOff(source) && (source.estimateFactor ?? 1) * AMPLIFIED >= (node.estimateFactor ?? 1),
        ),
    )
    .map((node) => ({ node, affected: affectedBy(context, node) }))
    .filter(({ affected }) => context.isCostly(...affected))
    .map(({ node, affected }) => describe(context, node, affected))
    .toSorted((a, b) => (b.savedMs ?? 0) - (a.savedMs ?? 0))
    .slice(0, MOST_REPORTED);
}

function isOff(node: PlanNode): boolean {
  if (GUESSED.has(node.nodeType)) return false;
  return (node.estimateFactor ?? 1) >= LEAST_FACTOR && Math.max(node.actualRows ?? 0, node.planRows ?? 0) >= LEAST_ROWS;
}

/** What the count decided: the joins, sorts and the like above, up to the second join. */
function affectedBy(context: PlanContext, node: PlanNode): PlanNode[] {
  const affected = [node];
  let joins = 0;
  for (let above = context.parent(node); above && joins < 2; above = context.parent(above)) {
    affected.push(above);
    if (above.joinType !== undefined) {
      joins += 1;
      const other = context.inputs(above).find((input) => !affected.includes(input));
      if (other) affected.push(other);
    }
  }
  return affected;
}

function describe(context: PlanContext, node: PlanNode, affected: readonly PlanNode[]): PlanInsight {
  const factor = node.estimateFactor ?? 1;
  const savedMs = affected.reduce((sum, each) => sum + context.ownMs(each), 0);
  const amplified = affected.find(
    (each) => each !== node && each.joinType !== undefined && (each.estimateFactor ?? 1) > factor * 3,
  );
  const perLoop = node.loops > 1 ? ' per loop' : '';
  const sql = fixOf(node);
  return {
    rule: 'row-misestimate',
    nodeId: node.id,
    severity: factor >= CRITICAL_FACTOR ? 'critical' : factor >= WARNING_FACTOR ? 'warning' : 'info',
    ...(context.timed ? { savedMs } : {}),
    title: `${labelOf(node)}: ${formatCount(node.planRows ?? 0)} rows expected, ${formatCount(node.actualRows ?? 0)} came`,
    message:
      `The planner expected ${formatCount(node.planRows ?? 0)} rows${perLoop} and got ${formatCount(node.actualRows ?? 0)}: ${formatCount(factor)} times ${node.estimateDirection === 'under' ? 'more' : 'fewer'}. ` +
      `This is the lowest node with the error; join order, join method and memory above it were chosen for the wrong count (${formatMs(savedMs)} were spent there).` +
      (amplified ? ` ${labelOf(amplified)} multiplies it to ${formatCount(amplified.estimateFactor ?? 1)}.` : ''),
    ...(sql === undefined ? {} : { sql }),
    verify: 'Run EXPLAIN again: the estimated rows should be near the actual ones, and the plan above may change.',
    ignoreWhen: 'The plan is the right one in spite of the count: forcing another one is not faster.',
  };
}

/** Several columns in one condition are multiplied as if independent, which extended statistics correct. */
function fixOf(node: PlanNode): string | undefined {
  if (node.relation === undefined || node.nodeType === 'ModifyTable' || node.nodeType === 'Foreign Scan')
    return undefined;
  const relation = relationName(node);
  const columns = new Set<string>();
  for (const key of ['Index Cond', 'Recheck Cond', 'Filter']) {
    const condition = stringOf(node.properties[key]);
    if (condition === undefined) continue;
    const read = readIndexableColumns(condition, node.alias);
    for (const column of [...read.equal, ...read.range]) columns.add(column);
  }
  if (columns.size < 2 || columns.size > 8) return `analyze ${relation};`;
  const names = [...columns];
  const statistics = quoteIdentifier([node.relation, ...names, 'stats'].join('_').slice(0, 63));
  return `create statistics ${statistics} (dependencies, ndistinct, mcv) on ${names.map(quoteIdentifier).join(', ')} from ${relation};\nanalyze ${relation};`;
}
