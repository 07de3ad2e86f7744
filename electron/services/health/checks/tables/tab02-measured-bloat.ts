import { fillFactor, isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { unfillableBytes } from './heap-estimate.ts';
import { measuresWithPgstattuple, pgstattupleSchema, withUnmeasured } from './pgstattuple.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly size_bytes: string;
  /** Null where the table was not measured: too much to read for a report. */
  readonly free_bytes: number | null;
  readonly dead_bytes: number | null;
  readonly dead_rows: number | null;
  readonly live_rows: number | null;
  /** With headers, and on most pages with line pointers. */
  readonly live_bytes: number | null;
  readonly page_bytes: number;
  readonly fill_factor: number;
}

type Limit = 'minBytes' | 'minShare' | 'maxReadBytes';

export const measuredBloat: HealthCheck<Row, Limit> = {
  id: 'TAB02',
  group: 'tables',
  basis: 'moment',
  title: 'Bloated tables (measured)',
  why: 'pgstattuple reads the pages that vacuum has not marked as clean, and the free space map for the others. Free room beyond what the fill factor keeps is read and cached like data; new rows may fill it.',
  thresholds: {
    minBytes: { usual: 100 * 1024 ** 2, unit: 'bytes', label: 'Smallest table that is measured' },
    minShare: { usual: 0.3, unit: 'ratio', label: 'Share of dead and free room that is reported' },
    maxReadBytes: { usual: 256 * 1024 ** 2, unit: 'bytes', label: 'Most bytes that the check reads' },
  },
  ...measuresWithPgstattuple,
  // Run on PostgreSQL 13 to 18. What must be read is what the visibility map does not cover. The largest tables come
  // first, as long as together they stay below the limit.
  sql: (facts, { minBytes, maxReadBytes }) => `
with candidate as materialized (
  select
    table_class.oid,
    format('%I.%I', schema.nspname, table_class.relname) as table_name,
    ${relationSize('table_class.oid', 'table_class.relpages')} as size_bytes,
    ${fillFactor('table_class.reloptions', 100)} as fill_factor,
    case when table_class.relpages > 0
      then least(1, greatest(0, 1 - table_class.relallvisible::float8 / table_class.relpages)) else 1 end as share_to_read
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relkind in ('r', 'm')
    and table_class.relam = 2
    and table_class.relpersistence ${facts.inRecovery ? "= 'p'" : "<> 't'"}
    and ${isUserSchema('schema')}
    and greatest(
      table_class.relpages::int8 * pg_catalog.current_setting('block_size')::int4 * 2,
      (pg_catalog.pg_stat_get_live_tuples(table_class.oid) + pg_catalog.pg_stat_get_dead_tuples(table_class.oid)) * 100
    ) >= ${minBytes}
    and ${isNotOfExtension('table_class.oid')}
),
planned as materialized (
  select
    candidate.*,
    sum(candidate.size_bytes * candidate.share_to_read) over (
      order by candidate.size_bytes * candidate.share_to_read > ${maxReadBytes}, candidate.size_bytes desc, candidate.oid
    ) as read_bytes
  from candidate
  where candidate.size_bytes >= ${minBytes}
)
select
  planned.oid::int8 as table_oid,
  planned.table_name,
  planned.size_bytes,
  planned.fill_factor,
  measured.approx_free_space::float8 as free_bytes,
  measured.dead_tuple_len::float8 as dead_bytes,
  measured.dead_tuple_count::float8 as dead_rows,
  measured.approx_tuple_count::float8 as live_rows,
  measured.approx_tuple_len::float8 as live_bytes,
  pg_catalog.current_setting('block_size')::int4 as page_bytes
from planned
left join lateral ${pgstattupleSchema(facts)}.pgstattuple_approx(
  case when planned.read_bytes <= ${maxReadBytes} then planned.oid end
) as measured on true
order by planned.size_bytes desc`,
  findings(rows, { limits }) {
    const findings = rows.flatMap((row) => {
      if (row.free_bytes === null || row.dead_bytes === null) return [];
      const size = Number(row.size_bytes);
      const reserved = (size * (100 - row.fill_factor)) / 100;
      const rows = row.live_rows ?? 0;
      const unfillable = unfillableBytes({
        rows,
        rowBytes: rows > 0 ? (row.live_bytes ?? 0) / rows : 0,
        fillFactor: row.fill_factor,
        pageBytes: row.page_bytes,
        pages: size / row.page_bytes,
      });
      const waste = Math.max(0, row.free_bytes - reserved - unfillable) + row.dead_bytes;
      const share = waste / size;
      if (share <= limits.minShare) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: 'warning' as const,
          message: `${formatPercent(share)} of table ${row.table_name} (${formatBytes(size)}) is dead or free room, as measured by pgstattuple.`,
          measure: waste,
          evidence: [
            { label: 'Size', value: formatBytes(size) },
            { label: 'Free room', value: formatBytes(row.free_bytes) },
            { label: 'Dead rows', value: formatBytes(row.dead_bytes) },
            ...(row.fill_factor < 100 ? [{ label: 'Kept free by the fill factor', value: formatBytes(reserved) }] : []),
            ...(unfillable > size / 100
              ? [{ label: 'At ends of pages, where no row fits', value: formatBytes(unfillable) }]
              : []),
          ],
          fixSql: `vacuum (full, analyze) ${row.table_name};`,
          lock: lockTexts.accessExclusiveRewrite,
          caution:
            'Needs room for a second copy. pg_repack does the same without the long lock; new rows also fill the space by themselves.',
          confidence: 'high' as const,
        },
      ];
    });
    const unmeasured = rows.filter((row) => row.free_bytes === null).map((row) => row.table_name);
    return withUnmeasured(findings, unmeasured, {
      one: 'large table',
      many: 'large tables',
      maxReadBytes: limits.maxReadBytes,
      estimatedBy: 'TAB01',
    });
  },
};
