import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount, formatPercent, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantTables } from '../../unlock-sql.ts';

/** One large btree index and what is needed to guess how large it would be if it were new. */
export interface IndexSizeRow {
  readonly index_oid: string;
  readonly schema_name: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly can_read: boolean;
  readonly key_columns: number;
  /** Key columns whose width `pg_stats` knows. */
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

const minSizeBytes = 10 * 1024 * 1024;

export const bloatedIndex: HealthCheck<IndexSizeRow> = {
  id: 'IDX08',
  group: 'indexes',
  basis: 'catalog',
  title: 'Bloated indexes (estimate)',
  why: 'Deleted and moved rows leave half-empty pages that are read and cached like full ones. The size is estimated from column widths, so it is a hint to measure with pgstattuple, and not a measurement.',
  requires: { privilege: 'SELECT on the tables: pg_stats shows only what the user may read' },
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  index_class.oid::int8 as index_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  pg_catalog.has_table_privilege(table_class.oid, 'select')
    and not pg_catalog.row_security_active(table_class.oid) as can_read,
  ind.indnatts::int4 as key_columns,
  widths.known_columns,
  widths.has_nulls,
  widths.data_width,
  index_class.reltuples::float8 as rows,
  pg_catalog.pg_relation_size(index_class.oid) as size_bytes,
  coalesce(substring(array_to_string(index_class.reloptions, ' ') from 'fillfactor=([0-9]+)')::int4, 90) as fill_factor,
  pg_catalog.current_setting('block_size')::int4 as page_bytes,
  greatest(usage.last_analyze, usage.last_autoanalyze)::text as analyzed_at,
  usage.n_mod_since_analyze as rows_changed_since
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_am as method on method.oid = index_class.relam
left join pg_catalog.pg_stat_all_tables as usage on usage.relid = table_class.oid
cross join lateral (
  select
    count(stats.avg_width)::int4 as known_columns,
    coalesce(bool_or(stats.null_frac > 0), false) as has_nulls,
    coalesce(sum((1 - stats.null_frac) * stats.avg_width), 0)::float8 as data_width
  from unnest(ind.indkey::int2[]) with ordinality as key (attnum, position)
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = case when key.attnum = 0 then ind.indexrelid else ind.indrelid end
    and attribute.attnum = case when key.attnum = 0 then key.position else key.attnum end
  left join pg_catalog.pg_stats as stats
    on stats.schemaname = schema.nspname
    and stats.tablename = case when key.attnum = 0 then index_class.relname else table_class.relname end
    and stats.attname = attribute.attname
    and not stats.inherited
) as widths
where ${isUserSchema('schema')}
  and index_class.relkind = 'i'
  and ind.indisvalid
  and method.amname = 'btree'
  and pg_catalog.pg_relation_size(index_class.oid) >= ${minSizeBytes}
  and ${isNotOfExtension('table_class.oid')}
order by size_bytes desc`,
  findings(rows, { facts }) {
    const measurable = rows.filter((row) => row.known_columns === row.key_columns && row.rows > 0);
    const hidden = rows.filter((row) => !row.can_read && row.known_columns < row.key_columns);
    const findings = measurable.flatMap((row) => {
      const expectedBytes = newIndexBytes(row);
      const wastedBytes = Number(row.size_bytes) - expectedBytes;
      const share = wastedBytes / Number(row.size_bytes);
      if (share < 0.4 || wastedBytes < minSizeBytes) return [];
      const isStale = Number(row.rows_changed_since) > 0.2 * row.rows;
      return [
        {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity: share >= 0.6 && wastedBytes >= 1024 ** 3 ? ('warning' as const) : ('info' as const),
          message: `Index ${row.index_name} is ${formatBytes(row.size_bytes)}; built anew, its ${formatCount(row.rows)} entries would need about ${formatBytes(expectedBytes)}.`,
          evidence: [
            { label: 'Table', value: row.table_name },
            { label: 'Size', value: formatBytes(row.size_bytes) },
            { label: 'Estimated size when new', value: formatBytes(expectedBytes) },
            { label: 'Estimated waste', value: `${formatBytes(wastedBytes)} (${formatPercent(share)})` },
            { label: 'Last analyzed', value: row.analyzed_at ?? 'never' },
          ],
          fixSql: `reindex index concurrently ${row.index_name};`,
          lock: lockTexts.shareUpdateExclusive,
          caution: 'Needs room for a second copy while it runs.',
          confidence: isStale ? ('low' as const) : ('medium' as const),
          confidenceReason: isStale
            ? 'Many rows changed since the last analyze: run it first.'
            : 'An estimate from column widths; pgstattuple measures.',
        },
      ];
    });
    if (hidden.length === 0) return findings;
    return cannotTell(
      `${plural(hidden.length, 'large index', 'large indexes')} cannot be estimated: ${facts.user} may not read the tables, so pg_stats hides their column widths.`,
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
 * Size of a freshly built btree: entries with their line pointers, aligned to 8 bytes, on leaf pages filled to the fill
 * factor. https://www.postgresql.org/docs/current/btree.html#BTREE-STRUCTURE
 */
export function newIndexBytes(row: IndexSizeRow): number {
  const linePointer = 4;
  const pageHeader = 24;
  const specialSpace = 16;
  const tupleHeader = row.has_nulls ? 16 : 8;
  const tupleBytes = linePointer + tupleHeader + align8(row.data_width);
  const usableBytes = ((row.page_bytes - pageHeader - specialSpace) * row.fill_factor) / 100;
  const leafPages = Math.ceil(row.rows / Math.max(1, Math.floor(usableBytes / tupleBytes)));
  return (leafPages * 1.01 + 1) * row.page_bytes;
}

function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
