import { defaultText, isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { heldSentence, holders, obstaclesSql, type Obstacle } from '../../type-change-sql.ts';
import { nameList } from './fold-by-schema.ts';
import { isOfMigrationTool } from './relations.ts';

export interface TypedColumn {
  /** Quoted where it must be. */
  readonly name: string;
  /** As PostgreSQL prints it, with its length. */
  readonly type: string;
  /** The catalog name of the type, for a domain of what it is made of: `bpchar`. */
  readonly base: string;
  readonly is_domain: boolean;
  /** Its collation, where that is not the type's own. */
  readonly collation: string | null;
  /** Its default, of columns of type timestamp alone. */
  readonly default_expression: string | null;
  readonly is_generated: boolean;
  /** What depends on its type. */
  readonly obstacles: readonly Obstacle[];
}

/** A table with its columns of the types that some check asks about. */
export interface TypedColumnsRow {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly bare_name: string;
  /** The time zone of a session that sets none. */
  readonly time_zone: string;
  readonly columns: readonly TypedColumn[];
}

const commonTypes = [
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
] as const;
export type AskedType = (typeof commonTypes)[number] | 'varchar';

/**
 * Tables with columns of the types above, or of varchar, which is everywhere and asked about only by name; a domain counts
 * as what it is made of. Partitions follow their parent, and inherited columns the column that they inherit.
 * One statement for many checks: the engine asks it once. Run on PostgreSQL 13 to 18.
 */
export const columnsOfTypesSql = typedColumnsSql(commonTypes);
export const columnsOfVarcharSql = typedColumnsSql(['varchar']);

function typedColumnsSql(types: readonly AskedType[]): string {
  const typeList = types.map((type) => `'pg_catalog.${type}'::regtype`).join(', ');
  return `
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
    type.typtype = 'd' as is_domain,
    type.typcollation
  from pg_catalog.pg_type as type
  left join pg_catalog.pg_type as base on base.oid = type.typbasetype
  where type.oid in (${typeList})
    or type.typbasetype in (${typeList})
),
typed as materialized (
  select
    attribute.attrelid,
    attribute.attnum,
    attribute.attname,
    attribute.atttypid,
    attribute.atttypmod,
    attribute.atthasdef,
    attribute.attgenerated,
    attribute.attinhcount,
    nullif(attribute.attcollation, asked.typcollation) as collation,
    asked.base,
    asked.is_domain
  from pg_catalog.pg_attribute as attribute
  join asked on asked.oid = attribute.atttypid
  where attribute.attnum > 0
    and attribute.attinhcount = 0
    and not attribute.attisdropped
    and attribute.attrelid in (select table_class.oid from table_class)
),
obstacles as materialized (${obstaclesSql('typed', 'others')}
)
select
  table_class.oid::int8 as table_oid,
  table_class.nspname::text as schema_name,
  format('%I.%I', table_class.nspname, table_class.relname) as table_name,
  table_class.relname::text as bare_name,
  pg_catalog.current_setting('TimeZone') as time_zone,
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
      'collation', case
        when typed.collation <> 0 then (
          select format('%I.%I', schema.nspname, collation_of.collname)
          from pg_catalog.pg_collation as collation_of
          join pg_catalog.pg_namespace as schema on schema.oid = collation_of.collnamespace
          where collation_of.oid = typed.collation
        )
      end,
      'default_expression', case
        when typed.base = 'timestamp' and typed.atthasdef then (
          select ${defaultText('column_default')}
          from pg_catalog.pg_attrdef as column_default
          where column_default.adrelid = typed.attrelid
            and column_default.adnum = typed.attnum
        )
      end,
      'is_generated', typed.attgenerated <> '',
      'obstacles', coalesce(obstacles.obstacles, '[]'::json)
    ) order by typed.attnum) as columns
  from typed
  left join obstacles on obstacles.attrelid = typed.attrelid and obstacles.attnum = typed.attnum
  group by typed.attrelid
) as columns on columns.attrelid = table_class.oid
order by table_name`;
}

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

/**
 * Why ALTER TABLE cannot change the types, as a sentence: something depends on one of them, or a domain has to change
 * instead. Undefined where it can.
 */
export function typesHeld(row: TypedColumnsRow): string | undefined {
  const own = row.columns.flatMap((column) => [
    ...(column.is_domain ? [`domain ${column.type}`] : []),
    ...(column.is_generated ? [`the expression of ${column.name}`] : []),
  ]);
  const others = holders(
    row.columns.flatMap((column) => column.obstacles),
    'others',
  );
  const all = [...new Set([...own, ...others])];
  return all.length === 0 ? undefined : heldSentence(all);
}

/** What the tables of a schema have in common, as evidence. */
export function tablesAndColumns(rows: readonly TypedColumnsRow[]): { label: string; value: string }[] {
  return [
    { label: 'Tables', value: nameList(rows.map((row) => row.table_name)) },
    { label: 'Columns', value: String(rows.reduce((sum, row) => sum + row.columns.length, 0)) },
  ];
}

/** A change of one column: its new type, and its new default where that changes as well. */
export interface ColumnChange {
  /** With COLLATE and USING, where they are needed. */
  readonly type: string;
  readonly newDefault?: string | undefined;
}

/** One ALTER TABLE that changes all the columns, so that the table is rewritten once. */
export function alterColumns(row: TypedColumnsRow, change: (column: TypedColumn) => ColumnChange): string {
  const actions = row.columns.flatMap((column) => {
    const { type, newDefault } = change(column);
    const alter = `  alter column ${column.name}`;
    // PostgreSQL drops first, changes types then, and sets defaults last.
    return newDefault === undefined
      ? [`${alter} type ${type}`]
      : [`${alter} drop default`, `${alter} type ${type}`, `${alter} set default ${newDefault}`];
  });
  return `alter table ${row.table_name}\n${actions.join(',\n')};`;
}

/** One ALTER TABLE that gives all the columns another type. */
export function alterTypes(row: TypedColumnsRow, newType: (column: TypedColumn) => string): string {
  return alterColumns(row, (column) => ({ type: newType(column) }));
}

/** One ALTER TABLE that gives all the columns their present type back. */
export function restoreTypes(row: TypedColumnsRow, using: (column: TypedColumn) => string = () => ''): string {
  return alterTypes(row, (column) => `${column.type}${collate(column)}${using(column)}`);
}

/** The collation of a column, which a new type would put back to its own. */
export function collate(column: TypedColumn): string {
  return column.collation === null ? '' : ` collate ${column.collation}`;
}
