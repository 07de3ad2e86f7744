import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';

/** A relation whose own name, or some of whose columns' names, match a condition. */
export interface NamesRow {
  readonly relation_oid: string;
  readonly relation_name: string;
  readonly bare_name: string;
  readonly own_name_matches: boolean;
  readonly columns: readonly string[];
}

/** Tables and views and their columns by name; `matches` is a condition over a column called `name`. Run on PostgreSQL 13 to 18. */
export function namesSql(matches: (name: string) => string): string {
  return `
select
  relation.oid::int8 as relation_oid,
  format('%I.%I', schema.nspname, relation.relname) as relation_name,
  relation.relname::text as bare_name,
  ${matches('relation.relname')} as own_name_matches,
  array(
    select attribute.attname::text
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = relation.oid
      and attribute.attnum > 0
      and not attribute.attisdropped
      and ${matches('attribute.attname')}
    order by attribute.attnum
  ) as columns
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
where ${isUserSchema('schema')}
  and relation.relkind in ('r', 'p', 'v', 'm', 'f')
  and not relation.relispartition
  and (
    ${matches('relation.relname')}
    or exists (
      select
      from pg_catalog.pg_attribute as attribute
      where attribute.attrelid = relation.oid
        and attribute.attnum > 0
        and not attribute.attisdropped
        and ${matches('attribute.attname')}
    )
  )
  and ${isNotOfExtension('relation.oid')}
order by relation_name`;
}

/** What matches, in words: `Its name and 2 columns (a, b)`. */
export function whatMatches(row: NamesRow): string {
  const shown =
    row.columns.length > 6
      ? `${row.columns.slice(0, 5).join(', ')} and ${String(row.columns.length - 5)} more`
      : row.columns.join(', ');
  const parts = [
    ...(row.own_name_matches ? ['its name'] : []),
    ...(row.columns.length > 0 ? [`${row.columns.length === 1 ? 'column' : 'columns'} ${shown}`] : []),
  ];
  return parts.join(' and ');
}
