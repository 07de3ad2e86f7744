import type { HealthFinding } from '#contract/health-model.ts';
import { cannotTell, type CheckOutcome, type HealthFacts } from '../../health-check.ts';
import { plural } from '../../format-values.ts';
import { grantRole } from '../../unlock-sql.ts';

/** One WAL sender. Without pg_monitor its state and positions are null. */
export interface ReplicaRow {
  readonly name: string;
  readonly state: string | null;
  readonly sync_state: string | null;
  readonly behind_bytes: string | null;
  readonly unsent_bytes: string | null;
  readonly replay_lag: string | null;
  readonly age_ms: number | null;
}

/** Run on PostgreSQL 13 to 18, on a primary. */
export const replicasSql = `
select
  coalesce(nullif(replica.application_name, ''), format('process %s', replica.pid)) as name,
  replica.state,
  replica.sync_state,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replica.replay_lsn) as behind_bytes,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replica.sent_lsn) as unsent_bytes,
  replica.replay_lag::text as replay_lag,
  extract(epoch from clock_timestamp() - replica.backend_start)::float8 * 1000 as age_ms
from pg_catalog.pg_stat_replication as replica
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
