import { fillFactor, isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { partitionedIndexColumns, relatedTo, type PartitionedIndex } from './related-relations.ts';
import { measuresWithPgstattuple, pgstattupleSchema, withUnmeasured } from '../tables/pgstattuple.ts';

interface Row extends PartitionedIndex {
  readonly index_oid: string;
  readonly index_name: string;
  readonly table_oid: string;
  readonly table_name: string;
  readonly size_bytes: string;
  readonly fill_factor: number;
  /** Null where the index was not measured: too much to read for a report. */
  readonly leaf_pages: number | null;
  readonly unused_pages: number | null;
  /** Percent; NaN without leaf pages. */
  readonly leaf_density: number | null;
}

type Limit = 'minBytes' | 'maxDensity' | 'maxReadBytes';

export const measuredIndexBloat: HealthCheck<Row, Limit> = {
  id: 'IDX09',
  group: 'indexes',
  basis: 'moment',
  title: 'Bloated indexes (measured)',
  why: 'pgstattuple reads the whole index and tells how full its leaf pages are. A new index has them nine tenths full; half-empty ones are read and cached like full ones.',
  thresholds: {
    minBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Smallest index that is measured' },
    maxDensity: { usual: 0.5, unit: 'ratio', label: 'Share of the leaf pages in use below which it is reported' },
    maxReadBytes: { usual: 128 * 1024 ** 2, unit: 'bytes', label: 'Most bytes that the check reads' },
  },
  ...measuresWithPgstattuple,
  // Run on PostgreSQL 13 to 18. The whole index is read, so only the largest that fit under the limit together are
  // measured. A null oid costs nothing: the function is strict.
  sql: (facts, { minBytes, maxReadBytes }) => `
with candidate as materialized (
  select
    index_class.oid,
    format('%I.%I', schema.nspname, index_class.relname) as index_name,
    table_class.oid as table_oid,
    format('%I.%I', schema.nspname, table_class.relname) as table_name,
    index_class.relispartition as is_partition,
    index_class.reloptions,
    ${relationSize('index_class.oid', 'index_class.relpages')} as size_bytes
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
  join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
  where ind.indrelid >= 16384
    and index_class.relkind = 'i'
    and index_class.relam = 403
    and index_class.relpersistence ${facts.inRecovery ? "= 'p'" : "<> 't'"}
    and ind.indisvalid
    and greatest(
      index_class.relpages::int8 * pg_catalog.current_setting('block_size')::int4 * 2,
      (pg_catalog.pg_stat_get_live_tuples(ind.indrelid) + pg_catalog.pg_stat_get_dead_tuples(ind.indrelid)) * 64
    ) >= ${minBytes}
    and ${isUserSchema('schema')}
    and ${isNotOfExtension('table_class.oid')}
),
planned as materialized (
  select
    candidate.*,
    sum(candidate.size_bytes) over (
      order by candidate.size_bytes > ${maxReadBytes}, candidate.size_bytes desc, candidate.oid
    ) as read_bytes
  from candidate
  where candidate.size_bytes >= ${minBytes}
)
select
  planned.oid::int8 as index_oid,
  planned.index_name,
  planned.table_oid::int8 as table_oid,
  planned.table_name,
  ${partitionedIndexColumns('planned.is_partition', 'planned.oid')},
  planned.size_bytes,
  ${fillFactor('planned.reloptions', 90)} as fill_factor,
  measured.leaf_pages::float8 as leaf_pages,
  (measured.empty_pages + measured.deleted_pages)::float8 as unused_pages,
  measured.avg_leaf_density::float8 as leaf_density
from planned
left join lateral ${pgstattupleSchema(facts)}.pgstatindex(
  case when planned.read_bytes <= ${maxReadBytes} then planned.oid::regclass end
) as measured on true
order by planned.size_bytes desc`,
  findings(rows, { limits }) {
    const findings = rows.flatMap((row) => {
      if (row.leaf_pages === null || row.unused_pages === null) return [];
      const pages = row.leaf_pages + row.unused_pages;
      const density = row.leaf_density === null || Number.isNaN(row.leaf_density) ? 0 : row.leaf_density / 100;
      const inUse = pages === 0 ? 0 : (row.leaf_pages * density) / pages;
      // A lower fill factor leaves room on purpose.
      if (pages === 0 || inUse >= (limits.maxDensity * row.fill_factor) / 90) return [];
      const size = Number(row.size_bytes);
      return [
        {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity: 'warning' as const,
          message: `The leaf pages of index ${row.index_name} (${formatBytes(size)}) are ${formatPercent(inUse)} in use, as measured by pgstattuple.`,
          measure: size * (1 - inUse),
          evidence: [
            { label: 'Table', value: row.table_name },
            { label: 'Size', value: formatBytes(size) },
            { label: 'Density of leaf pages', value: formatPercent(density) },
            { label: 'Empty and deleted pages', value: formatPercent(row.unused_pages / pages) },
            { label: 'Fill factor', value: `${row.fill_factor} %` },
          ],
          fixSql: `reindex index concurrently ${row.index_name};`,
          lock: lockTexts.shareUpdateExclusive,
          caution: 'Needs room for a second copy while it runs.',
          related: relatedTo(row, { oid: row.index_root_oid, name: row.index_root_name }),
        },
      ];
    });
    const unmeasured = rows.filter((row) => row.leaf_pages === null).map((row) => row.index_name);
    return withUnmeasured(findings, unmeasured, {
      one: 'large index',
      many: 'large indexes',
      maxReadBytes: limits.maxReadBytes,
      estimatedBy: 'IDX08',
    });
  },
};
