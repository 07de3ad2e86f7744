import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { isUtility, judgeStatements, meanMs, oneLine, statementsSql, type StatementsRow } from './statements-sql.ts';

/** Statements that are named: the first of a list by time are those that pay. */
const maxNamed = 20;

export const slowStatements: HealthCheck<StatementsRow, 'meanMs' | 'minCalls'> = {
  id: 'QRY01',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements that are slow on average',
  why: 'A statement that runs often and takes long each time is where an index or a rewrite pays most. Open its plan to see where the time goes.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  thresholds: {
    // PgHero: 20 ms over at least 100 calls.
    meanMs: { usual: 20, unit: 'milliseconds', label: 'Mean time that is reported' },
    minCalls: { usual: 100, unit: 'count', label: 'Fewest calls' },
  },
  sql: (facts) => statementsSql(facts),
  findings(rows, { facts, limits }) {
    return judgeStatements(rows, facts, (statements) =>
      statements
        .filter((row) => Number(row.calls) >= limits.minCalls && meanMs(row) >= limits.meanMs && !isUtility(row.query))
        .slice(0, maxNamed)
        .map((row) => ({
          object: `query ${row.query_id}`,
          severity: 'info' as const,
          message: `A statement took ${formatDuration(meanMs(row))} on average over ${formatCount(row.calls)} calls (${formatDuration(row.total_ms)} in all).`,
          measure: meanMs(row),
          evidence: [
            { label: 'Statement', value: oneLine(row.query) },
            { label: 'Mean', value: formatDuration(meanMs(row)) },
            { label: 'Slowest', value: formatDuration(row.slowest_ms) },
            { label: 'Calls', value: formatCount(row.calls) },
            { label: 'Rows per call', value: formatCount(Number(row.rows) / Math.max(1, Number(row.calls))) },
          ],
          confidence: 'high' as const,
        })),
    );
  },
};
