import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { slotsSql, type SlotRow } from './slot-row.ts';

const gigabyte = 1024 ** 3;

export const slotRetainsWal: HealthCheck<SlotRow> = {
  id: 'REP06',
  group: 'replication',
  basis: 'moment',
  title: 'Slots that keep much WAL',
  why: 'WAL that a slot has not handed over stays on disk. max_slot_wal_keep_size sets a limit, at the price of the slot.',
  sql: ({ versionNum }) => slotsSql(versionNum),
  findings(rows) {
    return rows
      .filter((row) => row.wal_status !== 'lost' && Number(row.retained_bytes ?? 0) >= gigabyte)
      .map((row) => ({
        object: `slot ${row.slot_name}`,
        severity: Number(row.retained_bytes) >= 5 * gigabyte ? ('critical' as const) : ('warning' as const),
        message: `Slot ${row.slot_name} keeps ${formatBytes(row.retained_bytes ?? 0)} of WAL on disk.`,
        evidence: [
          { label: 'Active', value: row.is_active ? 'yes' : 'no' },
          { label: 'WAL kept', value: formatBytes(row.retained_bytes ?? 0) },
          {
            label: 'Left before it is invalidated',
            value: row.safe_bytes === null ? 'no limit set' : formatBytes(row.safe_bytes),
          },
        ],
        caution: 'Look at its consumer first; set max_slot_wal_keep_size so that one slot cannot fill the disk.',
        confidence: 'high' as const,
      }));
  },
};
