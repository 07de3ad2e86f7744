import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { cannotTell, type CannotTell, type CheckOutcome, type HealthFacts } from '../../health-check.ts';
import { shownStatement } from '../../shown-statement.ts';
import { grantRole } from '../../unlock-sql.ts';

/** A partitioned table and the columns of its partition key. */
export interface PartitionedTable {
  readonly schema: string;
  readonly name: string;
  readonly oid: number;
  readonly display: string;
  readonly key: readonly string[];
  readonly partitions: number;
}

/** What is known of the collection of statements. Every row carries it; with no statement there is one row of it alone. */
interface CollectionColumns {
  /** False where the extension is there and its library is not loaded. */
  readonly is_loaded: boolean;
  readonly tracks_planning: boolean;
  /** Execution time of all statements of this database. */
  readonly database_ms: number | null;
  /** In the first row only. Names are as the catalog has them, `display` is quoted. */
  readonly partitioned: readonly PartitionedTable[] | null;
}

/** One statement of this database, all its users together. Columns that a version does not have are null. */
export interface StatementRow extends CollectionColumns {
  readonly query_id: string;
  readonly query: string | null;
  /** Characters of the whole statement: `query` is cut. */
  readonly query_length: number | null;
  readonly calls: string;
  readonly total_ms: number;
  readonly slowest_ms: number;
  /** Sum of the squares of all execution times. */
  readonly squares: number;
  readonly rows: string;
  readonly blocks_read: string;
  readonly temp_blocks_written: string;
  readonly wal_bytes: string;
  readonly plans: string;
  readonly total_plan_ms: number;
  readonly jit_ms: number | null;
  readonly block_bytes: number;
}

export type StatementsRow = StatementRow | (CollectionColumns & { readonly query_id: null });

const queryCut = 8000;
/** Statements that come along for the time they took, and for each other thing they use up. */
const byTime = 200;
const byOther = 50;

/** The version of the extension's objects in this database, as 108 for 1.8; servers that were upgraded keep old ones. */
export function statementsVersion(facts: HealthFacts): number {
  const [major = 0, minor = 0] = (facts.extensions.get('pg_stat_statements')?.version ?? '0.0')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  return major * 100 + minor;
}

/**
 * The statements of this database that use most of anything, read once for all checks of the group. Where the library is
 * not loaded nothing is called, since its functions raise an error then.
 * Run on PostgreSQL 13 to 18 with pg_stat_statements 1.8 to 1.12.
 */
export function statementsSql(facts: HealthFacts): string {
  const version = statementsVersion(facts);
  if (version < 108) {
    return "select pg_catalog.current_setting('pg_stat_statements.max', true) is not null as is_loaded";
  }
  const view = `${quoteIdentifier(facts.extensions.get('pg_stat_statements')?.schema ?? 'public')}.pg_stat_statements`;
  // Statements inside functions are counted in the call of the function already.
  const topLevel = version >= 109 ? 'and statement.toplevel' : '';
  const jit =
    version >= 110
      ? `sum(statement.jit_generation_time + statement.jit_inlining_time + statement.jit_optimization_time + statement.jit_emission_time)`
      : 'null::float8';
  return `
with server as (
  select
    pg_catalog.current_setting('pg_stat_statements.max', true) is not null as is_loaded,
    coalesce(pg_catalog.current_setting('pg_stat_statements.track_planning', true) = 'on', false) as tracks_planning,
    (
      select pg_catalog.json_agg(pg_catalog.json_build_object(
        'schema', schema.nspname,
        'name', table_class.relname,
        'oid', table_class.oid::int8,
        'display', format('%I.%I', schema.nspname, table_class.relname),
        'key', (
          select pg_catalog.json_agg(attribute.attname)
          from pg_catalog.pg_attribute as attribute
          where attribute.attrelid = partitioned.partrelid
            and attribute.attnum = any (partitioned.partattrs::int2[])
        ),
        'partitions', (
          select count(*)
          from pg_catalog.pg_inherits as child
          where child.inhparent = partitioned.partrelid
        )))
      from pg_catalog.pg_partitioned_table as partitioned
      join pg_catalog.pg_class as table_class on table_class.oid = partitioned.partrelid
      join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
      where not table_class.relispartition
        and not 0 = any (partitioned.partattrs::int2[])
        -- Statements name tables without their schema: a name that two have says nothing.
        and not exists (
          select
          from pg_catalog.pg_class as namesake
          where namesake.relname = table_class.relname
            and namesake.oid <> table_class.oid
            and namesake.relkind in ('r', 'p', 'v', 'm', 'f')
        )
    ) as partitioned
),
statement as materialized (
  select
    statement.queryid as query_id,
    min(statement.query) as query,
    sum(statement.calls)::int8 as calls,
    sum(statement.total_exec_time) as total_ms,
    max(statement.max_exec_time) as slowest_ms,
    sum(statement.calls * (statement.stddev_exec_time ^ 2 + statement.mean_exec_time ^ 2)) as squares,
    sum(statement.rows)::int8 as rows,
    sum(statement.shared_blks_read)::int8 as blocks_read,
    sum(statement.temp_blks_written)::int8 as temp_blocks_written,
    sum(statement.wal_bytes) as wal_bytes,
    sum(statement.plans)::int8 as plans,
    sum(statement.total_plan_time) as total_plan_ms,
    ${jit} as jit_ms
  from ${view} as statement
  where pg_catalog.current_setting('pg_stat_statements.max', true) is not null
    and statement.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
    ${topLevel}
  group by statement.queryid
),
ranked as (
  select
    statement.*,
    sum(total_ms) over () as database_ms,
    row_number() over (order by total_ms desc) as position,
    row_number() over (order by temp_blocks_written desc) as temp_position,
    row_number() over (order by wal_bytes desc) as wal_position,
    row_number() over (order by blocks_read desc) as read_position,
    row_number() over (order by rows desc) as rows_position,
    row_number() over (order by total_plan_ms desc) as plan_position
  from statement
)
select
  server.is_loaded,
  server.tracks_planning,
  case
    when coalesce(row_number() over (order by ranked.position), 1) = 1 then server.partitioned
  end as partitioned,
  ranked.database_ms,
  ranked.query_id,
  left(ranked.query, ${queryCut}) as query,
  length(ranked.query) as query_length,
  ranked.calls,
  ranked.total_ms,
  ranked.slowest_ms,
  ranked.squares,
  ranked.rows,
  ranked.blocks_read,
  ranked.temp_blocks_written,
  ranked.wal_bytes,
  ranked.plans,
  ranked.total_plan_ms,
  ranked.jit_ms,
  pg_catalog.current_setting('block_size')::int4 as block_bytes
from server
left join ranked
  on ranked.query_id is not null
  and (
    ranked.position <= ${byTime}
    or least(temp_position, wal_position, read_position, rows_position, plan_position) <= ${byOther}
  )
order by ranked.total_ms desc nulls last`;
}

/** The statements, or why there are none. */
export function statementsOf(rows: readonly StatementsRow[], facts: HealthFacts): readonly StatementRow[] | CannotTell {
  if (rows.some((row) => !row.is_loaded)) {
    return cannotTell(
      'pg_stat_statements is installed, but its library is not loaded: it has to be in shared_preload_libraries (QRY07).',
    );
  }
  if (statementsVersion(facts) < 108 && rows.length > 0) {
    return cannotTell(
      `pg_stat_statements ${facts.extensions.get('pg_stat_statements')?.version ?? ''} is older than this server.`,
      { unlockSql: 'alter extension pg_stat_statements update;' },
    );
  }
  return rows.flatMap((row) => (row.query_id === null ? [] : [row]));
}

/** Judges statements; where they are unknown, or others' are hidden, the answer says so. */
export function judgeStatements(
  rows: readonly StatementsRow[],
  facts: HealthFacts,
  judge: (statements: readonly StatementRow[]) => readonly HealthFinding[],
): CheckOutcome {
  const statements = statementsOf(rows, facts);
  if ('kind' in statements) return statements;
  const findings = judge(statements);
  // Without pg_read_all_stats other users' statements are masked, so their absence proves nothing.
  return facts.readsAllStats
    ? findings
    : cannotTell(`Statements of other users are hidden from ${facts.user}.`, {
        unlockSql: grantRole('pg_read_all_stats', facts),
        findings,
      });
}

/** Commands that maintain or move whole tables: long and large by nature. */
export function isUtility(query: string | null): boolean {
  return /^\s*(?:(?:\/\*.*?\*\/|--[^\n]*\n)\s*)*(?:alter|analyze|cluster|close|comment|copy|create|declare|drop|explain|fetch|grant|lock|move|prepare|refresh|reindex|reset|set|show|truncate|vacuum)\b/is.test(
    query ?? '',
  );
}

/** A statement's text on one line, without the secrets in it, cut where it gets long. */
export function oneLine(query: string | null): string {
  return shownStatement(query ?? '(hidden)', 300);
}

/** Mean of one execution in milliseconds. */
export function meanMs(row: StatementRow): number {
  return row.total_ms / Math.max(1, Number(row.calls));
}
