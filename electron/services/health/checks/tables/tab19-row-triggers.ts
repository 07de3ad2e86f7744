import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly triggers: readonly string[];
  readonly writes: number;
}

export const rowTriggers: HealthCheck<Row, 'minWrites'> = {
  id: 'TAB19',
  group: 'tables',
  basis: 'statistics',
  title: 'Triggers that run for each row of busy tables',
  why: 'A trigger for each row costs a function call per written row. Where it only gathers or logs, a trigger for each statement with transition tables does the same work once.',
  // An opinion: triggers for each row are the right tool for much of what they do.
  onlyWhenAsked: true,
  thresholds: {
    minWrites: { usual: 1_000_000, unit: 'rows', label: 'Rows written since statistics began' },
  },
  requires: { role: 'primary' },
  // Run on PostgreSQL 13 to 18. Bit 0 of tgtype says "for each row"; only those that run after can be changed.
  sql: (_facts, { minWrites }) => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  array_agg(quote_ident(trigger.tgname) order by trigger.tgname) as triggers,
  written.rows::float8 as writes
from pg_catalog.pg_trigger as trigger
join pg_catalog.pg_class as table_class on table_class.oid = trigger.tgrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
cross join lateral (
  select
    pg_catalog.pg_stat_get_tuples_inserted(table_class.oid)
      + pg_catalog.pg_stat_get_tuples_updated(table_class.oid)
      + pg_catalog.pg_stat_get_tuples_deleted(table_class.oid) as rows
) as written
where ${isUserSchema('schema')}
  and not trigger.tgisinternal
  and trigger.tgenabled <> 'D'
  and trigger.tgtype::int4 & 1 = 1
  and trigger.tgtype::int4 & 66 = 0
  and trigger.tgqual is null
  and trigger.tgconstraint = 0
  and written.rows >= ${minWrites}
  and ${isNotOfExtension('table_class.oid')}
group by table_class.oid, schema.nspname, table_class.relname, written.rows
order by written.rows desc`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `${plural(row.triggers.length, 'trigger')} of ${row.table_name} ran for each of ${formatCount(row.writes)} written rows: ${row.triggers.join(', ')}.`,
      measure: row.writes,
      evidence: [
        { label: 'Rows written', value: formatCount(row.writes) },
        { label: 'Triggers', value: row.triggers.join(', ') },
      ],
      confidence: 'low' as const,
      confidenceReason: 'Only what the function does tells whether once per statement is enough.',
    }));
  },
};
