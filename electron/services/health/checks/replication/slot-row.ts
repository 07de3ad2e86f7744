/** One replication slot. Columns that a version does not have are null. */
export interface SlotRow {
  readonly slot_name: string;
  readonly slot_literal: string;
  readonly slot_type: string;
  readonly database_name: string | null;
  readonly is_active: boolean;
  readonly is_temporary: boolean;
  readonly wal_status: string | null;
  readonly retained_bytes: string | null;
  readonly safe_bytes: string | null;
  readonly inactive_since: string | null;
  readonly inactive_ms: number | null;
  readonly is_conflicting: boolean | null;
  readonly invalidation_reason: string | null;
  readonly is_synced: boolean;
}

/** Run on PostgreSQL 13 to 18. A standby has no current WAL position of its own: what it has received stands in. */
export function slotsSql(versionNum: number): string {
  return `
select
  slot.slot_name::text as slot_name,
  quote_literal(slot.slot_name) as slot_literal,
  slot.slot_type,
  slot.database::text as database_name,
  slot.active as is_active,
  slot.temporary as is_temporary,
  slot.wal_status,
  pg_catalog.pg_wal_lsn_diff(
    case
      when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_receive_lsn()
      else pg_catalog.pg_current_wal_lsn()
    end,
    slot.restart_lsn) as retained_bytes,
  slot.safe_wal_size as safe_bytes,
  ${versionNum >= 170_000 ? 'slot.inactive_since::text' : 'null::text'} as inactive_since,
  ${
    versionNum >= 170_000
      ? 'extract(epoch from clock_timestamp() - slot.inactive_since)::float8 * 1000'
      : 'null::float8'
  } as inactive_ms,
  ${versionNum >= 160_000 ? 'slot.conflicting' : 'null::bool'} as is_conflicting,
  ${versionNum >= 170_000 ? 'slot.invalidation_reason' : 'null::text'} as invalidation_reason,
  ${versionNum >= 170_000 ? 'slot.synced' : 'false'} as is_synced
from pg_catalog.pg_replication_slots as slot
order by slot.slot_name`;
}
