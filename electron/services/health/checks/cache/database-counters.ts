import type { HealthMeasure } from '#contract/health-model.ts';

/** Cumulative counters of one database. Columns that a version does not have are null. */
export interface DatabaseCountersRow {
  readonly database_name: string;
  readonly is_current: boolean;
  readonly blocks_hit: string;
  readonly blocks_read: string;
  readonly block_bytes: number;
  readonly temp_files: string;
  readonly temp_bytes: string;
  readonly commits: string;
  readonly rollbacks: string;
  readonly deadlocks: string;
  readonly sessions: string | null;
  readonly abandoned: string | null;
  readonly fatal: string | null;
  readonly killed: string | null;
  readonly session_ms: number | null;
  readonly active_ms: number | null;
  readonly idle_in_transaction_ms: number | null;
  readonly stats_reset: string | null;
  /** How long the counters can have counted; null where nobody knows. */
  readonly age_ms: number | null;
  readonly work_mem: string;
}

/**
 * The counters of every database of the server. Where statistics were never reset, the server's own start of counting
 * stands in for their age. Run on PostgreSQL 13 to 18; sessions are counted since 14.
 */
export function databaseCountersSql(versionNum: number): string {
  const since14 = (column: string, type: string) => (versionNum >= 140_000 ? `usage.${column}` : `null::${type}`);
  return `
select
  quote_ident(usage.datname) as database_name,
  usage.datname = current_database() as is_current,
  usage.blks_hit as blocks_hit,
  usage.blks_read as blocks_read,
  pg_catalog.current_setting('block_size')::int4 as block_bytes,
  usage.temp_files,
  usage.temp_bytes,
  usage.xact_commit as commits,
  usage.xact_rollback as rollbacks,
  usage.deadlocks,
  ${since14('sessions', 'int8')} as sessions,
  ${since14('sessions_abandoned', 'int8')} as abandoned,
  ${since14('sessions_fatal', 'int8')} as fatal,
  ${since14('sessions_killed', 'int8')} as killed,
  ${since14('session_time', 'float8')} as session_ms,
  ${since14('active_time', 'float8')} as active_ms,
  ${since14('idle_in_transaction_time', 'float8')} as idle_in_transaction_ms,
  usage.stats_reset::text as stats_reset,
  extract(epoch from clock_timestamp() - coalesce(
    usage.stats_reset,
    (select stats_reset from pg_catalog.pg_stat_bgwriter)))::float8 * 1000 as age_ms,
  pg_catalog.current_setting('work_mem') as work_mem
from pg_catalog.pg_stat_database as usage
where usage.datname is not null
order by usage.blks_read desc, usage.datname`;
}

/** The row of the database that the report is about. */
export function currentDatabase(rows: readonly DatabaseCountersRow[]): DatabaseCountersRow | undefined {
  return rows.find((row) => row.is_current);
}

/** A counter as a measure: it has no place where it may not go. */
export function counterMeasure(
  key: string,
  label: string,
  value: string | number,
  unit: HealthMeasure['unit'] = 'count',
): HealthMeasure {
  return { key, label, unit, value: Math.round(Number(value)), limit: null };
}
