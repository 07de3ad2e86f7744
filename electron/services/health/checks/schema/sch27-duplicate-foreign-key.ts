import type { HealthCheck } from '../../health-check.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly first_name: string;
  readonly first_definition: string;
  /** The key does nothing but refuse: NO ACTION on update and delete. */
  readonly first_only_checks: boolean;
  readonly first_is_valid: boolean;
  /** What it does on update and delete, when it checks, and how nulls match: the same text for the same behaviour. */
  readonly first_actions: string;
  readonly first_deferral: string;
  readonly first_match: string;
  readonly second_name: string;
  readonly second_definition: string;
  readonly second_only_checks: boolean;
  readonly second_is_valid: boolean;
  readonly second_actions: string;
  readonly second_deferral: string;
  readonly second_match: string;
}

export const duplicateForeignKey: HealthCheck<Row> = {
  id: 'SCH27',
  group: 'schema',
  basis: 'catalog',
  title: 'Duplicate foreign keys',
  why: 'Two foreign keys over the same columns check every write twice. Where their actions differ, which one acts first is a matter of their names.',
  // Run on PostgreSQL 13 to 18. The pairs of columns are compared as sets: their order means nothing.
  sql: ({ versionNum }) => `
with alike as materialized (
  select
    foreign_key.oid,
    foreign_key.conrelid,
    foreign_key.confrelid,
    foreign_key.conkey,
    foreign_key.confkey,
    count(*) over (partition by foreign_key.conrelid, foreign_key.confrelid) as keys
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
    and foreign_key.conparentid = 0
    ${versionNum >= 180_000 ? 'and foreign_key.conenforced' : ''}
),
paired as materialized (
  select
    foreign_key.oid,
    foreign_key.conrelid,
    foreign_key.confrelid,
    (
      select array_agg(format('%s>%s', pair.own, pair.theirs) order by pair.own, pair.theirs)
      from unnest(foreign_key.conkey, foreign_key.confkey) as pair (own, theirs)
    ) as pairs
  from alike as foreign_key
  where foreign_key.keys > 1
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
  concat_ws(' ', first_key.confupdtype, first_key.confdeltype${versionNum >= 150_000 ? ', first_key.confdelsetcols' : ''}) as first_actions,
  concat_ws(' ', first_key.condeferrable, first_key.condeferred) as first_deferral,
  first_key.confmatchtype::text as first_match,
  quote_ident(second_key.conname) as second_name,
  pg_catalog.pg_get_constraintdef(second_key.oid) as second_definition,
  second_key.confupdtype = 'a' and second_key.confdeltype = 'a' as second_only_checks,
  second_key.convalidated as second_is_valid,
  concat_ws(' ', second_key.confupdtype, second_key.confdeltype${versionNum >= 150_000 ? ', second_key.confdelsetcols' : ''}) as second_actions,
  concat_ws(' ', second_key.condeferrable, second_key.condeferred) as second_deferral,
  second_key.confmatchtype::text as second_match
from keys
join pg_catalog.pg_constraint as second_key on second_key.oid = keys.oid
join pg_catalog.pg_constraint as first_key on first_key.oid = keys.first_oid
join pg_catalog.pg_class as table_class on table_class.oid = second_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where keys.oid <> keys.first_oid
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
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
          ? { caution: differ(row) }
          : {
              fixSql: `alter table ${row.table_name} drop constraint ${extra.name};`,
              undoSql: `alter table ${row.table_name} add constraint ${extra.name} ${extra.definition};`,
              lock: lockTexts.accessExclusiveShort,
              ...(row.first_definition === row.second_definition
                ? {}
                : { caution: 'Their definitions differ; the one that stays acts and checks as both do now.' }),
            }),
      };
    });
  },
};

/** The key that can go without a change of what happens; undefined where both act, and differently. */
function extraOf(row: Row): { readonly name: string; readonly definition: string } | undefined {
  const first = { name: row.first_name, definition: row.first_definition };
  const second = { name: row.second_name, definition: row.second_definition };
  const differences = differencesOf(row);
  if (differences.length === 0) return second;
  if (differences.length > 1) return undefined;
  if (differences[0] === 'validity') return row.first_is_valid ? second : first;
  if (differences[0] !== 'actions') return undefined;
  if (row.second_only_checks) return second;
  return row.first_only_checks ? first : undefined;
}

function differencesOf(row: Row): string[] {
  return [
    ...(row.first_actions === row.second_actions ? [] : ['actions']),
    ...(row.first_is_valid === row.second_is_valid ? [] : ['validity']),
    ...(row.first_deferral === row.second_deferral ? [] : ['deferrability']),
    ...(row.first_match === row.second_match ? [] : ['MATCH']),
  ];
}

/** What keeps a reader from dropping either: `Their validity and deferrability differ: …`. */
function differ(row: Row): string {
  const differences = differencesOf(row);
  const verb = differences.length === 1 && differences[0] !== 'actions' ? 'differs' : 'differ';
  return `Their ${differences.join(' and ')} ${verb}: decide which one is meant before one goes.`;
}
