import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { analyzeThreshold } from './autovacuum-thresholds.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly changed_rows: string;
  readonly live_rows: string;
  readonly threshold: number;
  readonly analyzed_at: string;
}

export const staleStatistics: HealthCheck<Row> = {
  id: 'TAB07',
  group: 'tables',
  basis: 'statistics',
  title: 'Stale planner statistics',
  why: 'The planner estimates with the statistics of the last analyze. Far more changes than autovacuum tolerates mean that it is off or behind, and that estimates may be wrong by orders of magnitude.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  usage.n_mod_since_analyze as changed_rows,
  usage.n_live_tup as live_rows,
  ${analyzeThreshold} as threshold,
  greatest(usage.last_analyze, usage.last_autoanalyze)::text as analyzed_at
from pg_catalog.pg_stat_all_tables as usage
join pg_catalog.pg_class as table_class on table_class.oid = usage.relid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'm')
  and greatest(usage.last_analyze, usage.last_autoanalyze) is not null
  and usage.n_mod_since_analyze >= 1000
  and usage.n_mod_since_analyze > 2 * ${analyzeThreshold}
  and ${isNotOfExtension('table_class.oid')}
order by usage.n_mod_since_analyze desc`,
  findings(rows) {
    return rows.map((row) => {
      const share = Number(row.changed_rows) / Math.max(1, Number(row.live_rows));
      return {
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: share >= 0.5 || Number(row.changed_rows) >= 500_000 ? ('warning' as const) : ('info' as const),
        message: `${formatCount(row.changed_rows)} rows of ${row.table_name} changed since its last analyze (${formatPercent(share)} of ${formatCount(row.live_rows)}).`,
        evidence: [
          { label: 'Rows changed', value: formatCount(row.changed_rows) },
          { label: 'Live rows', value: formatCount(row.live_rows) },
          { label: 'Autoanalyze starts at', value: formatCount(row.threshold) },
          { label: 'Last analyze', value: row.analyzed_at },
        ],
        fixSql: `analyze ${row.table_name};`,
        lock: lockTexts.shareUpdateExclusive,
        confidence: 'high' as const,
      };
    });
  },
};
