import type { HealthFinding } from '#contract/health-model.ts';
import { cannotTell, type CheckOutcome, type HealthFacts } from '../../health-check.ts';
import { plural } from '../../format-values.ts';
import { grantRole } from '../../unlock-sql.ts';

/** One WAL sender. Without pg_monitor its state and positions are null. */
export interface ReplicaRow {
  readonly name: string;
  /**
   * A subscriber takes changes through a logical slot, a standby says what it has replayed. Others only receive, such as
   * pg_receivewal. What a hidden one is, is not known.
   */
  readonly kind: 'standby' | 'subscriber' | 'receiver' | 'WAL sender';
  readonly state: string | null;
  readonly sync_state: string | null;
  readonly behind_bytes: string | null;
  readonly unsent_bytes: string | null;
  readonly replay_lag: string | null;
  readonly age_ms: number | null;
}

/** What a server has to hand on: on a standby what it has received itself, or replayed from an archive. */
const ownPosition = `case
      when pg_catalog.pg_is_in_recovery()
        then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
      else pg_catalog.pg_current_wal_lsn()
    end`;

/**
 * Who follows this server. Connections that have not asked for WAL (`startup`, which queries and first copies of tables
 * stay in), base backups and temporary slots come and go: they are none. A receiver that replays nothing is judged by
 * what it has written. Run on PostgreSQL 13 to 18.
 */
export const replicasSql = `
select
  coalesce(nullif(replica.application_name, ''), format('process %s', replica.pid)) as name,
  case
    when replica.state is null then 'WAL sender'
    when slot.slot_type = 'logical' then 'subscriber'
    when replica.replay_lsn is not null then 'standby'
    else 'receiver'
  end as kind,
  replica.state,
  replica.sync_state,
  pg_catalog.pg_wal_lsn_diff(
    ${ownPosition},
    coalesce(replica.replay_lsn, replica.flush_lsn, replica.write_lsn)) as behind_bytes,
  pg_catalog.pg_wal_lsn_diff(${ownPosition}, replica.sent_lsn) as unsent_bytes,
  replica.replay_lag::text as replay_lag,
  extract(epoch from clock_timestamp() - replica.backend_start)::float8 * 1000 as age_ms
from pg_catalog.pg_stat_replication as replica
left join pg_catalog.pg_replication_slots as slot on slot.active_pid = replica.pid
where coalesce(replica.state, '') not in ('startup', 'backup')
  and slot.temporary is distinct from true
order by name`;

/** Masked rows make "nothing found" a guess. */
export function hiddenStandbys(
  rows: readonly ReplicaRow[],
  findings: readonly HealthFinding[],
  facts: HealthFacts,
): CheckOutcome {
  const hidden = rows.filter((row) => row.state === null);
  if (hidden.length === 0 || facts.readsAllStats) return findings;
  return cannotTell(`The state of ${plural(hidden.length, 'WAL sender')} is hidden from ${facts.user}.`, {
    unlockSql: grantRole('pg_monitor', facts),
    findings,
  });
}
