import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import type { HealthFacts } from '../../health-check.ts';
import { columnStatistics } from '../tables/column-statistics.ts';
import { passingNames, passingNamesOf, restoreSql, tablespaceSql } from './restore-index.ts';
import { usualFloorBytes } from './index-usage.ts';

/** One index of a single key column with what is known about the column's values. */
export interface IndexColumnRow {
  readonly index_oid: string;
  readonly schema_name: string;
  readonly bare_name: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly column_type: string;
  readonly method: string;
  readonly can_read: boolean;
  readonly null_share: number | null;
  readonly distinct: number | null;
  readonly most_common_share: number | null;
  readonly is_unique: boolean;
  readonly has_constraint: boolean;
  readonly is_replica_identity: boolean;
  readonly is_clustered: boolean;
  readonly serves_foreign_key: boolean;
  readonly included_columns: number;
  /** `IS NOT NULL` keeps every row with a value: not so for composite ones. */
  readonly is_nullable: boolean;
  readonly rows: number;
  readonly scans: number;
  readonly size_bytes: number;
  readonly definition: string;
  readonly tablespace: string | null;
  /** Names in its schema that it could get for the time of a rebuild. */
  readonly passing_names: readonly string[];
  /** Statements that bring back what the definition leaves out. */
  readonly restore: string | null;
}

/** Valid whole indexes of one column, from a size on. Run on PostgreSQL 13 to 18. */
export function indexColumnSql(facts: HealthFacts, minBytes: number): string {
  const floor = Math.min(minBytes, usualFloorBytes);
  return `
with large as materialized (
  select
    ind.*,
    index_class.relname as index_relname,
    index_class.relnamespace as index_schema,
    index_class.relam,
    index_class.reltablespace,
    ${relationSize('index_class.oid', 'index_class.relpages')} as size_bytes
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
  where ind.indrelid >= 16384
    and index_class.relkind = 'i'
    and not index_class.relispartition
    and index_class.relpersistence <> 't'
    and ind.indisvalid
    and ind.indpred is null
    and ind.indnkeyatts = 1
    and ind.indkey[0] > 0
    and greatest(
      index_class.relpages::int8 * pg_catalog.current_setting('block_size')::int4 * 2,
      pg_catalog.pg_stat_get_live_tuples(ind.indrelid) * 64
    ) >= ${floor}
    and ${isUserSchema('schema')}
),
${passingNames}
select
  ind.indexrelid::int8 as index_oid,
  schema.nspname::text as schema_name,
  ind.index_relname::text as bare_name,
  format('%I.%I', schema.nspname, ind.index_relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(attribute.attname) as column_name,
  pg_catalog.format_type(attribute.atttypid, null) as column_type,
  method.amname::text as method,
  pg_catalog.has_column_privilege(table_class.oid, attribute.attnum, 'select')
    and not pg_catalog.row_security_active(table_class.oid) as can_read,
  stats.null_frac::float8 as null_share,
  stats.n_distinct::float8 as distinct,
  stats.common_shares[1]::float8 as most_common_share,
  ind.indisunique as is_unique,
  exists (
    select
    from pg_catalog.pg_constraint as own_constraint
    where own_constraint.conindid = ind.indexrelid
  ) as has_constraint,
  ind.indisreplident as is_replica_identity,
  ind.indisclustered as is_clustered,
  exists (
    select
    from pg_catalog.pg_constraint as foreign_key
    where foreign_key.contype = 'f'
      and foreign_key.conrelid = ind.indrelid
      and attribute.attnum = any (foreign_key.conkey)
  ) as serves_foreign_key,
  (ind.indnatts - ind.indnkeyatts)::int4 as included_columns,
  not attribute.attnotnull and type.typcategory <> 'C' as is_nullable,
  greatest(table_class.reltuples, 0)::float8 as rows,
  pg_catalog.pg_stat_get_numscans(ind.indexrelid)::float8 as scans,
  ind.size_bytes::float8 as size_bytes,
  ${passingNamesOf('ind.index_schema')} as passing_names,
  pg_catalog.pg_get_indexdef(ind.indexrelid) as definition,
  ${tablespaceSql('ind.reltablespace')} as tablespace,
  ${restoreSql("'i'")} as restore
from large as ind
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = ind.index_schema
join pg_catalog.pg_am as method on method.oid = ind.relam
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = ind.indrelid
  and attribute.attnum = ind.indkey[0]
join pg_catalog.pg_type as type on type.oid = attribute.atttypid
left join lateral ${columnStatistics(facts, {
    relationOid: 'ind.indrelid',
    schemaName: 'schema.nspname',
    relationName: 'table_class.relname',
    columnNumber: 'attribute.attnum',
    columnName: 'attribute.attname',
  })} as stats on true
where ind.size_bytes >= ${floor}
  and ${isNotOfExtension('table_class.oid')}
order by ind.size_bytes desc, index_name`;
}
