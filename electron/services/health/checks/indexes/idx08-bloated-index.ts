import { fillFactor, isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount, formatPercent, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantTables } from '../../unlock-sql.ts';
import { canReadStatistics, columnStatistics } from '../tables/column-statistics.ts';
import { mostRows } from '../tables/heap-estimate.ts';
import { newBtreeBytes } from './btree-estimate.ts';
import { partitionedIndexColumns, relatedTo, type PartitionedIndex } from './related-relations.ts';

/** Per key column: length of the type, alignment, average width, nulls, distinct values, common values and their share. */
type KeyStatistics = readonly [number, string, number | null, number | null, number | null, number, number];

/** One large btree index and what is needed to tell how large it would be if it were new. */
export interface IndexSizeRow extends PartitionedIndex {
  readonly index_oid: string;
  readonly schema_name: string;
  readonly index_name: string;
  readonly table_oid: string;
  readonly table_name: string;
  readonly can_read: boolean;
  readonly columns: readonly KeyStatistics[];
  readonly is_partial: boolean;
  /** Equal keys share an entry. */
  readonly shares: boolean;
  readonly tuples: number;
  readonly table_tuples: number;
  readonly pages: number;
  readonly live_rows: number | null;
  readonly dead_rows: number;
  readonly size_bytes: string;
  readonly fill_factor: number;
  readonly page_bytes: number;
  readonly sample_rows: number;
  readonly analyzed_at: string | null;
  readonly rows_changed_since: number;
}

type Limit = 'minWasteBytes' | 'minShare' | 'warnShare' | 'warnBytes';

export const bloatedIndex: HealthCheck<IndexSizeRow, Limit> = {
  id: 'IDX08',
  group: 'indexes',
  basis: 'estimate',
  title: 'Bloated indexes (estimate)',
  why: 'Deleted and moved rows leave half-empty pages that are read and cached like full ones. The size is estimated from column widths and distinct values, so it is a hint to measure with pgstattuple, and not a measurement.',
  thresholds: {
    // PC and PAI: 40 %. An index with random inserts is a quarter empty as a rule.
    minWasteBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Least waste that is reported' },
    minShare: { usual: 0.4, unit: 'ratio', label: 'Least share of waste that is reported' },
    warnShare: { usual: 0.6, unit: 'ratio', label: 'Share of waste for a warning' },
    warnBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Waste for a warning' },
  },
  requires: { privilege: 'SELECT on the tables: pg_stats shows only what the user may read' },
  // Run on PostgreSQL 13 to 18. Equal keys share an entry where every operator class of the key says that equal values
  // look the same (support function 4): https://www.postgresql.org/docs/current/btree.html#BTREE-SUPPORT-FUNCS
  sql: (facts, { minWasteBytes }) => `
with large as materialized (
  select
    ind.*,
    index_class.relname as index_relname,
    index_class.relnamespace as index_schema,
    index_class.reltuples,
    index_class.relpages,
    index_class.reloptions,
    index_class.relispartition as is_partition,
    ${relationSize('index_class.oid', 'index_class.relpages')} as size_bytes
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
  where ind.indrelid >= 16384
    and index_class.relkind = 'i'
    and index_class.relam = 403
    and index_class.relpersistence <> 't'
    and ind.indisvalid
    and greatest(
      index_class.relpages::int8 * pg_catalog.current_setting('block_size')::int4 * 2,
      (pg_catalog.pg_stat_get_live_tuples(ind.indrelid) + pg_catalog.pg_stat_get_dead_tuples(ind.indrelid)) * 64
    ) >= ${minWasteBytes}
    and ${isUserSchema('schema')}
)
select
  ind.indexrelid::int8 as index_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, ind.index_relname) as index_name,
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  ${partitionedIndexColumns('ind.is_partition', 'ind.indexrelid')},
  ${canReadStatistics('table_class.oid')} as can_read,
  (
    select json_agg(json_build_array(
      entry.attlen, entry.attalign, stats.avg_width, stats.null_frac, stats.n_distinct,
      coalesce(cardinality(stats.common_shares), 0),
      coalesce((select sum(share) from unnest(stats.common_shares) as common (share)), 0)
    ) order by entry.attnum)
    from pg_catalog.pg_attribute as entry
    left join pg_catalog.pg_attribute as own
      on own.attrelid = ind.indrelid
      and own.attnum = ind.indkey[entry.attnum - 1]
    left join lateral ${columnStatistics(facts, {
      relationOid: 'case when own.attnum is null then ind.indexrelid else ind.indrelid end',
      schemaName: 'schema.nspname',
      relationName: 'case when own.attnum is null then ind.index_relname else table_class.relname end',
      columnNumber: 'coalesce(own.attnum, entry.attnum)',
      columnName: 'coalesce(own.attname, entry.attname)',
    })} as stats on true
    where entry.attrelid = ind.indexrelid
      and entry.attnum > 0
  ) as columns,
  ind.indpred is not null as is_partial,
  not ind.indisunique
    and ind.indnatts = ind.indnkeyatts
    and coalesce(substring(array_to_string(ind.reloptions, ',') from '(?:^|,)deduplicate_items=([a-z0-9]+)'), 'on') in ('on', 'true', '1', 'yes')
    and not exists (
      select
      from unnest(ind.indclass::oid[], ind.indcollation::oid[]) as part (opclass_oid, collation_oid)
      join pg_catalog.pg_opclass as opclass on opclass.oid = part.opclass_oid
      left join pg_catalog.pg_amproc as support
        on support.amprocfamily = opclass.opcfamily
        and support.amproclefttype = opclass.opcintype
        and support.amprocrighttype = opclass.opcintype
        and support.amprocnum = 4
      left join pg_catalog.pg_collation as "collation" on "collation".oid = part.collation_oid
      where support.amproc is null
        or not coalesce("collation".collisdeterministic, true)
    ) as shares,
  ind.reltuples::float8 as tuples,
  table_class.reltuples::float8 as table_tuples,
  ind.relpages as pages,
  case when maintenance.latest is not null then pg_catalog.pg_stat_get_live_tuples(table_class.oid) end::float8 as live_rows,
  pg_catalog.pg_stat_get_dead_tuples(table_class.oid)::float8 as dead_rows,
  ind.size_bytes,
  ${fillFactor('ind.reloptions', 90)} as fill_factor,
  pg_catalog.current_setting('block_size')::int4 as page_bytes,
  300 * pg_catalog.current_setting('default_statistics_target')::int4 as sample_rows,
  maintenance.analyzed::text as analyzed_at,
  pg_catalog.pg_stat_get_mod_since_analyze(table_class.oid)::float8 as rows_changed_since
from large as ind
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = ind.index_schema
cross join lateral (
  select
    analysis.analyzed,
    greatest(
      analysis.analyzed,
      pg_catalog.pg_stat_get_last_vacuum_time(table_class.oid),
      pg_catalog.pg_stat_get_last_autovacuum_time(table_class.oid)) as latest
  from (
    select greatest(
      pg_catalog.pg_stat_get_last_analyze_time(table_class.oid),
      pg_catalog.pg_stat_get_last_autoanalyze_time(table_class.oid)) as analyzed
  ) as analysis
) as maintenance
where ind.size_bytes >= ${minWasteBytes}
  and ${isNotOfExtension('table_class.oid')}
order by ind.size_bytes desc`,
  findings(rows, { facts, limits }) {
    const findings = rows.flatMap((row) => {
      const expectedBytes = expectedBtreeBytes(row);
      if (expectedBytes === undefined) return [];
      const size = Number(row.size_bytes);
      const wastedBytes = size - expectedBytes;
      const share = wastedBytes / size;
      if (share < limits.minShare || wastedBytes < limits.minWasteBytes) return [];
      const rowCount = entriesOf(row);
      const isStale = row.rows_changed_since > 0.2 * rowCount;
      return [
        {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity:
            share >= limits.warnShare && wastedBytes >= limits.warnBytes ? ('warning' as const) : ('info' as const),
          message: `Index ${row.index_name} is ${formatBytes(size)}; built anew, its ${formatCount(rowCount)} entries would need at most about ${formatBytes(expectedBytes)}.`,
          measure: wastedBytes,
          evidence: [
            { label: 'Table', value: row.table_name },
            { label: 'Size', value: formatBytes(size) },
            { label: 'Estimated size when new', value: formatBytes(expectedBytes) },
            { label: 'Estimated waste', value: `${formatBytes(wastedBytes)} (${formatPercent(share)})` },
            { label: 'Last analyzed', value: row.analyzed_at ?? 'not on record' },
          ],
          fixSql: `reindex index concurrently ${row.index_name};`,
          lock: lockTexts.shareUpdateExclusive,
          caution: 'Needs room for a second copy while it runs.',
          related: relatedTo(row, { oid: row.index_root_oid, name: row.index_root_name }),
          confidence: isStale ? ('low' as const) : ('medium' as const),
          confidenceReason: isStale
            ? 'Many rows changed since the last analyze: run it first.'
            : 'An estimate from column widths; pgstattuple measures.',
        },
      ];
    });
    const unknown = rows.filter((row) => expectedBtreeBytes(row) === undefined);
    if (unknown.length === 0) return findings;
    const hidden = unknown.filter((row) => !row.can_read);
    return hidden.length > 0
      ? cannotTell(
          `${plural(hidden.length, 'large index', 'large indexes')} cannot be estimated: ${facts.user} may not read the tables, so pg_stats hides their column widths.`,
          {
            unlockSql: grantTables(
              hidden.map((row) => row.schema_name),
              facts,
            ),
            findings,
          },
        )
      : cannotTell(
          `${plural(unknown.length, 'large index', 'large indexes')} cannot be estimated: not every column has statistics.`,
          {
            unlockSql: [...new Set(unknown.map((row) => `analyze ${row.table_name};`))].join('\n'),
            findings,
          },
        );
  },
};

/** Entries that the index holds at most. A partial one grew like its table, as far as anybody knows. */
function entriesOf(row: IndexSizeRow): number {
  const counts = {
    pages: row.pages,
    actualPages: Number(row.size_bytes) / row.page_bytes,
    deadRows: row.dead_rows,
  };
  if (row.is_partial) {
    const growth = row.live_rows === null || row.table_tuples <= 0 ? 1 : Math.max(1, row.live_rows / row.table_tuples);
    return mostRows({ ...counts, tuples: row.tuples, liveRows: row.live_rows === null ? null : row.tuples * growth });
  }
  return mostRows({ ...counts, tuples: Math.max(row.tuples, row.table_tuples), liveRows: row.live_rows });
}

/** Size of the index if it were built now; undefined where widths or entries are unknown. */
export function expectedBtreeBytes(row: IndexSizeRow): number | undefined {
  const rows = entriesOf(row);
  const columns = row.columns.flatMap(([length, alignment, width, nullShare, distinct, commonValues, commonShare]) =>
    width === null || nullShare === null || distinct === null
      ? []
      : [{ length, alignment, width: length > 0 ? length : width, nullShare, distinct, commonValues, commonShare }],
  );
  if (rows <= 0 || columns.length < row.columns.length) return undefined;
  return newBtreeBytes({
    rows,
    columns,
    shares: row.shares,
    fillFactor: row.fill_factor,
    pageBytes: row.page_bytes,
    sampleRows: row.sample_rows,
  });
}
