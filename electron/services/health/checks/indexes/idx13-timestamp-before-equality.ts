import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly time_column: string;
  readonly later_columns: readonly string[];
  readonly scans: number;
  readonly definition: string;
}

export const timestampBeforeEquality: HealthCheck<Row> = {
  id: 'IDX13',
  group: 'indexes',
  basis: 'catalog',
  title: 'Indexes with a timestamp before other columns',
  why: 'Times are usually searched by range. Behind a range the next columns of an index only filter entries and no longer narrow the search. With the columns that are compared by = in front, the same index reads far fewer entries.',
  // An opinion about queries that the catalog does not know.
  onlyWhenAsked: true,
  // Run on PostgreSQL 13 to 18. A time followed by the primary key alone is the usual order for reading page by page.
  sql: () => `
with candidate as materialized (
  select
    ind.indexrelid,
    ind.indrelid,
    key.attnum,
    key.position,
    ind.indnkeyatts,
    ind.indkey::int2[] as columns
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  cross join lateral unnest(ind.indkey::int2[]) with ordinality as key (attnum, position)
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = ind.indrelid
    and attribute.attnum = key.attnum
  where ind.indrelid >= 16384
    and ind.indnkeyatts > 1
    and key.position < ind.indnkeyatts
    and ind.indisvalid
    and not ind.indisunique
    and not ind.indisexclusion
    and index_class.relam = 403
    and not index_class.relispartition
    and attribute.atttypid in ('pg_catalog.timestamp'::regtype, 'pg_catalog.timestamptz'::regtype)
)
select
  candidate.indexrelid::int8 as index_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  min(quote_ident(attribute.attname)) as time_column,
  array(
    select pg_catalog.pg_get_indexdef(candidate.indexrelid, n, true)
    from generate_series(min(candidate.position)::int4 + 1, candidate.indnkeyatts) as n
    order by n
  ) as later_columns,
  pg_catalog.pg_stat_get_numscans(candidate.indexrelid)::float8 as scans,
  pg_catalog.pg_get_indexdef(candidate.indexrelid) as definition
from candidate
join pg_catalog.pg_class as index_class on index_class.oid = candidate.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = candidate.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = candidate.indrelid
  and attribute.attnum = candidate.attnum
where ${isUserSchema('schema')}
  and not exists (
    select
    from pg_catalog.pg_index as primary_key
    where primary_key.indrelid = candidate.indrelid
      and primary_key.indisprimary
      and candidate.columns[candidate.position:candidate.indnkeyatts - 1] operator(pg_catalog.<@) primary_key.indkey::int2[]
  )
  and ${isNotOfExtension('table_class.oid')}
group by candidate.indexrelid, candidate.indnkeyatts, schema.nspname, index_class.relname, table_class.relname
order by index_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.index_name,
      relationOid: Number(row.index_oid),
      severity: 'info' as const,
      message: `Index ${row.index_name} of ${row.table_name} has ${row.time_column} before ${row.later_columns.join(', ')}: a range of time leaves those as mere filters.`,
      evidence: [
        { label: 'Definition', value: row.definition },
        { label: 'Scans', value: formatCount(row.scans) },
      ],
      confidence: 'low' as const,
      confidenceReason: 'Right where the time is compared by =, or gives the order of the result.',
    }));
  },
};
