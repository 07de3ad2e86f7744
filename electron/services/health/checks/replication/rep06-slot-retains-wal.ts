import { formatBytes, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { slotsSql, type SlotRow } from './slot-row.ts';

export const slotRetainsWal: HealthCheck<SlotRow, 'warnBytes' | 'criticalBytes' | 'limitShare'> = {
  id: 'REP06',
  group: 'replication',
  basis: 'moment',
  title: 'Slots that keep much WAL',
  why: 'WAL that a slot has not handed over stays on disk. max_slot_wal_keep_size sets a limit, at the price of the slot.',
  thresholds: {
    // fresha/pgdoctor: 1 and 5 GB; pgFirstAid: 90 % of max_slot_wal_keep_size.
    warnBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'WAL kept that is a warning' },
    criticalBytes: { usual: 5 * 1024 ** 3, unit: 'bytes', label: 'WAL kept that is critical' },
    limitShare: { usual: 0.9, unit: 'ratio', label: 'Share of max_slot_wal_keep_size that is critical' },
  },
  sql: ({ versionNum }) => slotsSql(versionNum),
  findings(rows, { limits }) {
    return rows.flatMap((row) => {
      const kept = Number(row.retained_bytes ?? 0);
      // What is left before the limit says how large the limit is.
      const limitBytes = row.safe_bytes === null ? null : Math.max(1, kept + Number(row.safe_bytes));
      const isNearLimit = limitBytes !== null && kept >= limits.limitShare * limitBytes;
      if (row.wal_status === 'lost' || row.retained_bytes === null) return [];
      if (kept < Math.min(limits.warnBytes, limits.criticalBytes) && !isNearLimit) return [];
      return [
        {
          object: `slot ${row.slot_name}`,
          severity: kept >= limits.criticalBytes || isNearLimit ? ('critical' as const) : ('warning' as const),
          message: `Slot ${row.slot_name} keeps ${formatBytes(kept)} of WAL on disk${isNearLimit ? `, ${formatPercent(kept / limitBytes)} of what it may before it is invalidated` : ''}.`,
          measure: kept,
          evidence: [
            { label: 'Active', value: row.is_active ? 'yes' : 'no' },
            { label: 'WAL kept', value: formatBytes(kept) },
            {
              label: 'Left before it is invalidated',
              value: row.safe_bytes === null ? 'no limit set' : formatBytes(Math.max(0, Number(row.safe_bytes))),
            },
          ],
          caution: 'Look at its consumer first; set max_slot_wal_keep_size so that one slot cannot fill the disk.',
          confidence: 'high' as const,
        },
      ];
    });
  },
};
