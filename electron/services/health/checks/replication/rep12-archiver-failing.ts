import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly last_failed_wal: string;
  readonly last_failed_time: string;
  readonly failing_ms: number;
  readonly failed_count: string;
  readonly last_archived_time: string | null;
}

export const archiverFailing: HealthCheck<Row> = {
  id: 'REP12',
  group: 'replication',
  basis: 'moment',
  title: 'WAL archiving fails',
  why: 'While archiving fails, WAL piles up on disk and point-in-time recovery ends at the last archived file.',
  // Run on PostgreSQL 13 to 18. failed_count only ever grows: what matters is whether the last attempt failed.
  sql: () => `
select
  archiver.last_failed_wal,
  archiver.last_failed_time::text as last_failed_time,
  extract(epoch from clock_timestamp() - coalesce(archiver.last_archived_time, archiver.stats_reset))::float8 * 1000 as failing_ms,
  archiver.failed_count,
  archiver.last_archived_time::text as last_archived_time
from pg_catalog.pg_stat_archiver as archiver
where pg_catalog.current_setting('archive_mode') <> 'off'
  and archiver.last_failed_time > coalesce(archiver.last_archived_time, '-infinity')`,
  findings(rows) {
    return rows.map((row) => ({
      object: 'archive_command',
      severity: 'critical' as const,
      message: `Archiving of ${row.last_failed_wal} failed at ${row.last_failed_time}; nothing was archived for ${formatDuration(row.failing_ms)}.`,
      evidence: [
        { label: 'Last failure', value: row.last_failed_time },
        { label: 'Last success', value: row.last_archived_time ?? 'never' },
        { label: 'Failures so far', value: formatCount(row.failed_count) },
      ],
      caution: 'The server log has the command’s own error.',
      confidence: 'high' as const,
    }));
  },
};
