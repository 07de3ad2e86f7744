import type { HealthFinding } from '#contract/health-model.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { nameList, tellOnce } from './fold-by-schema.ts';
import { isOfMigrationTool } from './relations.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly bare_name: string;
  readonly is_partitioned: boolean;
  readonly rows: number;
  /** A unique index over columns that are never null, which could become the key. */
  readonly candidate: string | null;
  readonly candidate_definition: string | null;
  readonly candidate_constraint: string | null;
  readonly is_replica_identity: boolean | null;
  readonly is_clustered: boolean | null;
  /** A foreign key of another table rests on the index. */
  readonly is_referenced: boolean | null;
  /** Gives the index its comment back. */
  readonly candidate_comment: string | null;
  /** The table at the top of its inheritance, which is itself where it inherits from none. */
  readonly family_oid: string;
  readonly family_name: string;
  readonly family_schema: string;
}

export const noPrimaryKey: HealthCheck<Row> = {
  id: 'SCH01',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables without a primary key',
  why: 'Without a key a single row cannot be named: duplicates cannot be told apart, tools cannot edit rows, and logical replication cannot update or delete them.',
  // Run on PostgreSQL 13 to 18. Partitions belong to their parent, and a partitioned table whose partitions all have a
  // key of their own is not without one. Inheritance leaves keys behind: all heirs are told with the table at the top.
  sql: ({ versionNum }) => `
with recursive keyed as materialized (
  select primary_key.conrelid as oid
  from pg_catalog.pg_constraint as primary_key
  where primary_key.contype = 'p'
),
keyless as materialized (
  select
    table_class.oid,
    table_class.relname,
    table_class.relkind,
    table_class.reltuples,
    schema.nspname
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where ${isUserSchema('schema')}
    and table_class.relkind in ('r', 'p')
    and not table_class.relispartition
    and table_class.oid not in (select keyed.oid from keyed)
    and ${isNotOfExtension('table_class.oid')}
),
-- ADD PRIMARY KEY USING INDEX takes only an index in the usual order of its columns, by the usual operators.
candidate as materialized (
  select distinct on (ind.indrelid)
    ind.indrelid,
    ind.indexrelid,
    ind.indisreplident,
    ind.indisclustered,
    own_constraint.conname
  from pg_catalog.pg_index as ind
  left join pg_catalog.pg_constraint as own_constraint
    on own_constraint.conindid = ind.indexrelid
    and own_constraint.conrelid = ind.indrelid
    and own_constraint.contype = 'u'
  where ind.indrelid in (select keyless.oid from keyless)
    and ind.indisunique
    and ind.indisvalid
    and ind.indimmediate
    and ind.indpred is null
    and ind.indexprs is null
    ${versionNum >= 150_000 ? 'and not ind.indnullsnotdistinct' : ''}
    and not exists (
      select
      from unnest(ind.indkey::int2[], ind.indoption::int2[], ind.indcollation::oid[], ind.indclass::oid[]) with ordinality
        as key (attnum, option, collation_oid, opclass_oid, position)
      join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = ind.indrelid
        and attribute.attnum = key.attnum
      left join pg_catalog.pg_opclass as opclass on opclass.oid = key.opclass_oid
      where key.position <= ind.indnkeyatts
        and (not attribute.attnotnull or key.option <> 0 or key.collation_oid <> attribute.attcollation or not opclass.opcdefault)
    )
    ${
      versionNum >= 180_000
        ? `and not exists (
      select
      from pg_catalog.pg_constraint as not_null
      where not_null.conrelid = ind.indrelid
        and not_null.contype = 'n'
        and not not_null.convalidated
        and not_null.conkey[1] = any (ind.indkey::int2[])
    )`
        : ''
    }
  order by ind.indrelid, (own_constraint.oid is not null), ind.indnkeyatts, ind.indexrelid
),
ancestor as (
  select
    inheritance.inhrelid as oid,
    inheritance.inhparent as above
  from pg_catalog.pg_inherits as inheritance
  where inheritance.inhrelid in (select keyless.oid from keyless)
  union
  select
    ancestor.oid,
    inheritance.inhparent
  from ancestor
  join pg_catalog.pg_inherits as inheritance on inheritance.inhrelid = ancestor.above
),
top as (
  select
    ancestor.oid,
    min(ancestor.above::int8)::oid as family_oid
  from ancestor
  where ancestor.above not in (select inheritance.inhrelid from pg_catalog.pg_inherits as inheritance)
  group by ancestor.oid
),
-- The leaves below each partitioned table, and whether all of them have a key.
leaf as (
  select
    keyless.oid as root,
    bool_and(tree.relid in (select keyed.oid from keyed)) as all_keyed
  from keyless
  cross join lateral pg_catalog.pg_partition_tree(keyless.oid) as tree
  where keyless.relkind = 'p'
    and tree.isleaf
    and tree.relid <> keyless.oid
  group by keyless.oid
)
select
  keyless.oid::int8 as table_oid,
  format('%I.%I', keyless.nspname, keyless.relname) as table_name,
  keyless.relname::text as bare_name,
  keyless.relkind = 'p' as is_partitioned,
  greatest(keyless.reltuples, 0)::float8 as rows,
  quote_ident(index_class.relname) as candidate,
  pg_catalog.pg_get_indexdef(candidate.indexrelid) as candidate_definition,
  quote_ident(candidate.conname) as candidate_constraint,
  candidate.indisreplident as is_replica_identity,
  candidate.indisclustered as is_clustered,
  candidate.indexrelid in (
    select foreign_key.conindid
    from pg_catalog.pg_constraint as foreign_key
    where foreign_key.contype = 'f'
  ) as is_referenced,
  (
    select format('comment on index %I.%I is %L;', keyless.nspname, index_class.relname, comment.description)
    from pg_catalog.pg_description as comment
    where comment.objoid = candidate.indexrelid
      and comment.classoid = 'pg_catalog.pg_class'::regclass
      and comment.objsubid = 0
  ) as candidate_comment,
  coalesce(family.oid, keyless.oid)::int8 as family_oid,
  format('%I.%I', coalesce(family_schema.nspname, keyless.nspname), coalesce(family.relname, keyless.relname)) as family_name,
  coalesce(family_schema.nspname, keyless.nspname)::text as family_schema
from keyless
left join top on top.oid = keyless.oid
left join pg_catalog.pg_class as family on family.oid = top.family_oid
left join pg_catalog.pg_namespace as family_schema on family_schema.oid = family.relnamespace
left join candidate on candidate.indrelid = keyless.oid
left join lateral (
  select index_class.relname
  from pg_catalog.pg_class as index_class
  where index_class.oid = candidate.indexrelid
  -- OFFSET keeps the planner from reading all relations for a few indexes.
  offset 0
) as index_class on true
left join leaf on leaf.root = keyless.oid
where leaf.all_keyed is not true
order by keyless.reltuples desc, table_name`,
  findings(rows) {
    const keyless = rows.filter((row) => !isOfMigrationTool(row.bare_name));
    return tellOnce(
      [...Map.groupBy(keyless, (row) => row.family_oid).values()].flatMap((family) => {
        const [first] = family;
        if (first === undefined) return [];
        const isAlone = family.length === 1 && first.table_oid === first.family_oid;
        return [{ schema: first.family_schema, finding: isAlone ? tableFinding(first) : familyFinding(first, family) }];
      }),
    );
  },
};

function tableFinding(row: Row): HealthFinding {
  return {
    object: row.table_name,
    relationOid: Number(row.table_oid),
    severity: 'warning',
    message: `Table ${row.table_name} has no primary key${row.rows > 0 ? ` (${plural(row.rows, 'row')})` : ''}.`,
    measure: row.rows,
    evidence: [
      { label: 'Rows (estimate)', value: formatCount(row.rows) },
      { label: 'Unique index over not-null columns', value: row.candidate ?? 'none' },
    ],
    ...(row.candidate !== null && row.candidate_constraint === null && !row.is_partitioned
      ? {
          fixSql: `alter table ${row.table_name} add primary key using index ${row.candidate};`,
          ...(row.is_referenced === true ? {} : { undoSql: undoOf(row, row.candidate) }),
          lock: lockTexts.accessExclusiveShort,
        }
      : {}),
    caution:
      row.candidate === null
        ? 'Choose columns that identify a row, or add an identity column: that rewrites the table under ACCESS EXCLUSIVE.'
        : row.candidate_constraint === null
          ? row.is_referenced === true
            ? `Foreign keys rest on index ${row.candidate}: once it is the key, it cannot be dropped without them.`
            : 'The index takes the name of the key.'
          : `The unique constraint ${row.candidate_constraint} serves as a key in practice; declaring the primary key builds a second index.`,
  };
}

/** One finding for all tables that inherit from one, and for that one where it has no key either. */
function familyFinding(first: Row, family: readonly Row[]): HealthFinding {
  const heirs = family.filter((row) => row.table_oid !== first.family_oid);
  const total = family.reduce((sum, row) => sum + row.rows, 0);
  const heirsText = plural(heirs.length, 'table that inherits', 'tables that inherit');
  return {
    object: first.family_name,
    relationOid: Number(first.family_oid),
    severity: 'warning',
    message:
      heirs.length < family.length
        ? `Table ${first.family_name} and ${heirsText} from it have no primary key.`
        : `${heirsText} from ${first.family_name} ${heirs.length === 1 ? 'has' : 'have'} no primary key; ${heirs.length === 1 ? 'it does' : 'they do'} not inherit its own.`,
    measure: total,
    evidence: [
      { label: 'Tables that inherit', value: nameList(heirs.map((row) => row.table_name)) },
      { label: 'Rows (estimate)', value: formatCount(total) },
    ],
    caution: `A key of ${first.family_name} holds for its own rows alone: each table that inherits needs one of its own, and none holds across them.`,
  };
}

function undoOf(row: Row, candidate: string): string {
  return [
    `alter table ${row.table_name} drop constraint ${candidate};`,
    `${row.candidate_definition ?? ''};`,
    ...(row.is_replica_identity === true
      ? [`alter table ${row.table_name} replica identity using index ${candidate};`]
      : []),
    ...(row.is_clustered === true ? [`alter table ${row.table_name} cluster on ${candidate};`] : []),
    ...(row.candidate_comment === null ? [] : [row.candidate_comment]),
  ].join('\n');
}
