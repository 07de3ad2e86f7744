import { formatBytes } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import type { HealthCheck } from '../../health-check.ts';
import { slotsSql, syncedSlotCaution, tableCopyCaution, type SlotRow } from './slot-row.ts';

export const slotLost: HealthCheck<SlotRow> = {
  id: 'REP07',
  group: 'replication',
  basis: 'moment',
  title: 'Slots that lost their WAL or will',
  why: 'A slot whose WAL was removed cannot serve its consumer any more: the standby or subscriber has to be built anew.',
  sql: ({ versionNum }) => slotsSql(versionNum),
  findings(rows) {
    return rows.flatMap((row) => {
      const isInvalid = row.wal_status === 'lost' || row.invalidation_reason !== null || row.is_conflicting === true;
      if (!isInvalid && row.wal_status !== 'unreserved' && row.wal_status !== 'extended') return [];
      return [
        {
          object: `slot ${row.slot_name}`,
          severity: row.wal_status === 'extended' && !isInvalid ? ('warning' as const) : ('critical' as const),
          message: isInvalid
            ? `Slot ${row.slot_name} is invalid${row.invalidation_reason === null ? '' : ` (${row.invalidation_reason})`}: its consumer must start anew.`
            : row.wal_status === 'unreserved'
              ? `Slot ${row.slot_name} is unreserved: it asks for more WAL than max_slot_wal_keep_size, and is lost with the next checkpoint unless its consumer catches up.`
              : `Slot ${row.slot_name} is extended: it keeps more WAL than max_wal_size${row.safe_bytes === null ? '' : `, and ${formatBytes(Math.max(0, Number(row.safe_bytes)))} are left before it is lost`}.`,
          evidence: [
            { label: 'WAL status', value: row.wal_status ?? 'unknown' },
            { label: 'Active', value: row.is_active ? 'yes' : 'no' },
            ...(row.is_conflicting === true ? [{ label: 'Conflicting', value: 'yes' }] : []),
          ],
          ...fixOf(row, isInvalid),
          confidence: 'high' as const,
        },
      ];
    });
  },
};

function fixOf(row: SlotRow, isInvalid: boolean): { fixSql?: string; lock?: string; caution?: string } {
  if (row.is_synced) return { caution: syncedSlotCaution };
  if (!isInvalid || row.is_active) return {};
  if (row.is_table_copy) return { caution: tableCopyCaution };
  return {
    fixSql: `select pg_catalog.pg_drop_replication_slot(${row.slot_literal});`,
    lock: lockTexts.none,
    caution: 'Then create it again for the new standby or subscription.',
  };
}
