import type { HealthFinding } from '#contract/health-model.ts';
import { isNotOfExtension, isUserSchema, mayHoldNulls } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck, HealthFacts } from '../../health-check.ts';
import { nameList, tellOnce } from './fold-by-schema.ts';

interface Row {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly index_name: string;
  readonly constraint_name: string | null;
  readonly columns: readonly string[];
  readonly nullable: readonly string[];
  readonly rows: number;
}

export const nullableInUniqueIndex: HealthCheck<Row> = {
  id: 'SCH22',
  group: 'schema',
  basis: 'catalog',
  title: 'Unique keys that nulls pass by',
  why: 'Nulls count as different in a unique index. Where one column of a key of several is null, the same values can be stored again and again, and the rule that the index states does not hold.',
  // Run on PostgreSQL 13 to 18. A single nullable column is an optional value and means what it says, and so does the last
  // one of a key: an external id within a tenant. A time or a flag there is no value but a mark, such as deleted_at, and a
  // foreign key often the place in a tree. Where other unique indexes of the table speak of nulls in their conditions, or
  // the columns in a check, somebody has thought of them, and a key that contains one that holds is unique by it.
  sql: ({ versionNum }) => {
    const mayBeNull = mayHoldNulls('attribute', versionNum);
    return `
with candidate as materialized (
  select
    ind.indexrelid,
    ind.indrelid,
    (ind.indkey::int2[])[0:ind.indnkeyatts - 1] as keys
  from pg_catalog.pg_index as ind
  where ind.indisunique
    and not ind.indisprimary
    and ind.indnkeyatts > 1
    and ind.indisvalid
    and ind.indpred is null
    and ind.indexprs is null
    ${versionNum >= 150_000 ? 'and not ind.indnullsnotdistinct' : ''}
),
multi as materialized (
  select
    candidate.indexrelid,
    candidate.indrelid,
    candidate.keys,
    array_agg(quote_ident(attribute.attname) order by key.position) as columns,
    array_agg(quote_ident(attribute.attname) order by key.position) filter (where ${mayBeNull}) as nullable,
    array_agg(attribute.attnum) filter (where ${mayBeNull}) as nullable_attnums,
    -- Whether the last column alone may be null and holds a value of its own.
    count(*) filter (where ${mayBeNull}) = 1
      and bool_or(${mayBeNull} and type.typcategory not in ('B', 'D')) filter (where key.position = cardinality(candidate.keys))
      and not exists (
        select
        from pg_catalog.pg_constraint as foreign_key
        where foreign_key.conrelid = candidate.indrelid
          and foreign_key.contype = 'f'
          and candidate.keys[cardinality(candidate.keys)] = any (foreign_key.conkey)
      ) as is_optional_value
  from candidate
  cross join lateral unnest(candidate.keys) with ordinality as key (attnum, position)
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = candidate.indrelid
    and attribute.attnum = key.attnum
  join pg_catalog.pg_type as type on type.oid = attribute.atttypid
  group by candidate.indexrelid, candidate.indrelid, candidate.keys
  having bool_or(${mayBeNull})
)
select
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(index_class.relname) as index_name,
  quote_ident(own_constraint.conname) as constraint_name,
  multi.columns,
  multi.nullable,
  greatest(table_class.reltuples, 0)::float8 as rows
from multi
join pg_catalog.pg_class as index_class on index_class.oid = multi.indexrelid and not index_class.relispartition
join pg_catalog.pg_class as table_class on table_class.oid = multi.indrelid and table_class.relkind in ('r', 'p')
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join pg_catalog.pg_constraint as own_constraint
  on own_constraint.conrelid = multi.indrelid
  and own_constraint.conindid = multi.indexrelid
  and own_constraint.contype = 'u'
where ${isUserSchema('schema')}
  and not multi.is_optional_value
  and not exists (
    select
    from pg_catalog.pg_index as holds
    where holds.indrelid = multi.indrelid
      and holds.indisunique
      and holds.indisvalid
      and holds.indpred is null
      and holds.indexprs is null
      and (holds.indkey::int2[])[0:holds.indnkeyatts - 1] operator(pg_catalog.<@) multi.keys
      and (
        holds.indisprimary
        ${versionNum >= 150_000 ? 'or holds.indnullsnotdistinct' : ''}
        or not (holds.indkey::int2[])[0:holds.indnkeyatts - 1] operator(pg_catalog.&&) multi.nullable_attnums
      )
  )
  and not exists (
    select
    from pg_catalog.pg_index as other
    where other.indrelid = multi.indrelid
      and other.indisunique
      and (other.indpred is not null or other.indexprs is not null)
      and pg_catalog.pg_get_indexdef(other.indexrelid) ~* 'is (not )?null|coalesce'
  )
  and not exists (
    select
    from pg_catalog.pg_constraint as own_check
    where own_check.conrelid = multi.indrelid
      and own_check.contype = 'c'
      and own_check.conkey operator(pg_catalog.&&) multi.nullable_attnums
      and pg_catalog.pg_get_constraintdef(own_check.oid) ~* 'is (not )?null|num_n'
  )
  and ${isNotOfExtension('table_class.oid')}
order by table_name, index_name`;
  },
  findings(rows, { facts }) {
    return tellOnce(
      [...Map.groupBy(rows, (row) => row.table_oid).values()].flatMap((ofTable) =>
        ofTable.map((row) => ({
          schema: row.schema_name,
          finding: { ...subjectOf(row, ofTable.length > 1), ...gapFinding(row, facts) },
        })),
      ),
    );
  },
};

type Subject = Pick<HealthFinding, 'object' | 'relationOid' | 'members' | 'partOf'>;

/** A table with one such key goes by its own name; the keys of one with several by theirs, so that each can be accepted. */
function subjectOf(row: Row, isOneOfSeveral: boolean): Subject {
  const key = `${row.table_name}.${row.constraint_name ?? row.index_name}`;
  const relationOid = Number(row.table_oid);
  return isOneOfSeveral
    ? { object: key, relationOid, partOf: row.table_name }
    : { object: row.table_name, relationOid, members: [key] };
}

function gapFinding(row: Row, facts: HealthFacts): Omit<HealthFinding, keyof Subject> {
  return {
    severity: 'info',
    message: `Unique ${row.constraint_name === null ? `index ${row.index_name}` : `constraint ${row.constraint_name}`} of ${row.table_name} over ${row.columns.join(', ')} does not hold for rows in which ${nameList(row.nullable)} ${row.nullable.length === 1 ? 'is null' : 'are null'}.`,
    evidence: [
      { label: 'Columns that may be null', value: nameList(row.nullable) },
      { label: 'Rows (estimate)', value: formatCount(row.rows) },
    ],
    caution:
      facts.versionNum >= 150_000
        ? 'Set the columns NOT NULL, or build the index again with NULLS NOT DISTINCT; either fails where rows break it.'
        : 'Set the columns NOT NULL, or add a partial unique index for the rows with a null.',
    confidence: 'medium',
    confidenceReason: 'Several rows with a null can be what is wanted.',
  };
}
