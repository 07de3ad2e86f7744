import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthFacts } from '../../health-check.ts';

/** A column: number, name, oid and catalog name of its type, what it was declared to be, and its length. */
export type ColumnTuple = readonly [
  attnum: number,
  name: string,
  typeOid: number,
  typeName: string,
  isNotNull: boolean,
  fills: '' | 'default' | 'identity' | 'generated',
  /** `atttypmod`: for varchar(n) and char(n) n + 4, or -1. */
  typeModifier: number,
];

/** The columns of a unique index over plain columns, and whether it is the primary key. */
export type KeyTuple = readonly [isPrimary: boolean, attnums: readonly number[]];

/** The columns of a foreign key, the oid of the table it refers to, and the columns there. */
export type ReferenceTuple = readonly [attnums: readonly number[], targetOid: number, targetAttnums: readonly number[]];

/** A table or view of a user with all that many checks of the schema ask of it. */
export interface RelationRow {
  readonly relation_oid: string;
  readonly schema_name: string;
  readonly bare_name: string;
  /** Qualified, quoted where it must be. */
  readonly relation_name: string;
  /** `relkind`: r, p, f, v or m. Columns of views are left out: they repeat those of tables. */
  readonly kind: 'r' | 'p' | 'f' | 'v' | 'm';
  readonly persistence: 'p' | 'u';
  readonly rows: number;
  readonly inherits: boolean;
  /** It has a unique index of any kind, also one over expressions or with a condition. */
  readonly has_unique_index: boolean;
  readonly is_referenced: boolean;
  readonly columns: readonly ColumnTuple[];
  readonly keys: readonly KeyTuple[];
  readonly references: readonly ReferenceTuple[];
  /** Names of its constraints, of any type, that a new foreign key could be called as well: they have `_fkey` in them. */
  readonly fkey_names: readonly string[];
}

/**
 * Tables and views of users. Partitions follow their parent, and what an extension brought is its author's.
 * One statement for many checks: the engine asks it once. Run on PostgreSQL 13 to 18, which without statistics of the
 * catalogs choose nested loops over everything, so every part is gathered once and joined by hash.
 */
export function relationsSql(facts: HealthFacts): string {
  // Since 18 a NOT NULL constraint may be not valid: the column can hold nulls all the same.
  const notNull =
    facts.versionNum < 180_000
      ? 'attribute.attnotnull'
      : `attribute.attnotnull and (attribute.attrelid, attribute.attnum) not in (
      select own_constraint.conrelid, own_constraint.conkey[1]
      from pg_catalog.pg_constraint as own_constraint
      where own_constraint.contype = 'n'
        and own_constraint.conrelid <> 0
        and not own_constraint.convalidated
    )`;
  return `
with relation as materialized (
  select
    relation.oid,
    relation.relname,
    relation.relkind,
    relation.relpersistence,
    relation.reltuples,
    schema.nspname
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  where ${isUserSchema('schema')}
    and relation.relkind in ('r', 'p', 'f', 'v', 'm')
    and not relation.relispartition
    and ${isNotOfExtension('relation.oid')}
),
columns as materialized (
  select
    attribute.attrelid,
    json_agg(json_build_array(
      attribute.attnum,
      attribute.attname,
      attribute.atttypid::int8,
      type.typname,
      ${notNull},
      case
        when attribute.attidentity <> '' then 'identity'
        when attribute.attgenerated <> '' then 'generated'
        when attribute.atthasdef then 'default'
        else ''
      end,
      attribute.atttypmod) order by attribute.attnum) as columns
  from pg_catalog.pg_attribute as attribute
  join pg_catalog.pg_type as type on type.oid = attribute.atttypid
  where attribute.attnum > 0
    and not attribute.attisdropped
    and attribute.attrelid in (select relation.oid from relation where relation.relkind in ('r', 'p', 'f'))
  group by attribute.attrelid
),
unique_index as materialized (
  select
    ind.indrelid,
    json_agg(json_build_array(ind.indisprimary, (ind.indkey::int2[])[0:ind.indnkeyatts - 1]) order by ind.indexrelid)
      filter (where ind.indpred is null and ind.indexprs is null and ind.indisvalid and ind.indimmediate) as keys
  from pg_catalog.pg_index as ind
  where ind.indisunique
    or ind.indisexclusion
  group by ind.indrelid
),
-- A foreign key that partitions have, and their parent has not, counts as the parent's; columns are told by name.
declared as (
  select
    foreign_key.conrelid,
    foreign_key.oid,
    foreign_key.conkey,
    foreign_key.confrelid,
    foreign_key.confkey
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
    and foreign_key.conparentid = 0
  union all
  select
    pg_catalog.pg_partition_root(foreign_key.conrelid),
    foreign_key.oid,
    array_agg(above.attnum order by key.position),
    foreign_key.confrelid,
    foreign_key.confkey
  from pg_catalog.pg_constraint as foreign_key
  join pg_catalog.pg_class as partition on partition.oid = foreign_key.conrelid and partition.relispartition
  cross join lateral unnest(foreign_key.conkey) with ordinality as key (attnum, position)
  join pg_catalog.pg_attribute as own on own.attrelid = foreign_key.conrelid and own.attnum = key.attnum
  join pg_catalog.pg_attribute as above
    on above.attrelid = pg_catalog.pg_partition_root(foreign_key.conrelid)
    and above.attname = own.attname
  where foreign_key.contype = 'f'
    and foreign_key.conparentid = 0
  group by foreign_key.oid, foreign_key.conrelid, foreign_key.confrelid, foreign_key.confkey
),
foreign_key as materialized (
  select
    declared.conrelid,
    json_agg(json_build_array(declared.conkey, declared.confrelid::int8, declared.confkey) order by declared.oid)
      as references
  from declared
  group by declared.conrelid
),
named as materialized (
  select
    own_constraint.conrelid,
    array_agg(own_constraint.conname::text) as fkey_names
  from pg_catalog.pg_constraint as own_constraint
  where own_constraint.conname like '%\\_fkey%'
    and own_constraint.conrelid <> 0
  group by own_constraint.conrelid
)
select
  relation.oid::int8 as relation_oid,
  relation.nspname::text as schema_name,
  relation.relname::text as bare_name,
  format('%I.%I', relation.nspname, relation.relname) as relation_name,
  relation.relkind::text as kind,
  relation.relpersistence::text as persistence,
  greatest(relation.reltuples, 0)::float8 as rows,
  relation.oid in (select inhrelid from pg_catalog.pg_inherits)
    or relation.relkind = 'r' and relation.oid in (select inhparent from pg_catalog.pg_inherits) as inherits,
  unique_index.indrelid is not null as has_unique_index,
  relation.oid in (
    select foreign_key.confrelid
    from pg_catalog.pg_constraint as foreign_key
    where foreign_key.contype = 'f'
  ) as is_referenced,
  coalesce(columns.columns, '[]'::json) as columns,
  coalesce(unique_index.keys, '[]'::json) as keys,
  coalesce(foreign_key.references, '[]'::json) as references,
  coalesce(named.fkey_names, '{}') as fkey_names
from relation
left join columns on columns.attrelid = relation.oid
left join unique_index on unique_index.indrelid = relation.oid
left join foreign_key on foreign_key.conrelid = relation.oid
left join named on named.conrelid = relation.oid
order by relation_name`;
}

/** Ordinary and partitioned tables: what a user can alter. */
export function tablesOf(rows: readonly RelationRow[]): RelationRow[] {
  return rows.filter((row) => row.kind === 'r' || row.kind === 'p');
}

/** The columns of the primary key, or none. */
export function primaryKeyOf(row: RelationRow): readonly number[] {
  return row.keys.find(([isPrimary]) => isPrimary)?.[1] ?? [];
}

/** Tables with which migration tools keep their own books; their shape is the tool's. */
const toolTables = new Set([
  '__efmigrationshistory',
  '__diesel_schema_migrations',
  '_prisma_migrations',
  '_sqlx_migrations',
  'alembic_version',
  'ar_internal_metadata',
  'databasechangelog',
  'databasechangeloglock',
  'django_migrations',
  'doctrine_migration_versions',
  'flyway_schema_history',
  'goose_db_version',
  'knex_migrations',
  'knex_migrations_lock',
  'mikro_orm_migrations',
  'schema_migrations',
  'schema_version',
  'schemaversion',
  'typeorm_metadata',
]);

/** True for the tables in which migration tools record what they did. */
export function isOfMigrationTool(bareName: string): boolean {
  return toolTables.has(bareName.toLowerCase());
}

const standardNames: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bpchar: 'character',
  float4: 'real',
  float8: 'double precision',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  timetz: 'time with time zone',
  varbit: 'bit varying',
  varchar: 'character varying',
};

/** A type's catalog name as PostgreSQL prints it: `int4` is integer, `_int4` integer[]. */
export function printedType(typeName: string): string {
  return typeName.startsWith('_') ? `${printedType(typeName.slice(1))}[]` : (standardNames[typeName] ?? typeName);
}
