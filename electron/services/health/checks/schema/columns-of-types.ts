import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { nameList } from './fold-by-schema.ts';
import { isOfMigrationTool } from './relations.ts';

interface TypedColumn {
  /** Quoted where it must be. */
  readonly name: string;
  /** As PostgreSQL prints it, with its length. */
  readonly type: string;
  /** The catalog name of the type, for a domain of what it is made of: `bpchar`. */
  readonly base: string;
  readonly is_domain: boolean;
  /** A key, view, partition bound or generated column depends on its type. */
  readonly is_bound: boolean;
}

/** A table with its columns of the types that some check asks about. */
export interface TypedColumnsRow {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly bare_name: string;
  readonly columns: readonly TypedColumn[];
}

const askedTypes = [
  'bpchar',
  'json',
  'money',
  'oid',
  'regcollation',
  'regconfig',
  'regdictionary',
  'regnamespace',
  'regoper',
  'regoperator',
  'regproc',
  'regprocedure',
  'timestamp',
  'timetz',
  'varchar',
] as const;
export type AskedType = (typeof askedTypes)[number];

/**
 * Tables with columns of the types above; a domain counts as what it is made of. Partitions follow their parent.
 * One statement for many checks: the engine asks it once. Run on PostgreSQL 13 to 18.
 */
export const columnsOfTypesSql = `
with table_class as materialized (
  select
    relation.oid,
    relation.relname,
    schema.nspname
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  where ${isUserSchema('schema')}
    and relation.relkind in ('r', 'p')
    and not relation.relispartition
    and ${isNotOfExtension('relation.oid')}
),
asked as materialized (
  select
    type.oid,
    coalesce(base.typname, type.typname)::text as base,
    type.typtype = 'd' as is_domain
  from pg_catalog.pg_type as type
  left join pg_catalog.pg_type as base on base.oid = type.typbasetype
  where coalesce(nullif(type.typbasetype, 0), type.oid) in (${askedTypes.map((type) => `'pg_catalog.${type}'::regtype`).join(', ')})
),
typed as materialized (
  select
    attribute.attrelid,
    attribute.attnum,
    attribute.attname,
    attribute.atttypid,
    attribute.atttypmod,
    attribute.attgenerated,
    asked.base,
    asked.is_domain
  from pg_catalog.pg_attribute as attribute
  join asked on asked.oid = attribute.atttypid
  where attribute.attnum > 0
    and not attribute.attisdropped
    and attribute.attrelid in (select table_class.oid from table_class)
),
keyed as materialized (
  select
    foreign_key.conrelid as attrelid,
    unnest(foreign_key.conkey) as attnum
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
  union all
  select
    foreign_key.confrelid,
    unnest(foreign_key.confkey)
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
  union all
  select
    partitioned.partrelid,
    unnest(partitioned.partattrs::int2[])
  from pg_catalog.pg_partitioned_table as partitioned
)
select
  table_class.oid::int8 as table_oid,
  table_class.nspname::text as schema_name,
  format('%I.%I', table_class.nspname, table_class.relname) as table_name,
  table_class.relname::text as bare_name,
  columns.columns
from table_class
join (
  select
    typed.attrelid,
    json_agg(json_build_object(
      'name', quote_ident(typed.attname),
      'type', pg_catalog.format_type(typed.atttypid, typed.atttypmod),
      'base', typed.base,
      'is_domain', typed.is_domain,
      'is_bound', typed.attgenerated <> ''
        or (typed.attrelid, typed.attnum) in (select keyed.attrelid, keyed.attnum from keyed)
        -- A view, a policy, a trigger of certain columns, or a generated column that uses this one. OFFSET has it looked
        -- up for each column: there are far more of such dependencies than columns.
        or exists (
          select
          from pg_catalog.pg_depend as dependency
          where dependency.refclassid = 'pg_catalog.pg_class'::regclass
            and dependency.refobjid = typed.attrelid
            and dependency.refobjsubid = typed.attnum
            and (
              dependency.classid in ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass)
              or dependency.classid in ('pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_attrdef'::regclass)
              and dependency.deptype = 'n'
            )
          offset 0
        )
    ) order by typed.attnum) as columns
  from typed
  group by typed.attrelid
) as columns on columns.attrelid = table_class.oid
order by table_name`;

/** The tables with columns of these types, with those columns alone. Tables of migration tools are nobody's design. */
export function withTypes(rows: readonly TypedColumnsRow[], types: readonly AskedType[]): TypedColumnsRow[] {
  return rows.flatMap((row) => {
    if (isOfMigrationTool(row.bare_name)) return [];
    const columns = row.columns.filter(({ base }) => types.some((type) => type === base));
    return columns.length === 0 ? [] : [{ ...row, columns }];
  });
}

/** The columns in one line: `a, b and 3 more`. */
export function columnList(row: TypedColumnsRow): string {
  return nameList(
    row.columns.map((column) => column.name),
    6,
  );
}

/** True where ALTER TABLE can change the types: nothing depends on them, and no domain has to change instead. */
export function canAlterTypes(row: TypedColumnsRow): boolean {
  return row.columns.every((column) => !column.is_bound && !column.is_domain);
}

/** What the tables of a schema have in common, as evidence. */
export function tablesAndColumns(rows: readonly TypedColumnsRow[]): { label: string; value: string }[] {
  return [
    { label: 'Tables', value: nameList(rows.map((row) => row.table_name)) },
    { label: 'Columns', value: String(rows.reduce((sum, row) => sum + row.columns.length, 0)) },
  ];
}

/** One ALTER TABLE that gives all the columns another type, so that the table is rewritten once. */
export function alterTypes(row: TypedColumnsRow, newType: (column: TypedColumn) => string): string {
  return `alter table ${row.table_name}\n${row.columns
    .map((column) => `  alter column ${column.name} type ${newType(column)}`)
    .join(',\n')};`;
}

/** One ALTER TABLE that gives all the columns their present type back. */
export function restoreTypes(row: TypedColumnsRow, using: (column: TypedColumn) => string = () => ''): string {
  return alterTypes(row, (column) => `${column.type}${using(column)}`);
}
