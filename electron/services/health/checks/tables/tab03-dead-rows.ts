import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { vacuumThreshold } from './autovacuum-thresholds.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly dead_rows: string;
  readonly live_rows: string;
  readonly threshold: number;
  readonly size_bytes: string;
  readonly vacuumed_at: string | null;
}

export const deadRows: HealthCheck<Row> = {
  id: 'TAB03',
  group: 'tables',
  basis: 'statistics',
  title: 'Dead rows waiting for vacuum',
  why: 'Every update and delete leaves a dead row that scans must step over until vacuum removes it. More of them than autovacuum allows means that it is off, behind, or held back by an old transaction.',
  // Run on PostgreSQL 13 to 18.
  sql: ({ versionNum }) => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  usage.n_dead_tup as dead_rows,
  usage.n_live_tup as live_rows,
  ${vacuumThreshold(versionNum)} as threshold,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes,
  greatest(usage.last_vacuum, usage.last_autovacuum)::text as vacuumed_at
from pg_catalog.pg_stat_all_tables as usage
join pg_catalog.pg_class as table_class on table_class.oid = usage.relid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'm')
  and usage.n_dead_tup >= 1000
  and usage.n_dead_tup > ${vacuumThreshold(versionNum)}
  and ${isNotOfExtension('table_class.oid')}
order by usage.n_dead_tup desc`,
  findings(rows) {
    return rows.map((row) => {
      const share = Number(row.dead_rows) / Math.max(1, Number(row.dead_rows) + Number(row.live_rows));
      const isHuge = Number(row.size_bytes) >= 10 * 1024 ** 3;
      return {
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: share < 0.2 ? ('info' as const) : isHuge ? ('critical' as const) : ('warning' as const),
        message: `Table ${row.table_name} has ${formatCount(row.dead_rows)} dead rows (${formatPercent(share)}), more than the ${formatCount(row.threshold)} at which autovacuum starts.`,
        evidence: [
          { label: 'Dead rows', value: formatCount(row.dead_rows) },
          { label: 'Live rows', value: formatCount(row.live_rows) },
          { label: 'Autovacuum starts at', value: formatCount(row.threshold) },
          { label: 'Size', value: formatBytes(row.size_bytes) },
          { label: 'Last vacuum', value: row.vacuumed_at ?? 'none on record' },
        ],
        fixSql: `vacuum (analyze) ${row.table_name};`,
        lock: lockTexts.shareUpdateExclusive,
        caution: 'Rows that an open transaction may still see stay; look for old transactions first (XID05, TXN01).',
        confidence: 'medium' as const,
        confidenceReason: 'Counts of the statistics system, not of the rows.',
      };
    });
  },
};
