import { formatBytes } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import type { HealthCheck } from '../../health-check.ts';
import { slotsSql, tableCopyCaution, type SlotRow } from './slot-row.ts';

export const inactiveSlot: HealthCheck<SlotRow, 'quietSeconds'> = {
  id: 'REP05',
  group: 'replication',
  basis: 'moment',
  title: 'Inactive replication slots',
  why: 'A slot keeps WAL, and often old rows, until its consumer comes back. If it never does, the disk fills and the server stops.',
  thresholds: {
    // A consumer that restarts is back within seconds. Only 17 and later say since when nobody was there.
    quietSeconds: { usual: 60, unit: 'seconds', label: 'Time without a consumer that is reported, where it is known' },
  },
  sql: ({ versionNum }) => slotsSql(versionNum),
  findings(rows, { limits }) {
    return rows
      .filter((row) => !row.is_active && !row.is_temporary && !row.is_synced && row.wal_status !== 'lost')
      .filter((row) => !row.is_copying)
      .filter((row) => row.inactive_ms === null || row.inactive_ms >= limits.quietSeconds * 1000)
      .map((row) => ({
        object: `slot ${row.slot_name}`,
        // Without a position it keeps nothing yet.
        severity: row.retained_bytes === null ? ('info' as const) : ('warning' as const),
        message: `Slot ${row.slot_name} (${row.slot_type}) has no consumer${row.inactive_since === null ? '' : ` since ${row.inactive_since}`} and keeps ${formatBytes(row.retained_bytes ?? 0)} of WAL.`,
        measure: Number(row.retained_bytes ?? 0),
        evidence: [
          { label: 'Type', value: row.slot_type },
          ...(row.database_name === null ? [] : [{ label: 'Database', value: row.database_name }]),
          { label: 'WAL kept', value: formatBytes(row.retained_bytes ?? 0) },
          { label: 'WAL status', value: row.wal_status ?? 'reserves nothing yet' },
        ],
        ...(row.is_table_copy
          ? { caution: tableCopyCaution }
          : {
              fixSql: `select pg_catalog.pg_drop_replication_slot(${row.slot_literal});`,
              lock: lockTexts.none,
              caution:
                'Cannot be taken back: its consumer would have to start anew. Ask who it belongs to: it may just be restarting, or come back every night.',
            }),
        confidence: 'high' as const,
      }));
  },
};
