import { isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly kind: 'server' | 'table' | 'toast';
  readonly table_oid: string | null;
  readonly object_name: string;
  readonly dead_rows: string | null;
  readonly size_bytes: string | null;
}

export const autovacuumOff: HealthCheck<Row> = {
  id: 'TAB04',
  group: 'tables',
  basis: 'statistics',
  title: 'Autovacuum switched off',
  why: 'Autovacuum removes dead rows, keeps planner statistics fresh and prevents transaction id wraparound. Where it is off, bloat grows and plans go wrong, until the emergency vacuum comes at the worst time.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  'server' as kind,
  null::int8 as table_oid,
  setting.name as object_name,
  null::int8 as dead_rows,
  null::int8 as size_bytes
from pg_catalog.pg_settings as setting
where setting.name in ('autovacuum', 'track_counts')
  and setting.setting = 'off'
  and setting.source not in ('client', 'session')
union all
select
  case when table_class.relkind = 't' then 'toast' else 'table' end,
  owner_table.oid::int8,
  format('%I.%I', schema.nspname, owner_table.relname),
  pg_catalog.pg_stat_get_dead_tuples(table_class.oid),
  pg_catalog.pg_relation_size(table_class.oid)
from pg_catalog.pg_class as table_class
join pg_catalog.pg_class as owner_table
  on table_class.relkind <> 't' and owner_table.oid = table_class.oid
  or table_class.relkind = 't' and owner_table.reltoastrelid = table_class.oid
join pg_catalog.pg_namespace as schema on schema.oid = owner_table.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'm', 't')
  and exists (
    select
    from pg_catalog.pg_options_to_table(table_class.reloptions) as option
    where option.option_name = 'autovacuum_enabled'
      and not option.option_value::bool
  )
order by 1, 3`,
  findings(rows) {
    return rows.map((row) => {
      if (row.kind === 'server') {
        return {
          object: row.object_name,
          severity: 'critical' as const,
          message: `${row.object_name} is off: autovacuum does not work on this server.`,
          evidence: [{ label: row.object_name, value: 'off' }],
          fixSql: `alter system set ${row.object_name} = 'on';\nselect pg_catalog.pg_reload_conf();`,
          undoSql: `alter system set ${row.object_name} = 'off';\nselect pg_catalog.pg_reload_conf();`,
          lock: lockTexts.none,
          confidence: 'high' as const,
        };
      }
      const parameter = row.kind === 'toast' ? 'toast.autovacuum_enabled' : 'autovacuum_enabled';
      const part = row.kind === 'toast' ? 'the TOAST table of ' : 'table ';
      return {
        object: row.object_name,
        ...(row.table_oid === null ? {} : { relationOid: Number(row.table_oid) }),
        severity: 'warning' as const,
        message: `Autovacuum is off for ${part}${row.object_name} (${formatCount(row.dead_rows ?? 0)} dead rows, ${formatBytes(row.size_bytes ?? 0)}).`,
        evidence: [
          { label: parameter, value: 'false' },
          { label: 'Dead rows', value: formatCount(row.dead_rows ?? 0) },
        ],
        fixSql: `alter table ${row.object_name} reset (${parameter});`,
        undoSql: `alter table ${row.object_name} set (${parameter} = false);`,
        lock: lockTexts.shareUpdateExclusive,
        confidence: 'high' as const,
      };
    });
  },
};
