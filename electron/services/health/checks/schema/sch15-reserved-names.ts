import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { whatMatches } from './names-by-relation.ts';

interface Row {
  readonly relation_oid: string;
  readonly schema_name: string;
  readonly relation_name: string;
  readonly bare_name: string;
  readonly own_name_matches: boolean;
  readonly columns: readonly string[];
}

export const reservedNames: HealthCheck<Row, 'listedTables'> = {
  id: 'SCH15',
  group: 'schema',
  basis: 'catalog',
  title: 'Names that are reserved words',
  why: 'A reserved word as a name has to be quoted, or is taken for syntax: a column called user, unquoted, answers with the current user.',
  thresholds: { listedTables },
  // Run on PostgreSQL 13 to 18. Whether a word is reserved is asked of the server: R everywhere, T except for functions
  // and types.
  sql: () => `
with reserved as materialized (
  select word::name as name
  from pg_catalog.pg_get_keywords()
  where catcode in ('R', 'T')
),
found as materialized (
  select
    attribute.attrelid as oid,
    attribute.attname as name,
    attribute.attnum
  from pg_catalog.pg_attribute as attribute
  where attribute.attname in (select reserved.name from reserved)
    and attribute.attnum > 0
    and not attribute.attisdropped
  union all
  select
    relation.oid,
    relation.relname,
    0
  from pg_catalog.pg_class as relation
  where relation.relname in (select reserved.name from reserved)
)
select
  relation.oid::int8 as relation_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, relation.relname) as relation_name,
  relation.relname::text as bare_name,
  bool_or(found.attnum = 0) as own_name_matches,
  coalesce(array_agg(found.name::text order by found.attnum) filter (where found.attnum > 0), '{}') as columns
from found
join pg_catalog.pg_class as relation on relation.oid = found.oid
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
where ${isUserSchema('schema')}
  and not relation.relispartition
  and (relation.relkind in ('r', 'p', 'f') or relation.relkind in ('v', 'm') and found.attnum = 0)
  and ${isNotOfExtension('relation.oid')}
group by relation.oid, schema.nspname, relation.relname
order by relation_name`,
  findings(rows, { limits }) {
    return foldBySchema(
      rows,
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message: `In ${row.relation_name} these names are reserved words: ${whatMatches(row)}.`,
        measure: row.columns.length + (row.own_name_matches ? 1 : 0),
        evidence: [
          ...(row.own_name_matches ? [{ label: 'Name', value: row.bare_name }] : []),
          ...row.columns.map((column) => ({ label: 'Column', value: column })),
        ],
        caution: 'Renaming breaks every query that uses the name: change the applications with it.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `${formatCount(ofSchema.length)} tables and views of schema ${schema} have names, or columns with names, that are reserved words.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables and views', value: nameList(ofSchema.map((row) => row.relation_name)) }],
        caution: 'Renaming breaks every query that uses the names: change the applications with it.',
      }),
    );
  },
};
