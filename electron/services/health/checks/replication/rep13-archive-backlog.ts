import { formatBytes, formatCount } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  readonly archive_mode: string;
  /** Null where it may not be counted. */
  readonly waiting: string | null;
  readonly oldest: string | null;
  readonly segment_bytes: string;
}

export const archiveBacklog: HealthCheck<Row, 'warnFiles' | 'criticalFiles'> = {
  id: 'REP13',
  group: 'replication',
  basis: 'moment',
  title: 'WAL files that wait to be archived',
  why: 'A file stays on disk until it is archived. When archiving is slower than writing, the disk fills, and a point-in-time recovery ends where the archive does.',
  requires: { privilege: 'pg_monitor, to list the archiver’s files' },
  thresholds: {
    // check_postgres: 10 and 15, which a bulk load passes for a moment.
    warnFiles: { usual: 20, unit: 'count', label: 'Waiting files that are a warning' },
    criticalFiles: { usual: 100, unit: 'count', label: 'Waiting files that are critical' },
  },
  unlockSql: (facts) => grantRole('pg_monitor', facts),
  // Run on PostgreSQL 13 to 18. The function is checked for rights even where archiving is off and nobody needs it.
  sql: ({ readsAllStats }) => `
select
  pg_catalog.current_setting('archive_mode') as archive_mode,
  ${
    readsAllStats
      ? `files.waiting,
  files.oldest::text as oldest`
      : `null::int8 as waiting,
  null::text as oldest`
  },
  pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')) as segment_bytes
${
  readsAllStats
    ? `from (
  select
    count(*) as waiting,
    min(file.modification) as oldest
  from pg_catalog.pg_ls_archive_statusdir() as file
  where file.name like '%.ready'
    and pg_catalog.current_setting('archive_mode') <> 'off'
) as files`
    : ''
}`,
  findings([row], { facts, limits }) {
    if (row === undefined || row.archive_mode === 'off') return [];
    // A standby archives nothing of its own, unless always; a primary that became one has left its files behind.
    if (facts.inRecovery && row.archive_mode !== 'always') return [];
    if (row.waiting === null) {
      return cannotTell(`${facts.user} may not list the files of the archiver.`, {
        unlockSql: grantRole('pg_monitor', facts),
      });
    }
    const waiting = Number(row.waiting);
    if (waiting < Math.min(limits.warnFiles, limits.criticalFiles)) return [];
    return [
      {
        object: 'archiver',
        severity: waiting >= limits.criticalFiles ? 'critical' : 'warning',
        message: `${formatCount(waiting)} WAL files (${formatBytes(waiting * Number(row.segment_bytes))}) wait to be archived.`,
        measure: waiting,
        evidence: [
          { label: 'Files', value: formatCount(waiting) },
          { label: 'Oldest since', value: row.oldest ?? 'unknown' },
        ],
        caution:
          'REP12 says whether archiving fails or cannot run. Where REP12 is ok, the command hangs or is slower than the writes.',
        confidence: 'high',
      },
    ];
  },
};
