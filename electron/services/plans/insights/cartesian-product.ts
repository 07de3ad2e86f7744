import type { PlanInsight, PlanNode } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, labelOf, rowsOut, severityOf } from './plan-context.ts';

const LEAST_ROWS = 10_000;

/** A join of everything with everything: no condition on the join, none on the inner side. */
export function findCartesianProduct(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    if (node.nodeType !== 'Nested Loop' || node.joinType !== 'Inner' || node.properties['Join Filter'] !== undefined)
      return [];
    const [outer, inner] = context.inputs(node);
    if (!outer || !inner || rowsOut(node) < LEAST_ROWS || (outer.actualRows ?? 0) <= 1 || (inner.actualRows ?? 0) <= 1)
      return [];
    const source = inner.nodeType === 'Materialize' ? context.inputs(inner)[0] : inner;
    if (!source || !isPlainRelation(source) || !context.isCostly(node, inner)) return [];
    const savedMs = context.ownMs(node) + context.ownMs(inner);
    return [
      {
        rule: 'cartesian-product',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${formatCount(outer.actualRows ?? 0)} × ${formatCount(inner.actualRows ?? 0)} rows joined without a condition`,
        message: `Every row of ${labelOf(outer)} is combined with every row of ${labelOf(source)}: ${formatCount(rowsOut(node))} rows, ${formatMs(savedMs)}. A join condition seems to be missing.`,
        verify: 'Look for a relation in FROM that no condition connects with the others.',
        ignoreWhen: 'The product is wanted (CROSS JOIN of small sets).',
      },
    ];
  });
}

/** A condition on the scan may come from the outer side, so only a scan without one is certain. */
function isPlainRelation(node: PlanNode): boolean {
  return node.nodeType === 'Seq Scan' && node.properties['Filter'] === undefined;
}
