import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { quoteIdentifier, quoteQualified } from '../../../../postgres/quote-identifier.ts';
import { truncateToNameLimit } from './drop-index.ts';

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly schema_name: string;
  readonly bare_table: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly column_type: string;
  readonly key_columns: number;
  readonly is_partitioned: boolean;
  /** Names of the schema that may stand in the way of the proposed one. */
  readonly taken_names: readonly string[];
  readonly scans: number;
  readonly size_bytes: number;
  readonly definition: string;
}

export const btreeOnContainer: HealthCheck<Row> = {
  id: 'IDX12',
  group: 'indexes',
  basis: 'catalog',
  title: 'B-tree indexes on arrays, jsonb or tsvector',
  why: 'A btree compares such values as a whole: it helps to find an equal array or document, and not one that contains something. Searches with @>, ? or @@ need a GIN index. Long values may also exceed what a btree entry can hold, and then inserts fail.',
  // Run on PostgreSQL 13 to 18. Unique and constraint indexes are there for equality, and so is a btree beside a GIN
  // index: whether anybody compares whole values is for IDX01 to say.
  sql: () => `
with compared_whole as materialized (
  select ind.*
  from pg_catalog.pg_index as ind
  where ind.indclass[0] in (
    select operator_class.oid
    from pg_catalog.pg_opclass as operator_class
    where operator_class.opcintype in (
      'pg_catalog.anyarray'::regtype, 'pg_catalog.jsonb'::regtype, 'pg_catalog.tsvector'::regtype
    )
  )
),
candidate as materialized (
  select
    ind.*,
    index_class.relname as index_relname,
    index_class.relkind as index_kind,
    index_class.relpages as index_pages,
    attribute.attname,
    attribute.attnum,
    attribute.atttypid
  from compared_whole as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = ind.indrelid
    and attribute.attnum = ind.indkey[0]
  join pg_catalog.pg_type as type on type.oid = attribute.atttypid
  where ind.indrelid >= 16384
    and index_class.relam = 403
    and not index_class.relispartition
    and index_class.relpersistence <> 't'
    and ind.indisvalid
    and not ind.indisunique
    and not ind.indisexclusion
    and not ind.indisreplident
    and (type.typcategory = 'A' or type.oid in ('pg_catalog.jsonb'::regtype, 'pg_catalog.tsvector'::regtype))
),
named as materialized (
  select
    relation.relnamespace,
    array_agg(relation.relname::text) as names
  from pg_catalog.pg_class as relation
  where relation.relname like '%\\_gin%'
  group by relation.relnamespace
)
select
  ind.indexrelid::int8 as index_oid,
  format('%I.%I', schema.nspname, ind.index_relname) as index_name,
  schema.nspname::text as schema_name,
  table_class.relname::text as bare_table,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  ind.attname::text as column_name,
  pg_catalog.format_type(ind.atttypid, null) as column_type,
  ind.indnkeyatts::int4 as key_columns,
  ind.index_kind = 'I' as is_partitioned,
  coalesce(named.names, '{}') as taken_names,
  pg_catalog.pg_stat_get_numscans(ind.indexrelid)::float8 as scans,
  case when ind.index_kind = 'I' then 0 else ${relationSize('ind.indexrelid', 'ind.index_pages')} end::float8 as size_bytes,
  pg_catalog.pg_get_indexdef(ind.indexrelid) as definition
from candidate as ind
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join named on named.relnamespace = table_class.relnamespace
where ${isUserSchema('schema')}
  and not exists (
    select
    from pg_catalog.pg_index as gin
    join pg_catalog.pg_class as gin_class on gin_class.oid = gin.indexrelid
    where gin.indrelid = ind.indrelid
      and gin_class.relam = 2742
      and gin.indisvalid
      and gin.indpred is null
      and ind.attnum = any (gin.indkey::int2[])
  )
  and not exists (
    select
    from pg_catalog.pg_constraint as foreign_key
    where foreign_key.contype = 'f'
      and foreign_key.conrelid = ind.indrelid
      and ind.attnum = any (foreign_key.conkey)
  )
  and ${isNotOfExtension('table_class.oid')}
order by index_name`,
  findings(rows) {
    const taken = new Set(rows.flatMap((row) => row.taken_names.map((name) => quoteQualified(row.schema_name, name))));
    // One GIN index serves the column, however many btrees it has.
    const columnOf = (row: Row): string => quoteQualified(row.schema_name, row.bare_table, row.column_name);
    const simple = rows.filter((row) => row.key_columns === 1 && !row.is_partitioned);
    const first = new Set([...Map.groupBy(simple, columnOf).values()].map(([row]) => row));
    return rows.map((row) => ({
      object: row.index_name,
      relationOid: Number(row.index_oid),
      severity: row.scans > 0 ? ('info' as const) : ('warning' as const),
      message: `Btree index ${row.index_name} is on ${quoteIdentifier(row.column_name)} (${row.column_type}) of ${row.table_name}: it serves equality and order of whole values, not "contains".`,
      measure: row.size_bytes,
      evidence: [
        { label: 'Definition', value: row.definition },
        { label: 'Scans', value: formatCount(row.scans) },
        { label: 'Size', value: formatBytes(row.size_bytes) },
      ],
      ...(first.has(row) ? ginBeside(row, taken) : {}),
      confidence: row.scans > 0 ? ('low' as const) : ('medium' as const),
      confidenceReason:
        row.scans > 0
          ? 'It is in use: some query looks for whole values.'
          : 'Which operators the queries use is not in the catalog.',
    }));
  },
};

/** A GIN index to go with it. The btree stays: whether it can go depends on the queries. */
function ginBeside(row: Row, taken: Set<string>) {
  let name = truncateToNameLimit(`${row.bare_table}_${row.column_name}`, '_gin');
  for (let number = 1; taken.has(quoteQualified(row.schema_name, name)); number += 1)
    name = truncateToNameLimit(`${row.bare_table}_${row.column_name}`, `_gin${number}`);
  taken.add(quoteQualified(row.schema_name, name));
  return {
    fixSql: `create index concurrently ${quoteIdentifier(name)} on ${row.table_name} using gin (${quoteIdentifier(row.column_name)});`,
    undoSql: `drop index concurrently ${quoteQualified(row.schema_name, name)};`,
    lock: lockTexts.shareUpdateExclusive,
    caution: 'Adds an index for "contains". Drop the btree only after the queries are known.',
  };
}
