import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';

/** A table with those of its columns that are of the types asked for. */
export interface TypedColumnsRow {
  readonly table_oid: string;
  readonly table_name: string;
  /** Names quoted where they must be, types as PostgreSQL writes them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly size_bytes: string;
}

/**
 * Tables with columns of the given base types; a domain counts as what it is made of. Partitions follow their parent.
 * Run on PostgreSQL 13 to 18.
 */
export function columnsOfTypesSql(types: readonly string[]): string {
  return `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  json_agg(json_build_object(
    'name', quote_ident(attribute.attname),
    'type', pg_catalog.format_type(attribute.atttypid, attribute.atttypmod)) order by attribute.attnum) as columns,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum > 0
  and not attribute.attisdropped
join pg_catalog.pg_type as type on type.oid = attribute.atttypid
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'p')
  and not table_class.relispartition
  and coalesce(nullif(type.typbasetype, 0), type.oid) in (${types.map((type) => `'pg_catalog.${type}'::regtype`).join(', ')})
  and ${isNotOfExtension('table_class.oid')}
group by table_class.oid, schema.nspname, table_class.relname
order by table_name`;
}

/** The columns in one line: `a, b and 3 more`. */
export function columnList(row: TypedColumnsRow): string {
  const names = row.columns.map((column) => column.name);
  return names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${String(names.length - 5)} more` : names.join(', ');
}

/** One ALTER TABLE that gives all the columns another type, so that the table is rewritten once. */
export function alterTypes(
  row: TypedColumnsRow,
  newType: (column: { readonly name: string; readonly type: string }) => string,
): string {
  return `alter table ${row.table_name}\n${row.columns
    .map((column) => `  alter column ${column.name} type ${newType(column)}`)
    .join(',\n')};`;
}

/** One ALTER TABLE that gives all the columns their present type back. */
export function restoreTypes(
  row: TypedColumnsRow,
  using: (column: { readonly name: string; readonly type: string }) => string = () => '',
): string {
  return alterTypes(row, (column) => `${column.type}${using(column)}`);
}
