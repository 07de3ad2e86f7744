import { formatBytes, formatDuration } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly lag_ms: number | null;
  readonly behind_bytes: string | null;
  readonly is_paused: boolean;
}

export const replayLag: HealthCheck<Row> = {
  id: 'REP01',
  group: 'replication',
  basis: 'moment',
  title: 'Replay lag of this standby',
  why: 'Queries on a standby see the past by as much as it lags, and a failover has to replay the rest first. A long query on the standby can hold replay up.',
  requires: { role: 'standby' },
  // Run on PostgreSQL 13 to 18. On an idle primary the last replayed commit is old without any lag: only what was received
  // and not replayed counts.
  sql: () => `
select
  case
    when pg_catalog.pg_last_wal_receive_lsn() <> pg_catalog.pg_last_wal_replay_lsn()
      then extract(epoch from clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8 * 1000
  end as lag_ms,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) as behind_bytes,
  pg_catalog.pg_is_wal_replay_paused() as is_paused`,
  findings([row]) {
    if (row === undefined) return [];
    const behindBytes = Number(row.behind_bytes ?? 0);
    // A standby that has replayed no commit since it started cannot say how old it is, only how much it has to do.
    const isBehind = row.lag_ms === null ? behindBytes >= 16 * 1024 ** 2 : row.lag_ms >= 5000;
    if (!isBehind && !(row.is_paused && behindBytes > 0)) return [];
    const lag = row.lag_ms === null ? 'an unknown time' : formatDuration(row.lag_ms);
    return [
      {
        object: 'this standby',
        severity: (row.lag_ms ?? 0) >= 60_000 ? 'critical' : 'warning',
        message: `This standby is ${lag} behind: ${formatBytes(behindBytes)} received and not replayed${row.is_paused ? ', replay is paused' : ''}.`,
        evidence: [
          { label: 'Lag', value: lag },
          { label: 'Not replayed', value: formatBytes(behindBytes) },
          { label: 'Replay paused', value: row.is_paused ? 'yes' : 'no' },
        ],
        ...(row.is_paused
          ? {
              fixSql: 'select pg_catalog.pg_wal_replay_resume();',
              undoSql: 'select pg_catalog.pg_wal_replay_pause();',
              lock: lockTexts.none,
            }
          : {}),
        confidence: 'high',
      },
    ];
  },
};
