import type { Plan, PlanNode, RelationStatistics } from '#contract/plan-model.ts';
import { relationName } from './index-advice/index-statement.ts';
import { formatCount, formatShare } from './plan-context.ts';
import type { StatisticsAdvice } from './statistics-advice.ts';

/** autovacuum analyzes at 10 % (autovacuum_analyze_scale_factor); at twice that it has not come. */
const STALE_SHARE = 0.2;

/**
 * What the catalog says of the statistics of the relation that a node reads: never taken, or taken before a fifth of its
 * rows changed. Then ANALYZE is the smallest fix of a wrong estimate. Null where they are fresh, or nobody asked.
 */
export function adviseAnalyze({ relations }: Pick<Plan, 'relations'>, node: PlanNode): StatisticsAdvice | null {
  const found = relations?.find(
    ({ schema, name }) => name === node.relation && (node.schema === undefined || node.schema === schema),
  );
  if (found === undefined || !isStale(found)) return null;
  return { sql: `analyze ${relationName(node)};`, note: words(found) };
}

function isStale({ analyzedAt, modified, rows }: RelationStatistics): boolean {
  if (analyzedAt === null) return true;
  return modified > STALE_SHARE * Math.max(rows ?? 0, 1);
}

function words({ name, analyzedAt, modified, rows }: RelationStatistics): string {
  if (analyzedAt === null) return `${name} was never analyzed: the planner guesses.`;
  const share = rows !== null && rows > modified ? ` (${formatShare(modified / rows)})` : '';
  return `The statistics of ${name} are from ${analyzedAt.slice(0, 16)}; ${formatCount(modified)} rows${share} have changed since.`;
}
