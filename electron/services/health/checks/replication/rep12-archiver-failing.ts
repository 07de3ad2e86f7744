import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  /** False where nothing fails because there is no command at all. */
  readonly is_failing: boolean;
  readonly last_failed_wal: string | null;
  readonly last_failed_time: string | null;
  readonly failed_ago_ms: number | null;
  readonly failing_ms: number;
  readonly failed_count: string;
  readonly last_archived_time: string | null;
}

export const archiverFailing: HealthCheck<Row, 'recentSeconds'> = {
  id: 'REP12',
  group: 'replication',
  basis: 'moment',
  title: 'WAL archiving fails',
  why: 'While archiving fails, WAL piles up on disk and point-in-time recovery ends at the last archived file.',
  thresholds: {
    // pgEdge: a failure within the hour is critical, an older one a warning.
    recentSeconds: { usual: 3600, unit: 'seconds', label: 'Age of the last failure up to which it is critical' },
  },
  // Run on PostgreSQL 13 to 18. failed_count only ever grows: what matters is whether the last attempt failed.
  sql: ({ versionNum }) => `
select
  coalesce(archiver.last_failed_time > coalesce(archiver.last_archived_time, '-infinity'), false) as is_failing,
  archiver.last_failed_wal,
  archiver.last_failed_time::text as last_failed_time,
  extract(epoch from clock_timestamp() - archiver.last_failed_time)::float8 * 1000 as failed_ago_ms,
  extract(epoch from clock_timestamp() - coalesce(archiver.last_archived_time, archiver.stats_reset))::float8 * 1000 as failing_ms,
  archiver.failed_count,
  archiver.last_archived_time::text as last_archived_time
from pg_catalog.pg_stat_archiver as archiver
where pg_catalog.current_setting('archive_mode') <> 'off'
  and (
    archiver.last_failed_time > coalesce(archiver.last_archived_time, '-infinity')
    or not pg_catalog.pg_is_in_recovery()
      and pg_catalog.current_setting('archive_command') = ''
      ${versionNum >= 150_000 ? "and pg_catalog.current_setting('archive_library') = ''" : ''}
  )`,
  findings(rows, { limits }) {
    return rows.map((row) => {
      if (!row.is_failing) {
        return {
          object: 'archive_command',
          severity: 'warning' as const,
          message:
            'archive_mode is on, but there is no command to archive with: WAL is kept on disk until there is one.',
          evidence: [{ label: 'Last success', value: row.last_archived_time ?? 'never' }],
          caution: 'Set archive_command or archive_library; archive_mode off needs a restart.',
          confidence: 'high' as const,
        };
      }
      return {
        object: 'archive_command',
        severity:
          (row.failed_ago_ms ?? 0) <= limits.recentSeconds * 1000 ? ('critical' as const) : ('warning' as const),
        message: `Archiving of ${row.last_failed_wal ?? 'a file'} failed at ${row.last_failed_time ?? 'an unknown time'}; nothing was archived for ${formatDuration(row.failing_ms)}.`,
        measure: row.failing_ms,
        evidence: [
          { label: 'Last failure', value: row.last_failed_time ?? 'unknown' },
          { label: 'Last success', value: row.last_archived_time ?? 'never' },
          { label: 'Failures so far', value: formatCount(row.failed_count) },
        ],
        caution: 'The server log has the command’s own error.',
        confidence: 'high' as const,
      };
    });
  },
};
