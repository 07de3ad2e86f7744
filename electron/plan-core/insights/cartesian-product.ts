import type { PlanNode } from '#contract/plan-model.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { claimOf, formatCount, formatMs, labelOf, rowsOut, severityOf, sumOf } from './plan-context.ts';

const LEAST_ROWS = 10_000;

/** A join of everything with everything: no condition on the join, none on the inner side. */
export function findCartesianProduct(context: PlanContext): Finding[] {
  return context.ofType('Nested Loop').flatMap((node): Finding[] => {
    if (node.joinType !== 'Inner' || node.properties['Join Filter'] !== undefined) return [];
    const [outer, inner] = context.inputs(node);
    if (!outer || !inner || rowsOut(node) < LEAST_ROWS || (outer.actualRows ?? 0) <= 1 || (inner.actualRows ?? 0) <= 1)
      return [];
    const source = inner.nodeType === 'Materialize' ? context.inputs(inner)[0] : inner;
    if (!source || !isPlainRelation(source) || !context.isCostly(node, inner)) return [];
    const claims = claimOf(context, [node, inner]);
    const savedMs = sumOf(claims);
    return [
      {
        rule: 'cartesian-product',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs, claims } : {}),
        title: `${formatCount(outer.actualRows ?? 0)} × ${formatCount(inner.actualRows ?? 0)} rows are joined without a condition`,
        message: `Every row of ${labelOf(outer)} is combined with every row of ${labelOf(source)}: ${formatCount(rowsOut(node))} rows, ${formatMs(savedMs)}. A join condition seems to be missing.`,
        verify: 'Look for a relation in FROM that no condition connects with the others.',
        ignoreWhen: 'The product is wanted (CROSS JOIN of small sets).',
      },
    ];
  });
}

/** A condition on the scan may come from the outer side, so only a scan without one is certain. */
function isPlainRelation(node: PlanNode): boolean {
  return (
    /^(?:Seq|Index|Index Only) Scan$/.test(node.nodeType) &&
    node.properties['Filter'] === undefined &&
    node.properties['Index Cond'] === undefined
  );
}
