import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly is_paused: boolean;
  readonly replayed: string | null;
  readonly replayed_at: string | null;
}

export const replayPaused: HealthCheck<Row> = {
  id: 'REP11',
  group: 'replication',
  basis: 'moment',
  title: 'Replay that is paused',
  why: 'A paused standby stands still while WAL piles up on its disk. Somebody paused it and forgot, or the primary got a higher max_connections or similar than this standby has.',
  requires: { role: 'standby' },
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  pg_catalog.pg_is_wal_replay_paused() as is_paused,
  pg_catalog.pg_last_wal_replay_lsn()::text as replayed,
  pg_catalog.pg_last_xact_replay_timestamp()::text as replayed_at`,
  findings([row]) {
    if (row === undefined || !row.is_paused) return [];
    return [
      {
        object: 'this standby',
        severity: 'warning',
        message: 'Replay is paused on this standby: what it shows does not change any more.',
        evidence: [
          { label: 'Replayed up to', value: row.replayed ?? 'unknown' },
          { label: 'Last commit replayed', value: row.replayed_at ?? 'none since it started' },
        ],
        fixSql: 'select pg_catalog.pg_wal_replay_resume();',
        undoSql: 'select pg_catalog.pg_wal_replay_pause();',
        lock: lockTexts.none,
        caution:
          'It may be paused for a backup or a recovery in progress. Where the log says that a setting is lower than on the primary, resuming shuts the standby down: raise the setting and restart.',
        confidence: 'high',
      },
    ];
  },
};
