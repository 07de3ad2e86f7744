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
  basis: 'catalog',
  title: 'Disabled triggers',
  why: 'A disabled trigger does nothing, silently. Where it belongs to a foreign key, rows that break the key can be written. It is often left over from a bulk load.',
  // Run on PostgreSQL 13 to 18. The trigger of a partition is listed where its parent's is enabled: else it follows it.
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
  and not exists (
    select
    from pg_catalog.pg_trigger as parent
    where parent.oid = trigger.tgparentid
      and parent.tgenabled = 'D'
  )
  and ${isNotOfExtension('table_class.oid')}
order by table_name, trigger_name`,
  findings(rows) {
    return [...Map.groupBy(rows, (row) => row.table_oid).values()].flatMap((triggers) => {
      const [first] = triggers;
      if (first === undefined) return [];
      const isOfKey = (row: Row): boolean => row.is_internal && row.constraint_type === 'f';
      const keys = [...new Set(triggers.filter(isOfKey).map((row) => row.constraint_name ?? row.trigger_name))];
      const others = triggers.filter((row) => !isOfKey(row)).map((row) => row.trigger_name);
      const sentences = [
        keys.length === 0
          ? undefined
          : `${keys.length === 1 ? `Foreign key ${keys.join()} is` : `Foreign keys ${keys.join(', ')} are`} not enforced on ${first.table_name}: ${keys.length === 1 ? 'its' : 'their'} triggers are disabled.`,
        others.length === 0
          ? undefined
          : others.length === 1
            ? `Trigger ${others.join()} of ${first.table_name} is disabled.`
            : `Triggers ${others.join(', ')} of ${first.table_name} are disabled.`,
      ].filter((sentence) => sentence !== undefined);
      const each = (action: string): string =>
        triggers.map((row) => `alter table ${row.table_name} ${action} trigger ${row.trigger_name};`).join('\n');
      return [
        {
          object: first.table_name,
          relationOid: Number(first.table_oid),
          severity: 'warning' as const,
          message: sentences.join(' '),
          measure: triggers.length,
          evidence: triggers.map((row) => ({
            label: 'Trigger',
            value:
              row.constraint_name === null
                ? row.trigger_name
                : `${row.trigger_name} (constraint ${row.constraint_name})`,
          })),
          fixSql: each('enable'),
          undoSql: each('disable'),
          lock: lockTexts.shareRowExclusive,
          caution:
            keys.length > 0
              ? 'Needs a superuser. Rows written meanwhile are not checked: look for rows that break the key before trusting it.'
              : 'Work that it missed while disabled is not made up for.',
        },
      ];
    });
  },
};
