import { formatBytes, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { withSessionRights } from '../../unlock-sql.ts';

interface Row {
  readonly pid: number;
  readonly query: string;
  readonly running_ms: number;
  readonly database_name: string;
  readonly phase: string | null;
  readonly scanned_share: number | null;
  readonly size_bytes: string | null;
  readonly waits_for: string;
}

export const freezingNow: HealthCheck<Row, 'minSeconds'> = {
  id: 'XID08',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Vacuum against wraparound is running',
  why: 'Unlike other autovacuum this one does not give way: a statement that needs a stronger lock waits for it. Cancelling it only makes it start again; let it finish.',
  requires: { privilege: 'pg_monitor, to see what background processes do' },
  thresholds: {
    minSeconds: { usual: 0, unit: 'seconds', label: 'Running time from which it is reported' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: (_, limits) => `
select
  activity.pid,
  left(activity.query, 300) as query,
  extract(epoch from clock_timestamp() - activity.xact_start)::float8 * 1000 as running_ms,
  coalesce(quote_ident(activity.datname), '') as database_name,
  progress.phase,
  progress.heap_blks_scanned::float8 / nullif(progress.heap_blks_total, 0) as scanned_share,
  progress.heap_blks_total * pg_catalog.current_setting('block_size')::int8 as size_bytes,
  concat_ws(': ', activity.wait_event_type, activity.wait_event) as waits_for
from pg_catalog.pg_stat_activity as activity
left join pg_catalog.pg_stat_progress_vacuum as progress on progress.pid = activity.pid
where activity.backend_type = 'autovacuum worker'
  and activity.query like '%(to prevent wraparound)'
  and activity.xact_start <= clock_timestamp() - interval '1 second' * ${limits.minSeconds}
order by activity.xact_start`,
  findings(rows, { facts }) {
    return withSessionRights(
      rows.map((row) => ({
        object: row.query.replace(/^autovacuum: VACUUM (?:ANALYZE )?/, '').replace(/ \(to prevent wraparound\)$/, ''),
        severity: 'info' as const,
        message: `Process ${row.pid} has been freezing old rows for ${formatDuration(row.running_ms)} (${row.query}).`,
        measure: row.running_ms,
        evidence: [
          { label: 'Database', value: row.database_name },
          { label: 'Phase', value: row.phase ?? 'starting' },
          ...(row.scanned_share === null ? [] : [{ label: 'Read so far', value: formatPercent(row.scanned_share) }]),
          ...(row.size_bytes === null ? [] : [{ label: 'Size of the table', value: formatBytes(row.size_bytes) }]),
          { label: 'Waits for', value: row.waits_for || 'nothing' },
        ],
        caution: 'Let it finish. A higher autovacuum_vacuum_cost_limit speeds it up after a reload.',
        confidence: 'high' as const,
      })),
      facts,
    );
  },
};
