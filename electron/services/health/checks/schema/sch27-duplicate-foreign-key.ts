import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly kept_name: string;
  readonly kept_definition: string;
  readonly extra_name: string;
  readonly extra_definition: string;
}

export const duplicateForeignKey: HealthCheck<Row> = {
  id: 'SCH27',
  group: 'schema',
  basis: 'catalog',
  title: 'Duplicate foreign keys',
  why: 'Two foreign keys over the same columns check every write twice. Where their actions differ, which one acts first is a matter of their names.',
  // Run on PostgreSQL 13 to 18. The pairs of columns are compared as sets: their order means nothing.
  sql: () => `
with paired as (
  select
    foreign_key.oid,
    foreign_key.conname,
    foreign_key.conrelid,
    foreign_key.confrelid,
    array(
      select format('%s>%s', pair.own, pair.theirs)
      from unnest(foreign_key.conkey, foreign_key.confkey) as pair (own, theirs)
      order by 1
    ) as pairs
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
    and foreign_key.conparentid = 0
),
keys as (
  select
    paired.*,
    first_value(paired.oid) over same_columns as first_oid,
    first_value(paired.conname) over same_columns as first_name
  from paired
  window same_columns as (
    partition by paired.conrelid, paired.confrelid, paired.pairs
    order by paired.oid
  )
)
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(extra.first_name) as kept_name,
  pg_catalog.pg_get_constraintdef(extra.first_oid) as kept_definition,
  quote_ident(extra.conname) as extra_name,
  pg_catalog.pg_get_constraintdef(extra.oid) as extra_definition
from keys as extra
join pg_catalog.pg_class as table_class on table_class.oid = extra.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where extra.oid <> extra.first_oid
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_name, extra_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Foreign keys ${row.kept_name} and ${row.extra_name} of ${row.table_name} join the same columns.`,
      evidence: [
        { label: row.kept_name, value: row.kept_definition },
        { label: row.extra_name, value: row.extra_definition },
      ],
      fixSql: `alter table ${row.table_name} drop constraint ${row.extra_name};`,
      undoSql: `alter table ${row.table_name} add constraint ${row.extra_name} ${row.extra_definition};`,
      lock: lockTexts.accessExclusiveShort,
      ...(row.kept_definition === row.extra_definition
        ? {}
        : { caution: 'Their definitions differ: decide which action is meant before one goes.' }),
      confidence: 'high' as const,
    }));
  },
};
