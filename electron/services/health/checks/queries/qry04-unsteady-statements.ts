import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import {
  isUtility,
  judgeStatements,
  meanMs,
  oneLine,
  statementsSql,
  type StatementRow,
  type StatementsRow,
} from './statements-sql.ts';

const maxNamed = 20;

/**
 * Standard deviation over mean of all calls but the slowest: one call with cold caches, or one that waited for a lock,
 * is enough to raise the plain quotient of n calls to the root of n.
 */
export function spreadWithoutSlowest(row: StatementRow): number {
  const calls = Number(row.calls) - 1;
  if (calls < 1) return 0;
  const mean = Math.max(0, row.total_ms - row.slowest_ms) / calls;
  const variance = Math.max(0, row.squares - row.slowest_ms ** 2) / calls - mean ** 2;
  return mean === 0 || variance <= 0 ? 0 : Math.sqrt(variance) / mean;
}

export const unsteadyStatements: HealthCheck<StatementsRow, 'spread' | 'minCalls' | 'minSlowestMs'> = {
  id: 'QRY04',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements whose time varies widely',
  why: 'When the same statement is sometimes a hundred times slower, its plan fits some parameters and not others, or it waits for locks. Means hide it; users remember the slow ones.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  thresholds: {
    // The catalogue's coefficient of variation over 3 in at least 100 calls; quick outliers annoy nobody.
    spread: { usual: 3, unit: 'ratio', label: 'Standard deviation over mean, without the slowest call' },
    minCalls: { usual: 100, unit: 'count', label: 'Fewest calls' },
    minSlowestMs: { usual: 1000, unit: 'milliseconds', label: 'Slowest call from which it is reported' },
  },
  sql: (facts) => statementsSql(facts),
  findings(rows, { facts, limits }) {
    return judgeStatements(rows, facts, (statements) =>
      statements
        .map((row) => ({ row, spread: spreadWithoutSlowest(row) }))
        .filter(
          ({ row, spread }) =>
            Number(row.calls) >= limits.minCalls &&
            row.slowest_ms >= limits.minSlowestMs &&
            spread > limits.spread &&
            !isUtility(row.query) &&
            !/^\s*(?:begin|commit|end|rollback|savepoint|release)\b/i.test(row.query ?? ''),
        )
        .slice(0, maxNamed)
        .map(({ row, spread }) => ({
          object: `query ${row.query_id}`,
          severity: 'info' as const,
          message: `A statement takes ${formatDuration(meanMs(row))} on average and up to ${formatDuration(row.slowest_ms)}; its times spread ${spread.toFixed(1)} times as wide as their mean.`,
          measure: spread,
          evidence: [
            { label: 'Statement', value: oneLine(row.query) },
            { label: 'Mean', value: formatDuration(meanMs(row)) },
            { label: 'Slowest', value: formatDuration(row.slowest_ms) },
            { label: 'Calls', value: formatCount(row.calls) },
          ],
          caution:
            'Compare its plans for a rare and a frequent value; plan_cache_mode = force_custom_plan shows whether a generic plan is to blame.',
        })),
    );
  },
};
