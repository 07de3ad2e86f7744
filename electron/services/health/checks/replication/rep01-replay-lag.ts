import { formatBytes, formatDuration } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';

interface Row {
  readonly lag_ms: number | null;
  /** Null where nothing was received by streaming; negative where the archive has got further. */
  readonly behind_bytes: string | null;
  readonly is_paused: boolean;
  /** recovery_min_apply_delay: how far behind it is meant to be. */
  readonly delay_ms: number;
}

type LimitName = 'warnSeconds' | 'criticalSeconds' | 'minBytes' | 'unknownBytes';

export const replayLag: HealthCheck<Row, LimitName> = {
  id: 'REP01',
  group: 'replication',
  basis: 'moment',
  title: 'Replay lag of this standby',
  why: 'Queries on a standby see the past by as much as it lags, and a failover has to replay the rest first. A long query on the standby can hold replay up.',
  requires: { role: 'standby' },
  thresholds: {
    // PgHero: 5 seconds.
    warnSeconds: { usual: 5, unit: 'seconds', label: 'Lag that is a warning' },
    criticalSeconds: { usual: 60, unit: 'seconds', label: 'Lag that is critical' },
    // After a quiet hour the first record that arrives looks an hour late until it is replayed.
    minBytes: { usual: 256 * 1024, unit: 'bytes', label: 'Least that is received and not replayed' },
    unknownBytes: { usual: 16 * 1024 ** 2, unit: 'bytes', label: 'What is not replayed, where the time is unknown' },
  },
  // Run on PostgreSQL 13 to 18. On an idle primary the last replayed commit is old without any lag: only what was received
  // and not replayed counts.
  sql: () => `
select
  case
    when pg_catalog.pg_last_wal_receive_lsn() <> pg_catalog.pg_last_wal_replay_lsn()
      then extract(epoch from clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8 * 1000
  end as lag_ms,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) as behind_bytes,
  pg_catalog.pg_is_wal_replay_paused() as is_paused,
  (
    select setting::float8
    from pg_catalog.pg_settings
    where name = 'recovery_min_apply_delay'
  ) as delay_ms`,
  findings([row], { limits }) {
    if (row === undefined) return [];
    if (row.behind_bytes === null || Number(row.behind_bytes) < 0) {
      return cannotTell(
        'What this standby replays has not come by streaming: how far it is behind an archive only the primary knows.',
      );
    }
    const behindBytes = Number(row.behind_bytes);
    // What waits for recovery_min_apply_delay may have been written this moment; the last commit tells nothing of it.
    if (row.delay_ms > 0 && !row.is_paused) return [];
    const lagMs = row.lag_ms === null ? null : Math.max(0, row.lag_ms - row.delay_ms);
    // A standby that has replayed no commit since it started cannot say how old it is, only how much it has to do.
    const isBehind =
      lagMs === null
        ? row.delay_ms === 0 && behindBytes >= limits.unknownBytes
        : lagMs >= Math.min(limits.warnSeconds, limits.criticalSeconds) * 1000 && behindBytes >= limits.minBytes;
    if (!isBehind) return [];
    const lag = row.lag_ms === null ? 'an unknown time' : formatDuration(row.lag_ms);
    return [
      {
        object: 'this standby',
        severity: (lagMs ?? 0) >= limits.criticalSeconds * 1000 ? 'critical' : 'warning',
        message: `This standby is ${lag} behind: ${formatBytes(behindBytes)} received and not replayed${row.is_paused ? ', replay is paused' : ''}.`,
        measure: row.lag_ms ?? behindBytes,
        evidence: [
          { label: 'Lag', value: lag },
          { label: 'Not replayed', value: formatBytes(behindBytes) },
          { label: 'Replay paused', value: row.is_paused ? 'yes' : 'no' },
          ...(row.delay_ms > 0 ? [{ label: 'recovery_min_apply_delay', value: formatDuration(row.delay_ms) }] : []),
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
