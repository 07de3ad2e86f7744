import { fillFactor, isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount, formatPercent, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantTables } from '../../unlock-sql.ts';
import { canReadStatistics, columnStatistics } from './column-statistics.ts';
import { mostRows, newHeapBytes } from './heap-estimate.ts';
import {
  eachTable,
  families,
  partitionsEvidence,
  rootColumns,
  rootJoins,
  total,
  type Family,
  type RootedRow,
} from './partition-families.ts';

/** One large table and what is needed to tell how large its heap would be if it were new. */
export interface TableSizeRow extends RootedRow {
  readonly schema_name: string;
  readonly can_read: boolean;
  /** Per column: length of the type, alignment, average width, share of nulls. Unknown without statistics. */
  readonly columns: readonly (readonly [number, string, number | null, number | null])[];
  readonly column_count: number;
  readonly tuples: number;
  readonly pages: number;
  readonly live_rows: number | null;
  readonly dead_rows: number;
  readonly size_bytes: string;
  readonly fill_factor: number;
  readonly page_bytes: number;
  readonly analyzed_at: string | null;
  readonly rows_changed_since: number;
}

type Limit = 'minWasteBytes' | 'minShare' | 'warnShare' | 'warnBytes';

export const bloatedTable: HealthCheck<TableSizeRow, Limit> = {
  id: 'TAB01',
  group: 'tables',
  basis: 'estimate',
  title: 'Bloated tables (estimate)',
  why: 'Room left by deleted and updated rows is read, cached and backed up like data. Vacuum makes it usable again but seldom gives it back. The size is estimated from column widths: a hint to measure with pgstattuple.',
  thresholds: {
    // check_postgres and splinter agree on some ten megabytes; PC and PAI on 40 %.
    minWasteBytes: { usual: 20 * 1024 ** 2, unit: 'bytes', label: 'Least waste that is reported' },
    minShare: { usual: 0.4, unit: 'ratio', label: 'Least share of waste that is reported' },
    warnShare: { usual: 0.6, unit: 'ratio', label: 'Share of waste for a warning' },
    warnBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Waste for a warning' },
  },
  requires: { privilege: 'SELECT on the tables: pg_stats shows only what the user may read' },
  // Run on PostgreSQL 13 to 18. relpages and the count of live rows tell which tables are worth asking for their size.
  sql: (facts, { minWasteBytes }) => `
with large as materialized (
  select
    table_class.*,
    schema.nspname,
    ${relationSize('table_class.oid', 'table_class.relpages')} as size_bytes
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relkind in ('r', 'm')
    and table_class.relam = 2
    and table_class.relpersistence <> 't'
    and ${isUserSchema('schema')}
    and greatest(
      table_class.relpages::int8 * pg_catalog.current_setting('block_size')::int4 * 2,
      (pg_catalog.pg_stat_get_live_tuples(table_class.oid) + pg_catalog.pg_stat_get_dead_tuples(table_class.oid)) * 100
    ) >= ${minWasteBytes}
)
select
  table_class.oid::int8 as table_oid,
  table_class.nspname::text as schema_name,
  format('%I.%I', table_class.nspname, table_class.relname) as table_name,${rootColumns},
  ${canReadStatistics('table_class.oid')} as can_read,
  (
    select coalesce(json_agg(json_build_array(
      attribute.attlen, attribute.attalign, stats.avg_width, stats.null_frac) order by attribute.attnum), '[]'::json)
    from pg_catalog.pg_attribute as attribute
    left join lateral ${columnStatistics(facts, {
      relationOid: 'attribute.attrelid',
      schemaName: 'table_class.nspname',
      relationName: 'table_class.relname',
      columnNumber: 'attribute.attnum',
      columnName: 'attribute.attname',
    })} as stats on true
    where attribute.attrelid = table_class.oid
      and attribute.attnum > 0
      and not attribute.attisdropped
  ) as columns,
  table_class.relnatts::int4 as column_count,
  table_class.reltuples::float8 as tuples,
  table_class.relpages as pages,
  case when maintenance.latest is not null then pg_catalog.pg_stat_get_live_tuples(table_class.oid) end::float8 as live_rows,
  pg_catalog.pg_stat_get_dead_tuples(table_class.oid)::float8 as dead_rows,
  table_class.size_bytes,
  ${fillFactor('table_class.reloptions', 100)} as fill_factor,
  pg_catalog.current_setting('block_size')::int4 as page_bytes,
  maintenance.analyzed::text as analyzed_at,
  pg_catalog.pg_stat_get_mod_since_analyze(table_class.oid)::float8 as rows_changed_since
from large as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace${rootJoins}
cross join lateral (
  select
    analyzed,
    greatest(analyzed, pg_catalog.pg_stat_get_last_vacuum_time(table_class.oid), pg_catalog.pg_stat_get_last_autovacuum_time(table_class.oid)) as latest
  from (
    select greatest(
      pg_catalog.pg_stat_get_last_analyze_time(table_class.oid),
      pg_catalog.pg_stat_get_last_autoanalyze_time(table_class.oid)) as analyzed
  ) as analysis
) as maintenance
where table_class.size_bytes >= ${minWasteBytes}
  and ${isNotOfExtension('table_class.oid')}
order by table_class.size_bytes desc`,
  findings(rows, { facts, limits }) {
    const estimated = rows.flatMap((row) => {
      const expectedBytes = expectedHeapBytes(row);
      return expectedBytes === undefined ? [] : [{ ...row, expectedBytes }];
    });
    const bloated = estimated.filter(
      (row) => wasteOf(row) >= limits.minWasteBytes && wasteOf(row) / Number(row.size_bytes) >= limits.minShare,
    );
    const findings = families(bloated).map((family) => finding(family, limits));
    const unknown = rows.filter((row) => expectedHeapBytes(row) === undefined);
    if (unknown.length === 0) return findings;
    const hidden = unknown.filter((row) => !row.can_read);
    return hidden.length > 0
      ? cannotTell(
          `${plural(hidden.length, 'large table')} cannot be estimated: ${facts.user} may not read ${hidden.length === 1 ? 'it' : 'them'}, so pg_stats hides the column widths.`,
          {
            unlockSql: grantTables(
              hidden.map((row) => row.schema_name),
              facts,
            ),
            findings,
          },
        )
      : cannotTell(`${plural(unknown.length, 'large table')} cannot be estimated: not every column has statistics.`, {
          unlockSql: unknown.map((row) => `analyze ${row.table_name};`).join('\n'),
          findings,
        });
  },
};

interface EstimatedRow extends TableSizeRow {
  readonly expectedBytes: number;
}

function wasteOf(row: EstimatedRow): number {
  return Number(row.size_bytes) - row.expectedBytes;
}

function finding(family: Family<EstimatedRow>, limits: Readonly<Record<Limit, number>>) {
  const size = total(family, (row) => Number(row.size_bytes));
  const expected = total(family, (row) => row.expectedBytes);
  const rowCount = total(family, rowsOf);
  const waste = size - expected;
  const share = waste / size;
  const isStale = total(family, (row) => row.rows_changed_since) > 0.2 * rowCount;
  return {
    object: family.name,
    relationOid: family.oid,
    severity: share >= limits.warnShare && waste >= limits.warnBytes ? ('warning' as const) : ('info' as const),
    message: `${family.title} ${family.isPartitioned ? 'are' : 'is'} ${formatBytes(size)}; rewritten, ${family.isPartitioned ? 'their' : 'its'} ${formatCount(rowCount)} rows would need about ${formatBytes(expected)}.`,
    measure: waste,
    evidence: [
      { label: 'Size', value: formatBytes(size) },
      { label: 'Estimated size when new', value: formatBytes(expected) },
      { label: 'Estimated waste', value: `${formatBytes(waste)} (${formatPercent(share)})` },
      { label: 'Last analyzed', value: family.rows[0]?.analyzed_at ?? 'not on record' },
      ...partitionsEvidence(family, (row) => formatBytes(wasteOf(row))),
    ],
    fixSql: eachTable(family, (table) => `vacuum (full, analyze) ${table};`),
    lock: lockTexts.accessExclusiveRewrite,
    caution:
      'Needs room for a second copy. pg_repack does the same without the long lock; new rows also fill the space by themselves.',
    confidence: isStale ? ('low' as const) : ('medium' as const),
    confidenceReason: isStale
      ? 'Many rows changed since the last analyze: run it first.'
      : 'An estimate from column widths; pgstattuple measures.',
  };
}

function rowsOf(row: TableSizeRow): number {
  return mostRows({
    tuples: row.tuples,
    pages: row.pages,
    actualPages: Number(row.size_bytes) / row.page_bytes,
    liveRows: row.live_rows,
    deadRows: row.dead_rows,
  });
}

/** Size of the table if it were rewritten now; undefined where widths or rows are unknown. */
export function expectedHeapBytes(row: TableSizeRow): number | undefined {
  const rows = rowsOf(row);
  const columns = row.columns.flatMap(([length, alignment, width, nullShare]) =>
    width === null || nullShare === null ? [] : [{ length, alignment, width, nullShare }],
  );
  if (columns.length < row.columns.length) return undefined;
  // An emptied table needs nothing; one that nobody has counted is unknown.
  if (rows <= 0) return row.live_rows === 0 && row.tuples === 0 ? 0 : undefined;
  return newHeapBytes({
    rows,
    columns,
    columnCount: row.column_count,
    droppedColumns: row.column_count - row.columns.length,
    fillFactor: row.fill_factor,
    pageBytes: row.page_bytes,
  });
}
