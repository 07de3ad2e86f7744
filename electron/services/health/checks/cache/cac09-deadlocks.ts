import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly database_name: string;
  readonly deadlocks: string;
  readonly commits: string;
  readonly stats_reset: string | null;
}

export const deadlocks: HealthCheck<Row> = {
  id: 'CAC09',
  group: 'cache',
  basis: 'statistics',
  title: 'Deadlocks',
  why: 'Two transactions that wait for each other are stopped by aborting one of them. Each deadlock is an error in an application that takes locks in different orders; the server log names the statements.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  quote_ident(usage.datname) as database_name,
  usage.deadlocks,
  usage.xact_commit as commits,
  usage.stats_reset::text as stats_reset
from pg_catalog.pg_stat_database as usage
where usage.datname = current_database()
  and usage.deadlocks > 0`,
  findings(rows, { facts }) {
    return rows.map((row) => ({
      object: `database ${row.database_name}`,
      severity: 'warning' as const,
      message: `${formatCount(row.deadlocks)} deadlocks since statistics began${row.stats_reset === null ? '' : ` ${formatDuration(facts.statsAgeMs)} ago`}.`,
      evidence: [
        { label: 'Deadlocks', value: formatCount(row.deadlocks) },
        { label: 'Commits', value: formatCount(row.commits) },
        { label: 'Statistics since', value: row.stats_reset ?? 'never reset' },
      ],
      confidence: 'medium' as const,
      confidenceReason: 'A total: it does not say when they happened.',
    }));
  },
};
