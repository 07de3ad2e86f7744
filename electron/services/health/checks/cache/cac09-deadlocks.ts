import { formatCount, formatDuration, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from './counter-gains.ts';
import { counterMeasure, currentDatabase, databaseCountersSql, type DatabaseCountersRow } from './database-counters.ts';

const dayMs = 86_400_000;

export const deadlocks: HealthCheck<DatabaseCountersRow, 'minDeadlocks' | 'perDay'> = {
  id: 'CAC09',
  group: 'cache',
  basis: 'statistics',
  title: 'Deadlocks',
  why: 'Two transactions that wait for each other are stopped by aborting one of them. Each deadlock is an error in an application that takes locks in different orders; the server log names the statements.',
  thresholds: {
    // The catalogue's "any in the window".
    minDeadlocks: { usual: 1, unit: 'count', label: 'Fewest deadlocks that are reported' },
    perDay: { usual: 1, unit: 'count', label: 'Deadlocks a day, over all time, that are a warning' },
  },
  sql: ({ versionNum }) => databaseCountersSql(versionNum),
  findings(rows, context) {
    const { limits } = context;
    const row = currentDatabase(rows);
    if (row === undefined) return [];
    const recent = gainsSince(
      { deadlocks: { key: 'transactions.deadlocks', value: Number(row.deadlocks) } },
      { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms ?? 0 } },
    );
    const count = recent?.gained.deadlocks ?? Number(row.deadlocks);
    if (count === 0 || count < limits.minDeadlocks) return [];
    const ageMs = row.age_ms ?? 0;
    const isFrequent = recent !== undefined || (count * dayMs) / Math.max(1, ageMs) >= limits.perDay;
    return [
      {
        object: `database ${row.database_name}`,
        severity: isFrequent ? 'warning' : 'info',
        message: recent
          ? `${plural(count, 'deadlock')} in the ${formatDuration(recent.windowMs)} since the last report.`
          : `${plural(count, 'deadlock')} since statistics began${row.stats_reset === null ? '' : ` ${formatDuration(ageMs)} ago`}.`,
        measure: count,
        evidence: [
          { label: 'Deadlocks', value: formatCount(count) },
          { label: 'Commits', value: formatCount(row.commits) },
          { label: 'Statistics since', value: row.stats_reset ?? 'never reset' },
        ],
        ...(recent
          ? { confidence: 'high' as const }
          : {
              confidence: 'medium' as const,
              confidenceReason: 'A total: it does not say when they happened.',
            }),
      },
    ];
  },
  measures(rows) {
    const row = currentDatabase(rows);
    return row === undefined ? [] : [counterMeasure('transactions.deadlocks', 'Deadlocks', row.deadlocks)];
  },
};
