import { formatBytes, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly age_ms: number;
  readonly replay_bytes: string | null;
  readonly checkpoint_timeout: string;
}

export const oldRestartpoint: HealthCheck<Row, 'maxSeconds' | 'minBytes'> = {
  id: 'CFG02',
  group: 'configuration',
  basis: 'moment',
  title: 'Standby that has not saved its place for long',
  why: 'A standby begins again at its last restartpoint when it starts. The more it has replayed since, the longer it is down after a crash or a failover, and the more WAL it has to keep.',
  requires: { role: 'standby' },
  thresholds: {
    // check_postgres leaves the age to the user. A primary at rest makes no checkpoints, so the age alone says nothing.
    maxSeconds: { usual: 3600, unit: 'seconds', label: 'Age of the restartpoint that is reported' },
    minBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'WAL replayed since then that is reported' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  extract(epoch from clock_timestamp() - control.checkpoint_time)::float8 * 1000 as age_ms,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), control.redo_lsn) as replay_bytes,
  pg_catalog.current_setting('checkpoint_timeout') as checkpoint_timeout
from pg_catalog.pg_control_checkpoint() as control`,
  findings([row], { limits }) {
    if (row === undefined) return [];
    const bytes = Number(row.replay_bytes ?? 0);
    if (row.age_ms < limits.maxSeconds * 1000 || bytes < limits.minBytes) return [];
    return [
      {
        object: 'this standby',
        severity: 'warning',
        message: `The last restartpoint is ${formatDuration(row.age_ms)} old, and ${formatBytes(bytes)} of WAL were replayed since: so much has to be replayed again after a restart.`,
        measure: bytes,
        evidence: [
          { label: 'Age', value: formatDuration(row.age_ms) },
          { label: 'Replayed since', value: formatBytes(bytes) },
          { label: 'checkpoint_timeout', value: row.checkpoint_timeout },
        ],
        caution:
          'CHECKPOINT on the standby makes one now. Restartpoints follow the checkpoints of the primary: see whether it makes any.',
        confidence: 'high',
      },
    ];
  },
};
