import { preloadColumns, type PreloadRow } from '../../postgres/preload-libraries.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { maxEntries, type CounterName } from './statement-snapshot.ts';

/** Characters of a statement's text that are kept. */
export const maxText = 10_000;

export interface SetupRow extends PreloadRow {
  readonly extension_version: string | null;
  readonly extension_schema: string | null;
  readonly available_version: string | null;
  readonly may_use_schema: boolean | null;
  readonly is_loaded: boolean;
  readonly reads_all: boolean;
  readonly may_create: boolean;
  readonly track: string | null;
  readonly track_planning: string | null;
  readonly track_io_timing: string;
  readonly compute_query_id: string | null;
  readonly max_statements: string | null;
  /** Prefixes of settings that only managed servers have: `rds`, `cloudsql`, … */
  readonly provider: string | null;
}

/** What there is of pg_stat_statements. Run on PostgreSQL 13 to 18, as any user. */
export const setupSql = ({ isSuperuser }: { readonly isSuperuser: boolean }): string => `
select
  extension.extversion as extension_version,
  schema.nspname::text as extension_schema,
  (select default_version from pg_catalog.pg_available_extensions where name = 'pg_stat_statements') as available_version,
  pg_catalog.has_schema_privilege(schema.oid, 'usage') as may_use_schema,
  -- Its settings exist only where the library is loaded.
  pg_catalog.current_setting('pg_stat_statements.max', true) is not null as is_loaded,
  ${preloadColumns(isSuperuser)},
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as reads_all,
  pg_catalog.has_database_privilege(current_database(), 'create') as may_create,
  pg_catalog.current_setting('pg_stat_statements.track', true) as track,
  pg_catalog.current_setting('pg_stat_statements.track_planning', true) as track_planning,
  pg_catalog.current_setting('track_io_timing') as track_io_timing,
  pg_catalog.current_setting('compute_query_id', true) as compute_query_id,
  pg_catalog.current_setting('pg_stat_statements.max', true) as max_statements,
  (
    select min(split_part(name, '.', 1))
    from pg_catalog.pg_settings
    where split_part(name, '.', 1) in ('rds', 'cloudsql', 'alloydb', 'azure', 'neon', 'aiven')
  ) as provider
from (select) as nothing
left join pg_catalog.pg_extension as extension on extension.extname = 'pg_stat_statements'
left join pg_catalog.pg_namespace as schema on schema.oid = extension.extnamespace`;

/** The version of the extension's objects, as 110 for 1.10. Servers that were upgraded may keep old ones. */
export function extensionVersionOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major * 100 + minor;
}

/** Where the extension is, and which of its versions. */
export interface Installed {
  readonly schema: string;
  readonly version: number;
}

/** The expression for each counter; null where this version of the extension does not count it. */
export function counterExpressions(version: number): Readonly<Record<CounterName, string | null>> {
  const from = (least: number, expression: string): string | null => (version >= least ? expression : null);
  return {
    calls: 'calls',
    totalMs: 'total_exec_time',
    minMs: 'min_exec_time',
    maxMs: 'max_exec_time',
    stddevMs: 'stddev_exec_time',
    rows: 'rows',
    plans: 'plans',
    planMs: 'total_plan_time',
    minPlanMs: 'min_plan_time',
    maxPlanMs: 'max_plan_time',
    stddevPlanMs: 'stddev_plan_time',
    sharedHit: 'shared_blks_hit',
    sharedRead: 'shared_blks_read',
    sharedDirtied: 'shared_blks_dirtied',
    sharedWritten: 'shared_blks_written',
    localHit: 'local_blks_hit',
    localRead: 'local_blks_read',
    localDirtied: 'local_blks_dirtied',
    localWritten: 'local_blks_written',
    tempRead: 'temp_blks_read',
    tempWritten: 'temp_blks_written',
    readMs: version >= 111 ? 'shared_blk_read_time + local_blk_read_time' : 'blk_read_time',
    writeMs: version >= 111 ? 'shared_blk_write_time + local_blk_write_time' : 'blk_write_time',
    tempReadMs: from(110, 'temp_blk_read_time'),
    tempWriteMs: from(110, 'temp_blk_write_time'),
    walRecords: 'wal_records',
    walFpi: 'wal_fpi',
    walBytes: 'wal_bytes',
    walBuffersFull: from(112, 'wal_buffers_full'),
    jitFunctions: from(110, 'jit_functions'),
    jitGenerationMs: from(110, 'jit_generation_time'),
    jitInlinings: from(110, 'jit_inlining_count'),
    jitInliningMs: from(110, 'jit_inlining_time'),
    jitOptimizations: from(110, 'jit_optimization_count'),
    jitOptimizationMs: from(110, 'jit_optimization_time'),
    jitEmissions: from(110, 'jit_emission_count'),
    jitEmissionMs: from(110, 'jit_emission_time'),
    jitDeforms: from(111, 'jit_deform_count'),
    jitDeformMs: from(111, 'jit_deform_time'),
    parallelPlanned: from(112, 'parallel_workers_to_launch'),
    parallelLaunched: from(112, 'parallel_workers_launched'),
    statsSince: from(111, 'extract(epoch from stats_since)::float8 * 1000'),
    minMaxSince: from(111, 'extract(epoch from minmax_stats_since)::float8 * 1000'),
  };
}

export type SnapshotRow =
  | {
      readonly kind: 'statement';
      readonly user_id: string;
      readonly database_id: string;
      readonly nested: boolean | null;
      readonly query_id: string;
      /** The counters that this version has, in their order, with a space between them. */
      readonly counters: string;
    }
  | { readonly kind: 'about'; readonly counters: string };

/** The second kind of row, as JSON. */
export interface AboutSnapshot {
  readonly taken_at_ms: number;
  readonly started_ms: number;
  readonly reset_ms: number | null;
  readonly evictions: number | null;
  readonly max_statements: number;
  readonly track: string;
  readonly track_planning: string;
  readonly track_io_timing: string;
  readonly block_bytes: number;
  readonly database_id: number;
  readonly kept: {
    readonly entries: number;
    readonly calls: number;
    readonly total_ms: number;
    readonly cutoff_ms: number;
  };
  readonly named: { readonly entries: number; readonly calls: number; readonly total_ms: number };
  readonly hidden: { readonly entries: number; readonly calls: number; readonly total_ms: number };
  readonly users: Readonly<Record<string, string>> | null;
  readonly databases: Readonly<Record<string, string>> | null;
}

/**
 * All counters in one look, without the texts, which the server would have to read from a file. Run on PostgreSQL 13 to
 * 18 with versions 1.8 to 1.12 of the extension. Lines of other users have no id where the user may not see them.
 */
export function snapshotSql({ schema, version }: Installed): string {
  const place = quoteIdentifier(schema);
  const counters = Object.values(counterExpressions(version)).filter((expression) => expression !== null);
  const sums = `count(*) as entries, coalesce(sum(calls), 0)::float8 as calls, coalesce(sum(total_exec_time), 0)::float8 as total_ms`;
  const info = version >= 109 ? `${place}.pg_stat_statements_info()` : '(select null::int8, null::timestamptz)';
  return `
with statement as materialized (
  select * from ${place}.pg_stat_statements(false)
),
kept as materialized (
  select *
  from statement
  where queryid is not null
  order by total_exec_time + total_plan_time desc, calls desc
  limit ${maxEntries}
)
select
  'about' as kind,
  null as user_id,
  null as database_id,
  null::bool as nested,
  null as query_id,
  pg_catalog.json_build_object(
    'taken_at_ms', extract(epoch from statement_timestamp())::float8 * 1000,
    'started_ms', extract(epoch from pg_catalog.pg_postmaster_start_time())::float8 * 1000,
    'reset_ms', extract(epoch from info.reset)::float8 * 1000,
    'evictions', info.evictions,
    'max_statements', pg_catalog.current_setting('pg_stat_statements.max')::int4,
    'track', pg_catalog.current_setting('pg_stat_statements.track'),
    'track_planning', pg_catalog.current_setting('pg_stat_statements.track_planning'),
    'track_io_timing', pg_catalog.current_setting('track_io_timing'),
    'block_bytes', pg_catalog.current_setting('block_size')::int4,
    'database_id', (select oid::int8 from pg_catalog.pg_database where datname = current_database()),
    'kept', (select pg_catalog.row_to_json(sums) from (select ${sums}, coalesce(min(total_exec_time), 0) as cutoff_ms from kept) as sums),
    'named', (select pg_catalog.row_to_json(sums) from (select ${sums} from statement where queryid is not null) as sums),
    'hidden', (select pg_catalog.row_to_json(sums) from (select ${sums} from statement where queryid is null) as sums),
    'users', (
      select pg_catalog.json_object_agg(role.oid::text, role.rolname)
      from pg_catalog.pg_roles as role
      where role.oid in (select userid from kept)
    ),
    'databases', (
      select pg_catalog.json_object_agg(database.oid::text, database.datname)
      from pg_catalog.pg_database as database
      where database.oid in (select dbid from kept)
    )
  )::text as counters
from ${info} as info(evictions, reset)
union all
select
  'statement',
  userid::text,
  dbid::text,
  ${version >= 109 ? 'not toplevel' : 'null'},
  queryid::text,
  concat_ws(' ', ${counters.join(', ')})
from kept`;
}

export interface TextRow {
  readonly query_id: string;
  readonly query: string;
  readonly query_length: number;
}

/** The texts of some statements. `$1` are their ids. */
export function textsSql({ schema }: Installed): string {
  return `
select distinct on (queryid)
  queryid::text as query_id,
  left(query, ${maxText}) as query,
  length(query) as query_length
from ${quoteIdentifier(schema)}.pg_stat_statements(true)
where queryid = any ($1::int8[])
  and query is not null
order by queryid`;
}
