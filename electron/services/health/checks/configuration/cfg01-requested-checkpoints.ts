import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly timed: string;
  readonly requested: string;
  readonly age_ms: number | null;
  readonly stats_reset: string | null;
  readonly max_wal_size: string;
}

export const requestedCheckpoints: HealthCheck<Row> = {
  id: 'CFG01',
  group: 'configuration',
  basis: 'catalog',
  title: 'Checkpoints forced by WAL volume',
  why: 'A checkpoint that starts because max_wal_size is used up, and not because its time has come, writes the same pages again and again. A larger max_wal_size spreads them out.',
  // Run on PostgreSQL 13 to 18; 17 moved the counters.
  sql: ({ versionNum }) =>
    versionNum >= 170_000
      ? `
select
  checkpointer.num_timed as timed,
  checkpointer.num_requested as requested,
  extract(epoch from clock_timestamp() - checkpointer.stats_reset)::float8 * 1000 as age_ms,
  checkpointer.stats_reset::text as stats_reset,
  pg_catalog.current_setting('max_wal_size') as max_wal_size
from pg_catalog.pg_stat_checkpointer as checkpointer`
      : `
select
  writer.checkpoints_timed as timed,
  writer.checkpoints_req as requested,
  extract(epoch from clock_timestamp() - writer.stats_reset)::float8 * 1000 as age_ms,
  writer.stats_reset::text as stats_reset,
  pg_catalog.current_setting('max_wal_size') as max_wal_size
from pg_catalog.pg_stat_bgwriter as writer`,
  findings([row]) {
    if (row === undefined || row.age_ms === null || row.age_ms < 3_600_000) return [];
    const total = Number(row.timed) + Number(row.requested);
    const share = Number(row.requested) / Math.max(1, total);
    // CREATE DATABASE and base backups request checkpoints as well: a few mean nothing.
    if (Number(row.requested) < 10 || share <= 0.5) return [];
    return [
      {
        object: 'max_wal_size',
        severity: 'warning',
        message: `${formatCount(row.requested)} of ${formatCount(total)} checkpoints (${formatPercent(share)}) were requested before their time, in ${formatDuration(row.age_ms)}.`,
        evidence: [
          { label: 'Requested', value: formatCount(row.requested) },
          { label: 'Timed', value: formatCount(row.timed) },
          { label: 'max_wal_size', value: row.max_wal_size },
          { label: 'Statistics since', value: row.stats_reset ?? 'unknown' },
        ],
        caution: 'A larger max_wal_size takes disk and makes crash recovery longer.',
        confidence: 'medium',
        confidenceReason: 'Backups and CREATE DATABASE request checkpoints too.',
      },
    ];
  },
};
