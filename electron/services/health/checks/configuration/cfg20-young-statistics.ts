import { formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly stats_reset: string | null;
  readonly stats_age_ms: number | null;
  readonly started_at: string;
  readonly uptime_ms: number;
}

const dayMs = 86_400_000;

export const youngStatistics: HealthCheck<Row, 'minDays'> = {
  id: 'CFG20',
  group: 'configuration',
  basis: 'moment',
  title: 'Statistics that cover little time',
  why: 'Unused indexes, cache hits and scans are judged by counters. Just after a reset, a crash or a restore they cover too little time to judge by.',
  thresholds: {
    // fresha/pgdoctor: a week.
    minDays: { usual: 7, unit: 'days', label: 'Days that statistics have to cover' },
  },
  // Run on PostgreSQL 13 to 18. Since 15 a database that was never reset has no date; the server's own is an upper bound.
  sql: () => `
select
  usage.stats_reset::text as stats_reset,
  extract(epoch from clock_timestamp() - coalesce(usage.stats_reset, (select stats_reset from pg_catalog.pg_stat_bgwriter)))::float8 * 1000 as stats_age_ms,
  pg_catalog.pg_postmaster_start_time()::text as started_at,
  extract(epoch from clock_timestamp() - pg_catalog.pg_postmaster_start_time())::float8 * 1000 as uptime_ms
from pg_catalog.pg_stat_database as usage
where usage.datname = current_database()`,
  findings([row], { facts, limits }) {
    if (row === undefined || row.stats_age_ms === null || row.stats_age_ms >= limits.minDays * dayMs) return [];
    return [
      {
        object: `statistics of ${facts.database}`,
        severity: 'info',
        message: `Statistics cover at most ${formatDuration(row.stats_age_ms)}: findings about unused or busy objects may change.`,
        evidence: [
          { label: 'Statistics since', value: row.stats_reset ?? 'never reset' },
          { label: 'Server started', value: `${row.started_at} (${formatDuration(row.uptime_ms)} ago)` },
        ],
        confidence: 'high',
      },
    ];
  },
};
