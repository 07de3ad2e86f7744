import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatDuration, formatPercent } from '../../format-values.ts';
import type { CheckContext, HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly is_partitioned: boolean;
  readonly total_bytes: number;
  readonly heap_bytes: number;
}

type Limit = 'minBytes' | 'minGrowthBytes' | 'minGrowthShare' | 'largeBytes';

const dayMs = 86_400_000;

export const largestTables: HealthCheck<Row, Limit> = {
  id: 'TAB10',
  group: 'tables',
  basis: 'moment',
  title: 'Very large and fast growing tables',
  why: 'A few tables usually make up most of a database, its backups and its restore time. Growth between two reports tells when an archive or partitions are due, before the disk does.',
  thresholds: {
    minBytes: { usual: 100 * 1024 ** 2, unit: 'bytes', label: 'Smallest table whose size is kept' },
    minGrowthBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Least growth since the previous report' },
    minGrowthShare: { usual: 0.2, unit: 'ratio', label: 'Least share of growth since the previous report' },
    // pgFirstAid: more than 100 GB.
    largeBytes: { usual: 100 * 1024 ** 3, unit: 'bytes', label: 'Size that is worth a plan' },
  },
  // Run on PostgreSQL 13 to 18. relpages and live rows choose twenty tables; only these are asked for their true size.
  sql: (_facts, { minBytes }) => `
with index_pages as (
  select
    ind.indrelid as table_oid,
    sum(index_class.relpages) as pages
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where index_class.relpages > 1
  group by ind.indrelid
),
member as (
  select
    table_class.oid,
    case when table_class.relispartition then pg_catalog.pg_partition_root(table_class.oid)::oid else table_class.oid end as root_oid,
    greatest(
      table_class.relpages,
      pg_catalog.pg_stat_get_live_tuples(table_class.oid) / 100
    ) + coalesce(toast_class.relpages, 0) + coalesce(index_pages.pages, 0) as pages
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  left join pg_catalog.pg_class as toast_class on toast_class.oid = table_class.reltoastrelid
  left join index_pages on index_pages.table_oid = table_class.oid
  where table_class.relkind in ('r', 'm')
    and table_class.relpersistence <> 't'
    and ${isUserSchema('schema')}
),
chosen as materialized (
  select
    member.root_oid,
    array_agg(member.oid) as members
  from member
  group by member.root_oid
  having sum(member.pages) * pg_catalog.current_setting('block_size')::int4 * 2 >= ${minBytes}
  order by sum(member.pages) desc
  limit 20
),
sized as (
  select
    chosen.root_oid,
    (select sum(${relationSize('part.oid', 'part.relpages', 'pg_total_relation_size')}) from pg_catalog.pg_class as part where part.oid = any (chosen.members)) as total_bytes,
    (select sum(${relationSize('part.oid', 'part.relpages')}) from pg_catalog.pg_class as part where part.oid = any (chosen.members)) as heap_bytes
  from chosen
)
select
  root.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, root.relname) as table_name,
  root.relkind = 'p' as is_partitioned,
  sized.total_bytes::float8 as total_bytes,
  sized.heap_bytes::float8 as heap_bytes
from sized
join pg_catalog.pg_class as root on root.oid = sized.root_oid
join pg_catalog.pg_namespace as schema on schema.oid = root.relnamespace
where sized.total_bytes >= ${minBytes}
  and ${isNotOfExtension('root.oid')}
order by sized.total_bytes desc`,
  findings(rows, context) {
    const { limits } = context;
    return rows.flatMap((row) => {
      const growth = growthOf(row, context);
      const grows =
        growth !== undefined && growth.bytes >= limits.minGrowthBytes && growth.share >= limits.minGrowthShare;
      const isLarge = row.total_bytes >= limits.largeBytes && !row.is_partitioned;
      if (!grows && !isLarge) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: 'info' as const,
          message: grows
            ? `Table ${row.table_name} grew by ${formatBytes(growth.bytes)} (${formatPercent(growth.share)}) in ${formatDuration(growth.ms)}, to ${formatBytes(row.total_bytes)} with its indexes.`
            : `Table ${row.table_name} takes ${formatBytes(row.total_bytes)} with its indexes.`,
          measure: row.total_bytes,
          evidence: [
            { label: 'Size with indexes and TOAST', value: formatBytes(row.total_bytes) },
            { label: 'Rows alone', value: formatBytes(row.heap_bytes) },
            ...(growth === undefined || growth.bytes <= 0
              ? []
              : [{ label: 'Growth', value: `${formatBytes((growth.bytes / growth.ms) * dayMs)} a day` }]),
          ],
          confidence: 'high' as const,
        },
      ];
    });
  },
  measures: (rows) =>
    rows.map((row) => ({
      key: sizeKey(row),
      label: `Size of ${row.table_name}`,
      unit: 'bytes' as const,
      value: row.total_bytes,
      limit: null,
    })),
};

function sizeKey(row: Row): string {
  return `table size ${row.table_name}`;
}

function growthOf(
  row: Row,
  { earlier, now }: CheckContext,
): { readonly bytes: number; readonly share: number; readonly ms: number } | undefined {
  const before = earlier?.values.get(sizeKey(row));
  if (earlier === undefined || before === undefined || before <= 0) return undefined;
  const ms = now.getTime() - earlier.takenAt.getTime();
  if (ms <= 0) return undefined;
  return { bytes: row.total_bytes - before, share: (row.total_bytes - before) / before, ms };
}
