import { formatBytes } from '../../format-values.ts';
import { lockTexts } from '../../lock-texts.ts';
import type { HealthCheck } from '../../health-check.ts';
import { slotsSql, type SlotRow } from './slot-row.ts';

export const inactiveSlot: HealthCheck<SlotRow> = {
  id: 'REP05',
  group: 'replication',
  basis: 'moment',
  title: 'Inactive replication slots',
  why: 'A slot keeps WAL, and often old rows, until its consumer comes back. If it never does, the disk fills and the server stops.',
  sql: ({ versionNum }) => slotsSql(versionNum),
  findings(rows) {
    return rows
      .filter((row) => !row.is_active && !row.is_temporary && !row.is_synced && row.wal_status !== 'lost')
      .map((row) => ({
        object: `slot ${row.slot_name}`,
        severity: 'warning' as const,
        message: `Slot ${row.slot_name} (${row.slot_type}) has no consumer${row.inactive_since === null ? '' : ` since ${row.inactive_since}`} and keeps ${formatBytes(row.retained_bytes ?? 0)} of WAL.`,
        evidence: [
          { label: 'Type', value: row.slot_type },
          ...(row.database_name === null ? [] : [{ label: 'Database', value: row.database_name }]),
          { label: 'WAL kept', value: formatBytes(row.retained_bytes ?? 0) },
          { label: 'WAL status', value: row.wal_status ?? 'reserves nothing yet' },
        ],
        fixSql: `select pg_catalog.pg_drop_replication_slot(${row.slot_literal});`,
        lock: lockTexts.none,
        caution: 'Cannot be taken back: its consumer would have to start anew. It may just be restarting.',
        confidence: 'high' as const,
      }));
  },
};
