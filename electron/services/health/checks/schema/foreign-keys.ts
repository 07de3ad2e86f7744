import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthFacts } from '../../health-check.ts';

/** A pair of columns that a foreign key joins. Names quoted where they must be. */
export interface KeyColumn {
  readonly own: string;
  readonly own_is_not_null: boolean;
  readonly theirs: string;
  /** Set where the types or their lengths differ. */
  readonly difference: TypeDifference | null;
}

/** Two types as PostgreSQL prints them, and catalog names of what they are made of. */
interface TypeDifference {
  readonly own: string;
  readonly own_base: string;
  readonly own_category: string;
  readonly theirs: string;
  readonly their_base: string;
  readonly their_category: string;
  readonly has_domain: boolean;
}

/** A foreign key of a user's table. What partitions inherit is left out. */
export interface ForeignKeyRow {
  readonly constraint_oid: string;
  /** Quoted where it must be. */
  readonly constraint_name: string;
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly target_oid: string;
  readonly target_schema: string;
  readonly target_name: string;
  readonly columns: readonly KeyColumn[];
  /** `confmatchtype`: s simple, f full. */
  readonly match: string;
  /** `confupdtype` and `confdeltype`: a no action, r restrict, c cascade, n set null, d set default. */
  readonly on_update: string;
  readonly on_delete: string;
  readonly is_deferrable: boolean;
  readonly is_valid: boolean;
}

/**
 * All foreign keys that are enforced; one that was made on each partition by itself is told of the first. One statement
 * for many checks: the engine asks it once. Run on PostgreSQL 13 to 18.
 */
export function foreignKeysSql({ versionNum }: Pick<HealthFacts, 'versionNum'>): string {
  return `
with foreign_key as materialized (
  select *
  from pg_catalog.pg_constraint
  where contype = 'f'
    and conparentid = 0
    ${versionNum >= 180_000 ? 'and conenforced' : ''}
    and ${isNotOfExtension('conrelid')}
),
pair as materialized (
  select
    foreign_key.oid,
    foreign_key.conrelid,
    foreign_key.confrelid,
    pair.own,
    pair.theirs,
    pair.position
  from foreign_key
  cross join lateral unnest(foreign_key.conkey, foreign_key.confkey) with ordinality as pair (own, theirs, position)
),
columns as materialized (
  select
    pair.oid,
    json_agg(json_build_object(
      'own', quote_ident(own.attname),
      'own_is_not_null', own.attnotnull,
      'theirs', quote_ident(theirs.attname),
      'difference', case
        when own.atttypid <> theirs.atttypid or own.atttypmod <> theirs.atttypmod then (
          select json_build_object(
            'own', pg_catalog.format_type(own.atttypid, own.atttypmod),
            'own_base', coalesce(own_base.typname, own_type.typname),
            'own_category', own_type.typcategory,
            'theirs', pg_catalog.format_type(theirs.atttypid, theirs.atttypmod),
            'their_base', coalesce(their_base.typname, their_type.typname),
            'their_category', their_type.typcategory,
            'has_domain', own_type.typtype = 'd' or their_type.typtype = 'd')
          from pg_catalog.pg_type as own_type
          cross join pg_catalog.pg_type as their_type
          left join pg_catalog.pg_type as own_base on own_base.oid = own_type.typbasetype
          left join pg_catalog.pg_type as their_base on their_base.oid = their_type.typbasetype
          where own_type.oid = own.atttypid
            and their_type.oid = theirs.atttypid
        )
      end) order by pair.position) as columns
  from pair
  -- OFFSET keeps the planner from reading all columns of all tables.
  cross join lateral (
    select attribute.*
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = pair.conrelid
      and attribute.attnum = pair.own
    offset 0
  ) as own
  cross join lateral (
    select attribute.*
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = pair.confrelid
      and attribute.attnum = pair.theirs
    offset 0
  ) as theirs
  group by pair.oid
)
select
  foreign_key.oid::int8 as constraint_oid,
  quote_ident(foreign_key.conname) as constraint_name,
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  target.oid::int8 as target_oid,
  target_schema.nspname::text as target_schema,
  format('%I.%I', target_schema.nspname, target.relname) as target_name,
  columns.columns,
  foreign_key.confmatchtype::text as match,
  foreign_key.confupdtype::text as on_update,
  foreign_key.confdeltype::text as on_delete,
  foreign_key.condeferrable as is_deferrable,
  foreign_key.convalidated as is_valid
from foreign_key
join columns on columns.oid = foreign_key.oid
join pg_catalog.pg_class as table_class on table_class.oid = foreign_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_class as target on target.oid = foreign_key.confrelid
join pg_catalog.pg_namespace as target_schema on target_schema.oid = target.relnamespace
where ${isUserSchema('schema')}
  and (
    not table_class.relispartition
    or foreign_key.oid in (
      select min(same.oid::int8)::oid
      from foreign_key as same
      join columns as same_columns on same_columns.oid = same.oid
      join pg_catalog.pg_class as partition on partition.oid = same.conrelid and partition.relispartition
      group by pg_catalog.pg_partition_root(same.conrelid), same_columns.columns::text, same.confrelid
    )
  )
order by table_name, constraint_name`;
}

/** `(a, b) to public.parent (x, y)`. */
export function referenceText(row: ForeignKeyRow): string {
  const own = row.columns.map((column) => column.own).join(', ');
  const theirs = row.columns.map((column) => column.theirs).join(', ');
  return `(${own}) to ${row.target_name} (${theirs})`;
}
