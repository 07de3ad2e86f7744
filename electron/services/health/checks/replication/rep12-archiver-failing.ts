import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  /** True where the last attempt failed. */
  readonly is_failing: boolean;
  readonly has_command: boolean;
  readonly has_library: boolean;
  /** False where its process is not there, or is hidden. Null before 14, which does not show it. */
  readonly runs_archiver: boolean | null;
  /** True once the server has had time to start all its processes. */
  readonly is_settled: boolean;
  readonly last_failed_wal: string | null;
  readonly last_failed_time: string | null;
  readonly failed_ago_ms: number | null;
  readonly failing_ms: number;
  readonly failed_count: string;
  readonly last_archived_time: string | null;
}

export const archiverFailing: HealthCheck<Row, 'recentSeconds' | 'startSeconds'> = {
  id: 'REP12',
  group: 'replication',
  basis: 'moment',
  title: 'WAL archiving fails',
  why: 'While archiving fails, WAL piles up on disk and point-in-time recovery ends at the last archived file.',
  requires: { privilege: 'pg_monitor, to see whether the archiver runs' },
  thresholds: {
    // pgEdge: a failure within the hour is critical, an older one a warning.
    recentSeconds: { usual: 3600, unit: 'seconds', label: 'Age of the last failure up to which it is critical' },
    // The server starts an archiver that ended again after ten seconds.
    startSeconds: { usual: 30, unit: 'seconds', label: 'Time after a start in which the archiver may be missing' },
  },
  // Run on PostgreSQL 13 to 18. failed_count only ever grows: what matters is whether the last attempt failed. A standby
  // archives nothing unless archive_mode is always.
  sql: ({ versionNum }, limits) => `
select
  coalesce(archiver.last_failed_time > coalesce(archiver.last_archived_time, '-infinity'), false) as is_failing,
  pg_catalog.current_setting('archive_command') <> '' as has_command,
  ${versionNum >= 150_000 ? "pg_catalog.current_setting('archive_library') <> ''" : 'false'} as has_library,
  ${
    versionNum >= 140_000
      ? `exists (
    select
    from pg_catalog.pg_stat_activity as activity
    where activity.backend_type = 'archiver'
  )`
      : 'null::bool'
  } as runs_archiver,
  pg_catalog.pg_postmaster_start_time() < clock_timestamp() - interval '1 second' * ${limits.startSeconds} as is_settled,
  archiver.last_failed_wal,
  archiver.last_failed_time::text as last_failed_time,
  extract(epoch from clock_timestamp() - archiver.last_failed_time)::float8 * 1000 as failed_ago_ms,
  extract(epoch from clock_timestamp() - coalesce(archiver.last_archived_time, archiver.stats_reset))::float8 * 1000 as failing_ms,
  archiver.failed_count,
  archiver.last_archived_time::text as last_archived_time
from pg_catalog.pg_stat_archiver as archiver
where pg_catalog.current_setting('archive_mode') = 'always'
  or pg_catalog.current_setting('archive_mode') = 'on'
  and not pg_catalog.pg_is_in_recovery()`,
  findings([row], { facts, limits }) {
    if (row === undefined) return [];
    // Since 16 the archiver ends where both are set; 15 took the library.
    if (row.has_command && row.has_library && facts.versionNum >= 160_000) {
      return [
        {
          object: 'archive_library',
          severity: 'critical',
          message:
            'archive_command and archive_library are both set: the archiver refuses to run, and WAL is kept on disk.',
          evidence: [{ label: 'Last success', value: row.last_archived_time ?? 'never' }],
          caution: 'Reset the one that is not meant.',
          confidence: 'high',
        },
      ];
    }
    if (row.runs_archiver === false && facts.readsAllStats && row.is_settled) {
      return [
        {
          object: 'archiver',
          severity: 'critical',
          message: 'WAL is to be archived, but no archiver runs: it is kept on disk until there is one.',
          evidence: [
            { label: 'Archives with', value: row.has_library ? 'archive_library' : 'archive_command' },
            { label: 'Last success', value: row.last_archived_time ?? 'never' },
          ],
          caution:
            'The server log says why it ended, such as an archive_library that does not exist. It is started again every ten seconds.',
          confidence: 'medium',
          confidenceReason: 'One look: an archiver that is started anew is missing for a moment.',
        },
      ];
    }
    if (row.is_failing) return [failure(row, limits.recentSeconds)];
    if (!row.has_command && !row.has_library) {
      return [
        {
          object: 'archive_command',
          severity: 'warning',
          message:
            'WAL is to be archived, but there is no command to archive with: it is kept on disk until there is one.',
          evidence: [{ label: 'Last success', value: row.last_archived_time ?? 'never' }],
          caution: 'Set archive_command or archive_library; archive_mode off needs a restart.',
          confidence: 'high',
        },
      ];
    }
    // With a command the archiver runs whatever becomes of it; a library that cannot be loaded ends it.
    return row.has_library && row.runs_archiver === false && !facts.readsAllStats
      ? cannotTell(`Whether the archiver runs is hidden from ${facts.user}.`, {
          unlockSql: grantRole('pg_monitor', facts),
        })
      : [];
  },
};

function failure(row: Row, recentSeconds: number): HealthFinding {
  return {
    object: 'archive_command',
    severity: (row.failed_ago_ms ?? 0) <= recentSeconds * 1000 ? 'critical' : 'warning',
    message: `Archiving of ${row.last_failed_wal ?? 'a file'} failed at ${row.last_failed_time ?? 'an unknown time'}; nothing was archived for ${formatDuration(row.failing_ms)}.`,
    measure: row.failing_ms,
    evidence: [
      { label: 'Last failure', value: row.last_failed_time ?? 'unknown' },
      { label: 'Last success', value: row.last_archived_time ?? 'never' },
      { label: 'Failures so far', value: formatCount(row.failed_count) },
    ],
    caution: 'The server log has the command’s own error.',
    confidence: 'high',
  };
}
