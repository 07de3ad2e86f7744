import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly changed_rows: string;
  readonly live_rows: string;
  readonly size_bytes: string;
  readonly can_read: boolean;
  readonly has_statistics: boolean;
}

export const neverAnalyzed: HealthCheck<Row> = {
  id: 'TAB06',
  group: 'tables',
  basis: 'statistics',
  title: 'Tables that were never analyzed',
  why: 'Without statistics the planner guesses how many rows a condition keeps, and picks joins and scans by that guess. It is typical after a restore, and for partitioned parents and foreign tables.',
  // Run on PostgreSQL 13 to 18. A crash forgets when a table was analyzed, but not its statistics: those count.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  usage.n_mod_since_analyze as changed_rows,
  usage.n_live_tup as live_rows,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes,
  pg_catalog.has_table_privilege(table_class.oid, 'select')
    and not pg_catalog.row_security_active(table_class.oid) as can_read,
  exists (
    select
    from pg_catalog.pg_stats as stats
    where stats.schemaname = schema.nspname
      and stats.tablename = table_class.relname
  ) as has_statistics
from pg_catalog.pg_stat_all_tables as usage
join pg_catalog.pg_class as table_class on table_class.oid = usage.relid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'm')
  and usage.last_analyze is null
  and usage.last_autoanalyze is null
  and usage.n_mod_since_analyze > 1000
  and ${isNotOfExtension('table_class.oid')}
order by usage.n_mod_since_analyze desc`,
  findings(rows) {
    return rows
      .filter((row) => !row.has_statistics)
      .map((row) => ({
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'warning' as const,
        message: `Table ${row.table_name} has never been analyzed; ${formatCount(row.changed_rows)} rows were written (${formatBytes(row.size_bytes)}).`,
        evidence: [
          { label: 'Rows written', value: formatCount(row.changed_rows) },
          { label: 'Live rows', value: formatCount(row.live_rows) },
          { label: 'Last analyze', value: 'none on record' },
        ],
        fixSql: `analyze ${row.table_name};`,
        lock: lockTexts.shareUpdateExclusive,
        ...(row.can_read
          ? { confidence: 'high' as const }
          : {
              confidence: 'medium' as const,
              confidenceReason:
                'pg_stats hides this table, so older statistics may exist that a crash took off the record.',
            }),
      }));
  },
};
