import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { judgeStatements, meanMs, oneLine, statementsSql, type StatementsRow } from './statements-sql.ts';

export const shareOfTotalTime: HealthCheck<StatementsRow, 'timeShare' | 'minSeconds'> = {
  id: 'QRY02',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements that take most of the time',
  why: 'One statement that takes a third of the database’s time is worth more than tuning all others. It need not be slow: it may just run too often.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  thresholds: {
    // postgres-checkup and rails-pg-extras: about a third.
    timeShare: { usual: 0.3, unit: 'ratio', label: 'Share of the execution time of the database' },
    minSeconds: { usual: 600, unit: 'seconds', label: 'Execution time of the database to judge by' },
  },
  sql: (facts) => statementsSql(facts),
  findings(rows, { facts, limits }) {
    return judgeStatements(rows, facts, (statements) =>
      statements.flatMap((row) => {
        const databaseMs = row.database_ms ?? 0;
        const share = row.total_ms / Math.max(1, databaseMs);
        if (databaseMs < limits.minSeconds * 1000 || share < limits.timeShare) return [];
        return [
          {
            object: `query ${row.query_id}`,
            severity: 'warning' as const,
            message: `One statement takes ${formatPercent(share)} of the execution time of this database (${formatDuration(row.total_ms)}, ${formatCount(row.calls)} calls).`,
            measure: share,
            evidence: [
              { label: 'Statement', value: oneLine(row.query) },
              { label: 'Share of time', value: formatPercent(share) },
              { label: 'Mean', value: formatDuration(meanMs(row)) },
              { label: 'Calls', value: formatCount(row.calls) },
            ],
            confidence: 'high' as const,
          },
        ];
      }),
    );
  },
};
