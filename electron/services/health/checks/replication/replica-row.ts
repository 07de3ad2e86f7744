import type { HealthFinding } from '#contract/health-model.ts';
import { cannotTell, type CheckOutcome, type HealthFacts } from '../../health-check.ts';
import { plural } from '../../format-values.ts';
import { grantRole } from '../../unlock-sql.ts';

/** One WAL sender. Without pg_monitor its state and positions are null. */
export interface ReplicaRow {
  readonly name: string;
  /** A subscriber takes changes through a logical slot; all others are standbys, archivers and base backups. */
  readonly kind: 'standby' | 'subscriber';
  readonly state: string | null;
  readonly sync_state: string | null;
  readonly behind_bytes: string | null;
  readonly unsent_bytes: string | null;
  readonly replay_lag: string | null;
  readonly age_ms: number | null;
}

/** Run on PostgreSQL 13 to 18, on a primary. A receiver that replays nothing is judged by what it has written. */
export const replicasSql = `
select
  coalesce(nullif(replica.application_name, ''), format('process %s', replica.pid)) as name,
  case
    when slot.slot_type = 'logical' then 'subscriber'
    else 'standby'
  end as kind,
  replica.state,
  replica.sync_state,
  pg_catalog.pg_wal_lsn_diff(
    pg_catalog.pg_current_wal_lsn(),
    coalesce(replica.replay_lsn, replica.flush_lsn, replica.write_lsn)) as behind_bytes,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replica.sent_lsn) as unsent_bytes,
  replica.replay_lag::text as replay_lag,
  extract(epoch from clock_timestamp() - replica.backend_start)::float8 * 1000 as age_ms
from pg_catalog.pg_stat_replication as replica
left join pg_catalog.pg_replication_slots as slot on slot.active_pid = replica.pid
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
