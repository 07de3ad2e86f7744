import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly trigger_name: string;
  readonly is_internal: boolean;
  readonly constraint_name: string | null;
  readonly constraint_type: string | null;
}

export const disabledTrigger: HealthCheck<Row> = {
  id: 'TAB18',
  group: 'tables',
  basis: 'statistics',
  title: 'Disabled triggers',
  why: 'A disabled trigger does nothing, silently. Where it belongs to a foreign key, rows that break the key can be written. It is often left over from a bulk load.',
  // Run on PostgreSQL 13 to 18. The trigger of a partition follows its parent's and is not listed again.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(trigger.tgname) as trigger_name,
  trigger.tgisinternal as is_internal,
  quote_ident(own_constraint.conname) as constraint_name,
  own_constraint.contype::text as constraint_type
from pg_catalog.pg_trigger as trigger
join pg_catalog.pg_class as table_class on table_class.oid = trigger.tgrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join pg_catalog.pg_constraint as own_constraint on own_constraint.oid = trigger.tgconstraint
where ${isUserSchema('schema')}
  and trigger.tgenabled = 'D'
  and trigger.tgparentid = 0
  and ${isNotOfExtension('table_class.oid')}
order by table_name, trigger_name`,
  findings(rows) {
    return rows.map((row) => {
      const isForeignKey = row.is_internal && row.constraint_type === 'f';
      return {
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'warning' as const,
        message: isForeignKey
          ? `Foreign key ${row.constraint_name ?? ''} is not enforced on ${row.table_name}: its trigger is disabled.`
          : `Trigger ${row.trigger_name} of ${row.table_name} is disabled.`,
        evidence: [
          { label: 'Trigger', value: row.trigger_name },
          ...(row.constraint_name === null ? [] : [{ label: 'Constraint', value: row.constraint_name }]),
        ],
        fixSql: `alter table ${row.table_name} enable trigger ${row.trigger_name};`,
        undoSql: `alter table ${row.table_name} disable trigger ${row.trigger_name};`,
        lock: lockTexts.shareRowExclusive,
        caution: isForeignKey
          ? 'Needs a superuser. Rows written meanwhile are not checked: validate them before trusting the key.'
          : 'Work that it missed while disabled is not made up for.',
        confidence: 'high' as const,
      };
    });
  },
};
