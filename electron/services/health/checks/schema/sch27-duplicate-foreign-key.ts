import type { HealthCheck } from '../../health-check.ts';
import { isUserSchema } from '../../catalog-sql.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly first_name: string;
  readonly first_definition: string;
  /** The key does nothing but refuse: NO ACTION on update and delete. */
  readonly first_only_checks: boolean;
  readonly first_is_valid: boolean;
  readonly second_name: string;
  readonly second_definition: string;
  readonly second_only_checks: boolean;
  readonly second_is_valid: boolean;
}

export const duplicateForeignKey: HealthCheck<Row> = {
  id: 'SCH27',
  group: 'schema',
  basis: 'catalog',
  title: 'Duplicate foreign keys',
  why: 'Two foreign keys over the same columns check every write twice. Where their actions differ, which one acts first is a matter of their names.',
  // Run on PostgreSQL 13 to 18. The pairs of columns are compared as sets: their order means nothing.
  sql: ({ versionNum }) => `
with paired as materialized (
  select
    foreign_key.oid,
    foreign_key.conrelid,
    foreign_key.confrelid,
    (
      select array_agg(format('%s>%s', pair.own, pair.theirs) order by pair.own, pair.theirs)
      from unnest(foreign_key.conkey, foreign_key.confkey) as pair (own, theirs)
    ) as pairs
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
    and foreign_key.conparentid = 0
    ${versionNum >= 180_000 ? 'and foreign_key.conenforced' : ''}
),
keys as materialized (
  select
    paired.oid,
    first_value(paired.oid) over (
      partition by paired.conrelid, paired.confrelid, paired.pairs
      order by paired.oid
    ) as first_oid
  from paired
)
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(first_key.conname) as first_name,
  pg_catalog.pg_get_constraintdef(first_key.oid) as first_definition,
  first_key.confupdtype = 'a' and first_key.confdeltype = 'a' as first_only_checks,
  first_key.convalidated as first_is_valid,
  quote_ident(second_key.conname) as second_name,
  pg_catalog.pg_get_constraintdef(second_key.oid) as second_definition,
  second_key.confupdtype = 'a' and second_key.confdeltype = 'a' as second_only_checks,
  second_key.convalidated as second_is_valid
from keys
join pg_catalog.pg_constraint as second_key on second_key.oid = keys.oid
join pg_catalog.pg_constraint as first_key on first_key.oid = keys.first_oid
join pg_catalog.pg_class as table_class on table_class.oid = second_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where keys.oid <> keys.first_oid
  and ${isUserSchema('schema')}
  and table_class.oid not in (
    select membership.objid
    from pg_catalog.pg_depend as membership
    where membership.classid = 'pg_catalog.pg_class'::regclass
      and membership.deptype = 'e'
  )
order by table_name, second_name`,
  findings(rows) {
    return rows.map((row) => {
      const extra = extraOf(row);
      return {
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'warning' as const,
        message: `Foreign keys ${row.first_name} and ${row.second_name} of ${row.table_name} join the same columns.`,
        evidence: [
          { label: row.first_name, value: row.first_definition },
          { label: row.second_name, value: row.second_definition },
        ],
        ...(extra === undefined
          ? { caution: 'Their actions differ: decide which one is meant before one goes.' }
          : {
              fixSql: `alter table ${row.table_name} drop constraint ${extra.name};`,
              undoSql: `alter table ${row.table_name} add constraint ${extra.name} ${extra.definition};`,
              lock: lockTexts.accessExclusiveShort,
              ...(row.first_definition === row.second_definition
                ? {}
                : { caution: `Their definitions differ; the one that stays acts and checks as both do now.` }),
            }),
      };
    });
  },
};

/** The key that can go without a change of what happens; undefined where both act, and differently. */
function extraOf(row: Row): { readonly name: string; readonly definition: string } | undefined {
  const first = { name: row.first_name, definition: row.first_definition };
  const second = { name: row.second_name, definition: row.second_definition };
  if (row.first_definition === row.second_definition) return second;
  if (row.first_is_valid !== row.second_is_valid || /DEFERRABLE|MATCH/.test(`${first.definition} ${second.definition}`))
    return undefined;
  if (row.second_only_checks) return second;
  return row.first_only_checks ? first : undefined;
}
