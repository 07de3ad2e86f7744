import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly maintained_at: string;
  readonly age_ms: number;
  readonly changed_rows: string;
  readonly dead_rows: string;
  readonly live_rows: string;
}

export const notVacuumedForLong: HealthCheck<Row> = {
  id: 'TAB05',
  group: 'tables',
  basis: 'statistics',
  title: 'Changed tables without vacuum or analyze for weeks',
  why: 'A table that changes and is neither vacuumed nor analyzed drifts away from what the planner believes about it. A quiet table needs neither and is not listed.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  maintenance.latest::text as maintained_at,
  extract(epoch from clock_timestamp() - maintenance.latest)::float8 * 1000 as age_ms,
  usage.n_mod_since_analyze as changed_rows,
  usage.n_dead_tup as dead_rows,
  usage.n_live_tup as live_rows
from pg_catalog.pg_stat_all_tables as usage
join pg_catalog.pg_class as table_class on table_class.oid = usage.relid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
cross join lateral (
  select greatest(usage.last_vacuum, usage.last_autovacuum, usage.last_analyze, usage.last_autoanalyze) as latest
) as maintenance
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'm')
  and maintenance.latest < clock_timestamp() - interval '25 days'
  and usage.n_live_tup >= 1000
  and greatest(usage.n_mod_since_analyze, usage.n_dead_tup) >= greatest(1000, 0.01 * usage.n_live_tup)
  and ${isNotOfExtension('table_class.oid')}
order by maintenance.latest`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Table ${row.table_name} was last vacuumed or analyzed ${formatDuration(row.age_ms)} ago; ${formatCount(row.changed_rows)} rows changed since.`,
      evidence: [
        { label: 'Last vacuum or analyze', value: row.maintained_at },
        { label: 'Rows changed since analyze', value: formatCount(row.changed_rows) },
        { label: 'Dead rows', value: formatCount(row.dead_rows) },
        { label: 'Live rows', value: formatCount(row.live_rows) },
      ],
      fixSql: `vacuum (analyze) ${row.table_name};`,
      lock: lockTexts.shareUpdateExclusive,
      confidence: 'high' as const,
    }));
  },
};
