import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { replaceIndex } from './drop-index.ts';

interface Row {
  readonly index_oid: string;
  readonly schema_name: string;
  readonly bare_name: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly predicate: string;
  /** Quoted names of the table's columns that cannot be null. */
  readonly not_null_columns: readonly string[];
  readonly is_partition: boolean;
  readonly is_partitioned: boolean;
  readonly size_bytes: number;
  readonly definition: string;
}

export const needlessPredicate: HealthCheck<Row> = {
  id: 'IDX14',
  group: 'indexes',
  basis: 'catalog',
  title: 'Partial indexes whose predicate is always true',
  why: 'A predicate that only says that a NOT NULL column is not null leaves no row out. Yet the planner uses the index only for queries that it can prove the predicate for, so it is used less than a whole index of the same size.',
  // Run on PostgreSQL 13 to 18. From 18 on a NOT NULL that is not validated yet leaves nulls in.
  sql: ({ versionNum }) => `
with candidate as materialized (
  select
    ind.*,
    index_class.relname as index_relname,
    index_class.relkind as index_kind,
    index_class.relispartition as index_is_partition
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where ind.indrelid >= 16384
    and ind.indpred is not null
    and ind.indisvalid
    and index_class.relpersistence <> 't'
)
select
  ind.indexrelid::int8 as index_oid,
  schema.nspname::text as schema_name,
  ind.index_relname::text as bare_name,
  format('%I.%I', schema.nspname, ind.index_relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  pg_catalog.pg_get_expr(ind.indpred, ind.indrelid) as predicate,
  array(
    select quote_ident(attribute.attname)
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = ind.indrelid
      and attribute.attnum > 0
      and attribute.attnotnull
      and not attribute.attisdropped
      ${
        versionNum >= 180_000
          ? `and not exists (
        select
        from pg_catalog.pg_constraint as not_null
        where not_null.conrelid = attribute.attrelid
          and not_null.contype = 'n'
          and not not_null.convalidated
          and attribute.attnum = any (not_null.conkey)
      )`
          : ''
      }
  ) as not_null_columns,
  ind.index_is_partition as is_partition,
  ind.index_kind = 'I' as is_partitioned,
  case when ind.index_kind = 'I' then 0 else pg_catalog.pg_relation_size(ind.indexrelid) end::float8 as size_bytes,
  pg_catalog.pg_get_indexdef(ind.indexrelid) as definition
from candidate as ind
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and not ind.index_is_partition
  and ${isNotOfExtension('table_class.oid')}
order by index_name`,
  findings(rows) {
    return rows
      .filter((row) => isAlwaysTrue(row.predicate, row.not_null_columns))
      .map((row) => ({
        object: row.index_name,
        relationOid: Number(row.index_oid),
        severity: 'info' as const,
        message: `Partial index ${row.index_name} of ${row.table_name} leaves no row out: ${row.predicate} is true for all.`,
        measure: row.size_bytes,
        evidence: [
          { label: 'Definition', value: row.definition },
          { label: 'Size', value: formatBytes(row.size_bytes) },
        ],
        ...(row.is_partitioned
          ? {}
          : replaceIndex(
              { schema: row.schema_name, bareName: row.bare_name, definition: row.definition },
              withoutPredicate(row),
            )),
      }));
  },
};

/** True where the predicate is nothing but `IS NOT NULL` of NOT NULL columns. Anything else is left alone. */
export function isAlwaysTrue(predicate: string, notNullColumns: readonly string[]): boolean {
  const always = new Set(notNullColumns.map((column) => `${column} IS NOT NULL`));
  return predicate.split(' AND ').every((term) => always.has(term.replace(/^\(+|\)+$/g, '')));
}

function withoutPredicate(row: Row): string {
  const clause = ` WHERE ${row.predicate}`;
  return row.definition.endsWith(clause) ? row.definition.slice(0, -clause.length) : row.definition;
}
