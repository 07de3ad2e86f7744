import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from '../cache/counter-gains.ts';
import { counterMeasure } from '../cache/database-counters.ts';

interface Row {
  readonly timed: string;
  readonly requested: string;
  readonly age_ms: number | null;
  readonly stats_reset: string | null;
  readonly max_wal_size: string;
}

export const requestedCheckpoints: HealthCheck<Row, 'requestedShare' | 'minRequested' | 'minSeconds'> = {
  id: 'CFG01',
  group: 'configuration',
  basis: 'statistics',
  title: 'Checkpoints forced by WAL volume',
  why: 'A checkpoint that starts because max_wal_size is used up, and not because its time has come, writes the same pages again and again. A larger max_wal_size spreads them out.',
  requires: { role: 'primary' },
  thresholds: {
    // The catalogue's half over at least an hour. CREATE DATABASE and base backups request checkpoints as well.
    requestedShare: { usual: 0.5, unit: 'ratio', label: 'Share of requested checkpoints above which it is reported' },
    minRequested: { usual: 10, unit: 'count', label: 'Fewest requested checkpoints' },
    minSeconds: { usual: 3600, unit: 'seconds', label: 'Shortest time to judge by' },
  },
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
  findings([row], context) {
    const { limits } = context;
    if (row === undefined || row.age_ms === null) return [];
    const gains = gainsSince(
      {
        timed: { key: 'checkpoints.timed', value: Number(row.timed) },
        requested: { key: 'checkpoints.requested', value: Number(row.requested) },
      },
      { ...context, facts: { ...context.facts, statsAgeMs: row.age_ms } },
    );
    const recent = gains !== undefined && gains.windowMs >= limits.minSeconds * 1000 ? gains : undefined;
    const requested = recent?.gained.requested ?? Number(row.requested);
    const total = (recent?.gained.timed ?? Number(row.timed)) + requested;
    const windowMs = recent?.windowMs ?? row.age_ms;
    const share = requested / Math.max(1, total);
    if (windowMs < limits.minSeconds * 1000 || requested < limits.minRequested || share <= limits.requestedShare)
      return [];
    return [
      {
        object: 'max_wal_size',
        severity: 'warning',
        message: `${formatCount(requested)} of ${formatCount(total)} checkpoints (${formatPercent(share)}) were requested before their time, in ${formatDuration(windowMs)}${recent ? ' since the last report' : ''}.`,
        measure: share,
        evidence: [
          { label: 'Requested', value: formatCount(requested) },
          { label: 'Timed', value: formatCount(total - requested) },
          { label: 'max_wal_size', value: row.max_wal_size },
          ...(recent ? [] : [{ label: 'Statistics since', value: row.stats_reset ?? 'unknown' }]),
        ],
        caution: 'A larger max_wal_size takes disk and makes crash recovery longer.',
        confidence: recent ? 'medium' : 'low',
        confidenceReason: recent
          ? 'Backups and CREATE DATABASE request checkpoints too.'
          : 'A total: backups and CREATE DATABASE request checkpoints too, and a bulk load long ago counts as well.',
      },
    ];
  },
  measures([row]) {
    return row === undefined
      ? []
      : [
          counterMeasure('checkpoints.timed', 'Checkpoints by time', row.timed),
          counterMeasure('checkpoints.requested', 'Checkpoints by request', row.requested),
        ];
  },
};
