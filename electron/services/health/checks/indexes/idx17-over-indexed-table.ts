import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly indexes: number;
  readonly index_bytes: number;
  readonly table_bytes: number;
  readonly largest: readonly { readonly name: string; readonly bytes: number; readonly scans: number }[];
}

export const overIndexedTable: HealthCheck<Row, 'minIndexes' | 'minRatio' | 'minBytes'> = {
  id: 'IDX17',
  group: 'indexes',
  basis: 'moment',
  title: 'Tables with more index than data',
  why: 'Each insert, and each update that is not HOT, writes every index. A table with many indexes that outweigh its rows pays for them all day; some may serve the same few queries.',
  thresholds: {
    minIndexes: { usual: 10, unit: 'count', label: 'Fewest indexes' },
    minRatio: { usual: 2, unit: 'ratio', label: 'Size of the indexes, in sizes of the table' },
    minBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Smallest sum of indexes that is reported' },
  },
  // Run on PostgreSQL 13 to 18. Partitions count together, as one table with the indexes of one partition. TOAST is data.
  sql: (_facts, { minIndexes, minBytes }) => `
with many as (
  select
    ind.indrelid as table_oid,
    count(*) as indexes,
    sum(index_class.relpages) as pages
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where ind.indrelid >= 16384
    and index_class.relkind = 'i'
  group by ind.indrelid
  having count(*) >= ${minIndexes}
),
member as materialized (
  select
    table_class.oid,
    case when table_class.relispartition then pg_catalog.pg_partition_root(table_class.oid)::oid else table_class.oid end as root_oid,
    many.indexes,
    many.pages as index_pages,
    table_class.relpages as pages
  from many
  join pg_catalog.pg_class as table_class on table_class.oid = many.table_oid
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relpersistence <> 't'
    and (many.pages > many.indexes * 2 or pg_catalog.pg_stat_get_live_tuples(table_class.oid) > 0)
    and ${isUserSchema('schema')}
),
summed as materialized (
  select
    member.root_oid,
    max(member.indexes) as indexes,
    array_agg(member.oid) as members,
    sum(${relationSize('member.oid', 'member.index_pages', 'pg_indexes_size')}) as index_bytes,
    sum(${relationSize('member.oid', 'member.pages', 'pg_table_size')}) as table_bytes
  from member
  group by member.root_oid
)
select
  root.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, root.relname) as table_name,
  summed.indexes::int4 as indexes,
  summed.index_bytes::float8 as index_bytes,
  summed.table_bytes::float8 as table_bytes,
  (
    select json_agg(json_build_object('name', one.name, 'bytes', one.bytes, 'scans', one.scans) order by one.bytes desc, one.name)
    from (
      select
        quote_ident(index_class.relname) as name,
        ${relationSize('index_class.oid', 'index_class.relpages')} as bytes,
        pg_catalog.pg_stat_get_numscans(ind.indexrelid) as scans
      from pg_catalog.pg_index as ind
      join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
      where ind.indrelid = any (summed.members)
      order by 2 desc, 1
      limit 10
    ) as one
  ) as largest
from summed
join pg_catalog.pg_class as root on root.oid = summed.root_oid
join pg_catalog.pg_namespace as schema on schema.oid = root.relnamespace
where summed.index_bytes >= ${minBytes}
  and ${isNotOfExtension('root.oid')}
order by summed.index_bytes desc`,
  findings(rows, { limits }) {
    return rows
      .filter((row) => row.index_bytes > limits.minRatio * row.table_bytes)
      .map((row) => ({
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'info' as const,
        message: `Table ${row.table_name} has ${formatCount(row.indexes)} indexes of ${formatBytes(row.index_bytes)} together, for ${formatBytes(row.table_bytes)} of data.`,
        measure: row.index_bytes,
        evidence: [
          { label: 'Data with TOAST', value: formatBytes(row.table_bytes) },
          { label: 'Indexes', value: formatBytes(row.index_bytes) },
          ...row.largest.map((index) => ({
            label: index.name,
            value: `${formatBytes(index.bytes)}, ${formatCount(index.scans)} scans`,
          })),
        ],
        confidence: 'medium' as const,
        confidenceReason: 'Sizes include bloat (IDX08); which indexes can go is for IDX01 to IDX04 to say.',
      }));
  },
};
