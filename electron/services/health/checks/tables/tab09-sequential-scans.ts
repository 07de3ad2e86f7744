import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly sequential_scans: string;
  readonly index_scans: string;
  readonly rows_per_scan: number;
  readonly live_rows: string;
  readonly size_bytes: string;
  readonly has_indexes: boolean;
}

export const sequentialScans: HealthCheck<Row> = {
  id: 'TAB09',
  group: 'tables',
  basis: 'statistics',
  title: 'Tables read mostly by full scans',
  why: 'A large table that is scanned from end to end again and again often lacks an index for a common condition. Reports and backups scan on purpose, so look at the queries first.',
  // Run on PostgreSQL 13 to 18. A table without any index has a null idx_scan: it is the likeliest of all.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  usage.seq_scan as sequential_scans,
  coalesce(usage.idx_scan, 0) as index_scans,
  usage.seq_tup_read::float8 / usage.seq_scan as rows_per_scan,
  usage.n_live_tup as live_rows,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes,
  table_class.relhasindex as has_indexes
from pg_catalog.pg_stat_all_tables as usage
join pg_catalog.pg_class as table_class on table_class.oid = usage.relid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'm')
  and usage.n_live_tup >= 10000
  and usage.seq_scan >= 100
  and usage.seq_scan >= 10 * coalesce(usage.idx_scan, 0)
  and usage.seq_tup_read >= 1000 * usage.seq_scan
  and ${isNotOfExtension('table_class.oid')}
order by usage.seq_tup_read desc`,
  findings(rows, { facts }) {
    return rows.map((row) => {
      const isHeavy = Number(row.live_rows) >= 50_000 && Number(row.sequential_scans) >= 50 * Number(row.index_scans);
      return {
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: isHeavy ? ('warning' as const) : ('info' as const),
        message: `Table ${row.table_name} (${formatCount(row.live_rows)} rows) was read by ${formatCount(row.sequential_scans)} full scans and ${formatCount(row.index_scans)} index scans.`,
        evidence: [
          { label: 'Full scans', value: formatCount(row.sequential_scans) },
          { label: 'Index scans', value: row.has_indexes ? formatCount(row.index_scans) : 'the table has no index' },
          { label: 'Rows read per full scan', value: formatCount(row.rows_per_scan) },
          { label: 'Size', value: formatBytes(row.size_bytes) },
          { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
        ],
        confidence: 'low' as const,
        confidenceReason: 'Counts do not say which queries scan, or whether an index could serve them.',
      };
    });
  },
};
