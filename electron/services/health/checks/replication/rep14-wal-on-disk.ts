import { formatBytes, formatCount } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  /** Null where the directory may not be listed. */
  readonly total_bytes: string | null;
  readonly files: string | null;
  readonly max_wal_bytes: string;
  readonly keep_bytes: string;
  readonly slot_bytes: string | null;
  readonly slot_name: string | null;
}

export const walOnDisk: HealthCheck<Row, 'timesExpected' | 'minBytes'> = {
  id: 'REP14',
  group: 'replication',
  basis: 'moment',
  title: 'WAL that piles up on disk',
  why: 'The server removes WAL that nobody needs at every checkpoint. Where there is far more than max_wal_size, something keeps it: a slot, an archiver that fails, or writes that outrun the checkpoints. When the disk is full, the server stops.',
  requires: { privilege: 'pg_monitor, to list the WAL directory' },
  thresholds: {
    // check_postgres' 10 or 15 files are less than any server has. Twice what the settings ask for is more than a burst.
    timesExpected: { usual: 2, unit: 'ratio', label: 'Size, in times of max_wal_size and wal_keep_size' },
    minBytes: { usual: 4 * 1024 ** 3, unit: 'bytes', label: 'Smallest size that is reported' },
  },
  unlockSql: (facts) => grantRole('pg_monitor', facts),
  // Run on PostgreSQL 13 to 18.
  sql: ({ readsAllStats }) => `
select
  ${
    readsAllStats
      ? `directory.total_bytes,
  directory.files`
      : `null::int8 as total_bytes,
  null::int8 as files`
  },
  pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size')) as max_wal_bytes,
  pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_keep_size')) as keep_bytes,
  greediest.kept as slot_bytes,
  greediest.slot_name
from (
  select
    slot.slot_name::text as slot_name,
    pg_catalog.pg_wal_lsn_diff(
      case
        when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
        else pg_catalog.pg_current_wal_lsn()
      end,
      slot.restart_lsn) as kept
  from (select) as once
  left join pg_catalog.pg_replication_slots as slot on slot.restart_lsn is not null
  order by kept desc nulls last
  limit 1
) as greediest
${
  readsAllStats
    ? `cross join (
  select
    coalesce(sum(file.size), 0)::int8 as total_bytes,
    count(*) as files
  from pg_catalog.pg_ls_waldir() as file
) as directory`
    : ''
}`,
  findings([row], { facts, limits }) {
    if (row === undefined) return [];
    if (row.total_bytes === null) {
      return cannotTell(`${facts.user} may not list the WAL directory.`, { unlockSql: grantRole('pg_monitor', facts) });
    }
    const total = Number(row.total_bytes);
    const expected = Number(row.max_wal_bytes) + Number(row.keep_bytes);
    if (total < limits.minBytes || total < limits.timesExpected * expected) return [];
    return [
      {
        object: 'WAL directory',
        severity: 'warning',
        message: `The WAL directory holds ${formatBytes(total)} in ${formatCount(row.files ?? 0)} files; max_wal_size and wal_keep_size ask for ${formatBytes(expected)}.`,
        measure: total,
        evidence: [
          { label: 'Size', value: formatBytes(total) },
          { label: 'max_wal_size', value: formatBytes(row.max_wal_bytes) },
          { label: 'wal_keep_size', value: formatBytes(row.keep_bytes) },
          row.slot_name === null
            ? { label: 'Slots', value: 'none keeps WAL' }
            : { label: `Kept by slot ${row.slot_name}`, value: formatBytes(row.slot_bytes ?? 0) },
        ],
        caution:
          'Never remove files there by hand. REP05 and REP06 name slots, REP12 and REP13 the archiver; a higher checkpoint pace removes the rest.',
        confidence: 'high',
      },
    ];
  },
};
