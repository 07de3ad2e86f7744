import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from './counter-gains.ts';
import { counterMeasure, currentDatabase, databaseCountersSql, type DatabaseCountersRow } from './database-counters.ts';

export const commitShare: HealthCheck<DatabaseCountersRow, 'minTransactions' | 'commitShare'> = {
  id: 'CAC08',
  group: 'cache',
  basis: 'statistics',
  title: 'Transactions that are rolled back',
  why: 'A rolled-back transaction did its work for nothing. Many of them mean errors that an application hides, or conflicts that it tries again and again.',
  thresholds: {
    minTransactions: { usual: 10_000, unit: 'count', label: 'Fewest transactions to judge by' },
    // The example of check_postgres' documentation.
    commitShare: { usual: 0.9, unit: 'ratio', label: 'Share of commits below which it is reported' },
  },
  sql: ({ versionNum }) => databaseCountersSql(versionNum),
  findings(rows, context) {
    const { limits } = context;
    const row = currentDatabase(rows);
    if (row === undefined) return [];
    const gains = gainsSince(
      {
        commits: { key: 'transactions.committed', value: Number(row.commits) },
        rollbacks: { key: 'transactions.rolled_back', value: Number(row.rollbacks) },
      },
      { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms ?? 0 } },
    );
    const recent =
      gains !== undefined && gains.gained.commits + gains.gained.rollbacks >= limits.minTransactions
        ? gains
        : undefined;
    const commits = recent?.gained.commits ?? Number(row.commits);
    const rollbacks = recent?.gained.rollbacks ?? Number(row.rollbacks);
    const total = commits + rollbacks;
    const share = commits / Math.max(1, total);
    if (total < limits.minTransactions || share >= limits.commitShare) return [];
    return [
      {
        object: `database ${row.database_name}`,
        severity: 'info',
        message: `${formatPercent(1 - share)} of ${formatCount(total)} transactions were rolled back${recent ? ` in the ${formatDuration(recent.windowMs)} since the last report` : ''}.`,
        measure: 1 - share,
        evidence: [
          { label: 'Committed', value: formatCount(commits) },
          { label: 'Rolled back', value: formatCount(rollbacks) },
          ...(recent ? [] : [{ label: 'Statistics since', value: row.stats_reset ?? 'never reset' }]),
        ],
        caution:
          'Some pools and tools end every reading transaction with a rollback, which is harmless. The server log has the errors of the others.',
        confidence: 'low',
        confidenceReason: 'Counters do not tell an error from a rollback that ends a transaction which only read.',
      },
    ];
  },
  measures(rows) {
    const row = currentDatabase(rows);
    if (row === undefined) return [];
    return [
      counterMeasure('transactions.committed', 'Transactions committed', row.commits),
      counterMeasure('transactions.rolled_back', 'Transactions rolled back', row.rollbacks),
    ];
  },
};
