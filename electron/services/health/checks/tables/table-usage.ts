import type { HealthMeasure } from '#contract/health-model.ts';
import { fillFactor, isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import type { CheckContext, HealthFacts } from '../../health-check.ts';
import { analyzeThreshold, autovacuumComes, tableParameter, vacuumThreshold } from './autovacuum-thresholds.ts';
import { rootColumns, rootJoins, type RootedRow } from './partition-families.ts';

/** One table with its counters. Counts are of this server, since its statistics began. */
export interface TableUsageRow extends RootedRow {
  readonly kind: 'r' | 'm' | 'p';
  readonly is_inherited: boolean;
  /** `reltuples`; -1 (0 before 14) where nobody has counted. */
  readonly rows: number;
  readonly pages: number;
  readonly all_visible_pages: number;
  /** Main fork; the `relpages` of small tables. */
  readonly size_bytes: number;
  readonly has_indexes: boolean;
  readonly seq_scans: number;
  readonly seq_rows: number;
  readonly idx_scans: number;
  /** Milliseconds since the last scan of either kind; null before 16 and where there was none. */
  readonly idle_ms: number | null;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly hot_updated: number;
  /** Updates that moved the row to another page; null before 16. */
  readonly moved: number | null;
  readonly live_rows: number;
  readonly dead_rows: number;
  readonly changed_rows: number;
  readonly vacuumed_at: string | null;
  readonly vacuum_age_ms: number | null;
  readonly analyzed_at: string | null;
  readonly maintained_at: string | null;
  readonly maintenance_age_ms: number | null;
  readonly vacuums: number;
  readonly autovacuum_comes: boolean;
  readonly vacuum_threshold: number;
  readonly vacuum_scale_factor: number;
  readonly analyze_threshold: number;
  readonly fill_factor: number;
  readonly has_fill_factor: boolean;
  readonly has_scale_factor: boolean;
  /** Planner statistics exist, or nobody asked because it was analyzed. */
  readonly has_statistics: boolean;
  readonly can_read: boolean;
  readonly is_unlogged: boolean;
}

/**
 * Every table that holds or held a row, and partitioned tables. Many checks ask it, and share one answer.
 * Run on PostgreSQL 13 to 18.
 */
export function tableUsageSql(facts: HealthFacts): string {
  const { versionNum } = facts;
  const since16 = (expression: string): string => (versionNum >= 160_000 ? expression : 'null');
  const option = (name: string): string =>
    `coalesce(array_to_string(table_class.reloptions, ',') ~ '(^|,)${name}=', false)`;
  return `
with usage as materialized (
  select
    table_class.*,
    schema.nspname,
    pg_catalog.pg_stat_get_live_tuples(table_class.oid) as live_rows,
    pg_catalog.pg_stat_get_dead_tuples(table_class.oid) as dead_rows,
    pg_catalog.pg_stat_get_mod_since_analyze(table_class.oid) as changed_rows,
    greatest(pg_catalog.pg_stat_get_last_vacuum_time(table_class.oid), pg_catalog.pg_stat_get_last_autovacuum_time(table_class.oid)) as vacuumed_at,
    greatest(pg_catalog.pg_stat_get_last_analyze_time(table_class.oid), pg_catalog.pg_stat_get_last_autoanalyze_time(table_class.oid)) as analyzed_at
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relkind in ('r', 'm', 'p')
    and table_class.relpersistence <> 't'
    and ${isUserSchema('schema')}
    and (
      table_class.relkind = 'p'
      or table_class.relpages > 0
      or pg_catalog.pg_stat_get_live_tuples(table_class.oid) > 0
      or pg_catalog.pg_stat_get_dead_tuples(table_class.oid) > 0
      or pg_catalog.pg_stat_get_mod_since_analyze(table_class.oid) > 0
    )
),
index_scans as (
  select
    ind.indrelid as table_oid,
    sum(pg_catalog.pg_stat_get_numscans(ind.indexrelid)) as scans,
    max(${since16('pg_catalog.pg_stat_get_lastscan(ind.indexrelid)')}) as last_scan
  from pg_catalog.pg_index as ind
  where ind.indrelid in (select usage.oid from usage)
  group by ind.indrelid
)
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', table_class.nspname, table_class.relname) as table_name,${rootColumns},
  table_class.relkind::text as kind,
  exists (select from pg_catalog.pg_inherits as inheritance where inheritance.inhparent = table_class.oid) as is_inherited,
  table_class.reltuples::float8 as rows,
  table_class.relpages as pages,
  table_class.relallvisible as all_visible_pages,
  case
    when table_class.relkind = 'p' then 0
    when table_class.relpages = 0
      or greatest(table_class.relpages, table_class.live_rows / 200, table_class.dead_rows / 200) >= 128 then ${relationSize('table_class.oid', 'table_class.relpages')}
    else table_class.relpages::int8 * pg_catalog.current_setting('block_size')::int4
  end::float8 as size_bytes,
  table_class.relhasindex as has_indexes,
  pg_catalog.pg_stat_get_numscans(table_class.oid)::float8 as seq_scans,
  pg_catalog.pg_stat_get_tuples_returned(table_class.oid)::float8 as seq_rows,
  coalesce(index_scans.scans, 0)::float8 as idx_scans,
  ${since16(`(extract(epoch from clock_timestamp() - greatest(
    pg_catalog.pg_stat_get_lastscan(table_class.oid), index_scans.last_scan)) * 1000)`)}::float8 as idle_ms,
  pg_catalog.pg_stat_get_tuples_inserted(table_class.oid)::float8 as inserted,
  pg_catalog.pg_stat_get_tuples_updated(table_class.oid)::float8 as updated,
  pg_catalog.pg_stat_get_tuples_deleted(table_class.oid)::float8 as deleted,
  pg_catalog.pg_stat_get_tuples_hot_updated(table_class.oid)::float8 as hot_updated,
  ${since16('pg_catalog.pg_stat_get_tuples_newpage_updated(table_class.oid)')}::float8 as moved,
  table_class.live_rows::float8 as live_rows,
  table_class.dead_rows::float8 as dead_rows,
  table_class.changed_rows::float8 as changed_rows,
  table_class.vacuumed_at::text as vacuumed_at,
  (extract(epoch from clock_timestamp() - table_class.vacuumed_at) * 1000)::float8 as vacuum_age_ms,
  table_class.analyzed_at::text as analyzed_at,
  greatest(table_class.vacuumed_at, table_class.analyzed_at)::text as maintained_at,
  (extract(epoch from clock_timestamp() - greatest(table_class.vacuumed_at, table_class.analyzed_at)) * 1000)::float8 as maintenance_age_ms,
  (pg_catalog.pg_stat_get_vacuum_count(table_class.oid) + pg_catalog.pg_stat_get_autovacuum_count(table_class.oid))::float8 as vacuums,
  ${autovacuumComes} as autovacuum_comes,
  ${vacuumThreshold(versionNum)} as vacuum_threshold,
  ${tableParameter('autovacuum_vacuum_scale_factor')} as vacuum_scale_factor,
  ${analyzeThreshold} as analyze_threshold,
  ${fillFactor('table_class.reloptions', 100)} as fill_factor,
  ${option('fillfactor')} as has_fill_factor,
  ${option('autovacuum_vacuum_scale_factor')} as has_scale_factor,
  case
    when table_class.relkind <> 'p' and (table_class.analyzed_at is not null or table_class.changed_rows = 0) then true
    ${versionNum >= 140_000 ? "when table_class.relkind = 'p' then table_class.reltuples >= 0" : ''}
    else exists ${
      facts.isSuperuser
        ? `(
      select
      from pg_catalog.pg_statistic as statistic
      where statistic.starelid = table_class.oid
        and statistic.stainherit = (table_class.relkind = 'p')
    )`
        : `(
      select
      from pg_catalog.pg_stats as statistic
      where statistic.schemaname = table_class.nspname
        and statistic.tablename = table_class.relname
        and statistic.inherited = (table_class.relkind = 'p')
    )`
    }
  end as has_statistics,
  pg_catalog.has_table_privilege(table_class.oid, 'select')
    and not pg_catalog.row_security_active(table_class.oid) as can_read,
  table_class.relpersistence = 'u' as is_unlogged
from usage as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join index_scans on index_scans.table_oid = table_class.oid${rootJoins}
where ${isNotOfExtension('table_class.oid')}
order by size_bytes desc, table_name`;
}

/** The key under which a number of a table is kept from report to report. */
export function measureKey(what: string, table: string): string {
  return `${what} ${table}`;
}

/** The most tables whose numbers one report keeps per question. */
const mostMeasures = 50;

/** Keeps a number of the tables that a question is open about, the largest first. */
export function tableMeasures(
  what: string,
  rows: readonly TableUsageRow[],
  value: (row: TableUsageRow) => number,
): HealthMeasure[] {
  return rows
    .toSorted((left, right) => value(right) - value(left))
    .slice(0, mostMeasures)
    .map((row) => ({
      key: measureKey(what, row.table_name),
      label: `${what} of ${row.table_name}`,
      unit: 'count' as const,
      value: value(row),
      limit: null,
    }));
}

/**
 * True where an earlier report has seen the same, longer ago than autovacuum takes to come round. Rows written seconds ago
 * are no defect: autovacuum looks once a minute.
 */
export function hasWaited(
  what: string,
  row: TableUsageRow,
  { earlier, now, limits }: CheckContext<'patience'>,
): boolean {
  return (
    earlier !== undefined &&
    earlier.values.has(measureKey(what, row.table_name)) &&
    now.getTime() - earlier.takenAt.getTime() >= limits.patience * 1000
  );
}

/** The threshold that `hasWaited` reads. */
export const patience = {
  usual: 600,
  unit: 'seconds',
  label: 'Time that autovacuum may take to come round',
} as const;
