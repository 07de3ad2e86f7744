import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  readonly is_running: boolean;
  /** Null where it is hidden. */
  readonly status: string | null;
  /** Null where the user may not know whether a primary is set. */
  readonly has_primary: boolean | null;
  readonly received: string | null;
  readonly replayed_at: string | null;
}

export const walReceiverDown: HealthCheck<Row> = {
  id: 'REP09',
  group: 'replication',
  basis: 'moment',
  title: 'Standby that receives nothing',
  why: 'A standby without its WAL receiver gets no more changes. It goes on answering, from an ever older past, and what the primary writes meanwhile exists only once.',
  requires: { role: 'standby', privilege: 'pg_monitor, to see whether a primary is set' },
  // Run on PostgreSQL 13 to 18. The row of the receiver is there for everybody, what stands in it is not.
  sql: () => `
select
  receiver.pid is not null as is_running,
  receiver.status,
  (
    select setting <> ''
    from pg_catalog.pg_settings
    where name = 'primary_conninfo'
  ) as has_primary,
  pg_catalog.pg_last_wal_receive_lsn()::text as received,
  pg_catalog.pg_last_xact_replay_timestamp()::text as replayed_at
from (select) as once
left join pg_catalog.pg_stat_wal_receiver as receiver on true`,
  findings([row], { facts }) {
    if (row === undefined) return [];
    if (row.is_running) {
      if (row.status === null || row.status === 'streaming') return [];
      return [
        {
          object: 'WAL receiver',
          severity: 'warning',
          message: `The WAL receiver is ${row.status} and not streaming.`,
          evidence: [{ label: 'Received up to', value: row.received ?? 'nothing' }],
          caution: 'See its log: it waits for its next timeline or for the primary.',
          confidence: 'medium',
          confidenceReason: 'One look: a receiver that just started is not streaming yet.',
        },
      ];
    }
    // A standby that restores from an archive alone has none.
    if (row.has_primary === false) return [];
    if (row.has_primary === null) {
      return cannotTell(
        `No WAL receiver runs, and whether this standby should have one is hidden from ${facts.user}.`,
        { unlockSql: grantRole('pg_monitor', facts) },
      );
    }
    return [
      {
        object: 'WAL receiver',
        severity: 'critical',
        message: 'This standby has a primary to follow, but no WAL receiver is running.',
        evidence: [
          { label: 'Received up to', value: row.received ?? 'nothing by streaming' },
          { label: 'Last commit replayed', value: row.replayed_at ?? 'none since it started' },
        ],
        caution: 'The log of this standby says why: the primary is down, refuses it, or has removed WAL that it needs.',
        confidence: 'medium',
        confidenceReason:
          'One look: between two attempts there is no receiver for a few seconds, nor while WAL comes from an archive.',
      },
    ];
  },
};
