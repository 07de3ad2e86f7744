import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount, formatPercent, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantTables } from '../../unlock-sql.ts';

/** One large table and what is needed to guess how large its heap would be if it were new. */
export interface TableSizeRow {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly can_read: boolean;
  readonly columns: number;
  /** Columns whose width `pg_stats` knows. */
  readonly known_columns: number;
  readonly has_nulls: boolean;
  readonly data_width: number;
  readonly rows: number;
  readonly size_bytes: string;
  readonly fill_factor: number;
  readonly page_bytes: number;
  readonly analyzed_at: string | null;
  readonly rows_changed_since: string;
}

const minWasteBytes = 20 * 1024 * 1024;

export const bloatedTable: HealthCheck<TableSizeRow> = {
  id: 'TAB01',
  group: 'tables',
  basis: 'statistics',
  title: 'Bloated tables (estimate)',
  why: 'Room left by deleted and updated rows is read, cached and backed up like data. Vacuum makes it usable again but seldom gives it back. The size is estimated from column widths: a hint to measure with pgstattuple.',
  requires: { privilege: 'SELECT on the tables: pg_stats shows only what the user may read' },
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  pg_catalog.has_table_privilege(table_class.oid, 'select')
    and not pg_catalog.row_security_active(table_class.oid) as can_read,
  widths.columns,
  widths.known_columns,
  widths.has_nulls,
  widths.data_width,
  table_class.reltuples::float8 as rows,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes,
  coalesce(substring(array_to_string(table_class.reloptions, ' ') from '(?:^| )fillfactor=([0-9]+)')::int4, 100) as fill_factor,
  pg_catalog.current_setting('block_size')::int4 as page_bytes,
  greatest(usage.last_analyze, usage.last_autoanalyze)::text as analyzed_at,
  usage.n_mod_since_analyze as rows_changed_since
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_am as method on method.oid = table_class.relam
left join pg_catalog.pg_stat_all_tables as usage on usage.relid = table_class.oid
cross join lateral (
  select
    count(*)::int4 as columns,
    count(stats.avg_width)::int4 as known_columns,
    coalesce(bool_or(stats.null_frac > 0), false) as has_nulls,
    coalesce(sum((1 - stats.null_frac) * stats.avg_width), 0)::float8 as data_width
  from pg_catalog.pg_attribute as attribute
  left join pg_catalog.pg_stats as stats
    on stats.schemaname = schema.nspname
    and stats.tablename = table_class.relname
    and stats.attname = attribute.attname
    and not stats.inherited
  where attribute.attrelid = table_class.oid
    and attribute.attnum > 0
    and not attribute.attisdropped
) as widths
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'm')
  and method.amname = 'heap'
  and pg_catalog.pg_relation_size(table_class.oid) >= ${minWasteBytes}
  and ${isNotOfExtension('table_class.oid')}
order by size_bytes desc`,
  findings(rows, { facts }) {
    const measurable = rows.filter((row) => row.known_columns === row.columns && row.rows > 0);
    const hidden = rows.filter((row) => !row.can_read && row.known_columns < row.columns);
    const findings = measurable.flatMap((row) => {
      const expectedBytes = newHeapBytes(row);
      const wastedBytes = Number(row.size_bytes) - expectedBytes;
      const share = wastedBytes / Number(row.size_bytes);
      if (share < 0.4 || wastedBytes < minWasteBytes) return [];
      const isStale = Number(row.rows_changed_since) > 0.2 * row.rows;
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: share >= 0.6 && wastedBytes >= 1024 ** 3 ? ('warning' as const) : ('info' as const),
          message: `Table ${row.table_name} is ${formatBytes(row.size_bytes)}; rewritten, its ${formatCount(row.rows)} rows would need about ${formatBytes(expectedBytes)}.`,
          evidence: [
            { label: 'Size', value: formatBytes(row.size_bytes) },
            { label: 'Estimated size when new', value: formatBytes(expectedBytes) },
            { label: 'Estimated waste', value: `${formatBytes(wastedBytes)} (${formatPercent(share)})` },
            { label: 'Last analyzed', value: row.analyzed_at ?? 'never' },
          ],
          fixSql: `vacuum (full, analyze) ${row.table_name};`,
          lock: lockTexts.accessExclusiveRewrite,
          caution:
            'Needs room for a second copy. pg_repack does the same without the long lock; new rows also fill the space by themselves.',
          confidence: isStale ? ('low' as const) : ('medium' as const),
          confidenceReason: isStale
            ? 'Many rows changed since the last analyze: run it first.'
            : 'An estimate from column widths; pgstattuple measures.',
        },
      ];
    });
    if (hidden.length === 0) return findings;
    return cannotTell(
      `${plural(hidden.length, 'large table')} cannot be estimated: ${facts.user} may not read them, so pg_stats hides their column widths.`,
      {
        unlockSql: grantTables(
          hidden.map((row) => row.schema_name),
          facts,
        ),
        findings,
      },
    );
  },
};

/**
 * Size of a freshly written heap: rows with line pointer and header, aligned to 8 bytes, on pages filled to the fill factor.
 * https://www.postgresql.org/docs/current/storage-page-layout.html
 */
export function newHeapBytes(row: TableSizeRow): number {
  const linePointer = 4;
  const pageHeader = 24;
  const nullBitmap = row.has_nulls ? Math.ceil(row.columns / 8) : 0;
  // Alignment between columns is unknown; half of the largest gap per column is the usual guess.
  const padding = row.columns;
  const tupleBytes = linePointer + align8(23 + nullBitmap) + align8(row.data_width + padding);
  const usableBytes = ((row.page_bytes - pageHeader) * row.fill_factor) / 100;
  return Math.ceil(row.rows / Math.max(1, Math.floor(usableBytes / tupleBytes))) * row.page_bytes;
}

function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
