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
  /** A copy that a standby keeps of its primary's slot: it can neither be used nor dropped there. */
  readonly is_synced: boolean;
  /** Made by a subscriber for the first copy of a table. */
  readonly is_table_copy: boolean;
  /** True while the connection that copies is there: the slot itself is in use only after the copy. */
  readonly is_copying: boolean;
}

/** True for the name that a subscriber of 14 or later gives to the slot of a table copy. Before, such slots are temporary. */
export function isTableCopySlot(slotAlias: string): string {
  return `${slotAlias}.slot_name ~ '^pg_[0-9]+_sync_[0-9]+_[0-9]+$'`;
}

/** True while the connection that made the slot is there, whose application has the name of the slot. */
export function isTableBeingCopied(slotAlias: string): string {
  return `(${isTableCopySlot(slotAlias)} and exists (
    select
    from pg_catalog.pg_stat_replication as copying
    where copying.application_name = ${slotAlias}.slot_name::text
  ))`;
}

/** True for a slot that this standby takes over from its primary. The column goes on saying so after a promotion. */
export function isSyncedSlot(slotAlias: string, versionNum: number): string {
  return versionNum >= 170_000 ? `(${slotAlias}.synced and pg_catalog.pg_is_in_recovery())` : 'false';
}

export const tableCopyCaution =
  'It belongs to the first copy of a table by a subscriber. Dropped before that is done, the copy fails for good: see what the subscriber says (REP08), and drop the slot only if that subscription is gone.';

export const syncedSlotCaution =
  'A copy of a slot of the primary, which decides: it cannot be dropped here, only there, and is gone here afterwards.';

/** Run on PostgreSQL 13 to 18. A standby has no current WAL position of its own: what it has received stands in, or replayed from an archive. */
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
      when pg_catalog.pg_is_in_recovery()
        then greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
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
  ${isSyncedSlot('slot', versionNum)} as is_synced,
  ${isTableCopySlot('slot')} as is_table_copy,
  ${isTableBeingCopied('slot')} as is_copying
from pg_catalog.pg_replication_slots as slot
order by slot.slot_name`;
}
