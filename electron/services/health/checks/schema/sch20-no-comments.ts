import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly schema_name: string;
  readonly tables: string;
  readonly tables_without: string;
  readonly columns: string;
  readonly columns_without: string;
  readonly routines: string;
  readonly routines_without: string;
}

export const noComments: HealthCheck<Row> = {
  id: 'SCH20',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables, columns and functions without a comment',
  why: 'COMMENT ON keeps what a thing means where everybody finds it: in every client, every dump and every generated documentation. Without it the meaning lives in somebody’s head.',
  onlyWhenAsked: true,
  // Run on PostgreSQL 13 to 18. One row for each schema: nobody writes thousands of comments because of a list.
  sql: () => `
with member as materialized (
  select
    membership.classid,
    membership.objid
  from pg_catalog.pg_depend as membership
  where membership.deptype = 'e'
),
item as (
  select
    relation.relnamespace as schema_oid,
    'table' as kind,
    description.description is not null as has_comment
  from pg_catalog.pg_class as relation
  left join pg_catalog.pg_description as description
    on description.objoid = relation.oid
    and description.classoid = 'pg_catalog.pg_class'::regclass
    and description.objsubid = 0
  where relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and not relation.relispartition
    and (1259::oid, relation.oid) not in (select member.classid, member.objid from member)
  union all
  select
    relation.relnamespace,
    'column',
    description.description is not null
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = relation.oid
    and attribute.attnum > 0
    and not attribute.attisdropped
  left join pg_catalog.pg_description as description
    on description.objoid = relation.oid
    and description.classoid = 'pg_catalog.pg_class'::regclass
    and description.objsubid = attribute.attnum
  where relation.relkind in ('r', 'p')
    and not relation.relispartition
    and (1259::oid, relation.oid) not in (select member.classid, member.objid from member)
  union all
  select
    routine.pronamespace,
    'routine',
    description.description is not null
  from pg_catalog.pg_proc as routine
  left join pg_catalog.pg_description as description
    on description.objoid = routine.oid
    and description.classoid = 'pg_catalog.pg_proc'::regclass
  where (1255::oid, routine.oid) not in (select member.classid, member.objid from member)
)
select
  schema.nspname::text as schema_name,
  count(*) filter (where item.kind = 'table') as tables,
  count(*) filter (where item.kind = 'table' and not item.has_comment) as tables_without,
  count(*) filter (where item.kind = 'column') as columns,
  count(*) filter (where item.kind = 'column' and not item.has_comment) as columns_without,
  count(*) filter (where item.kind = 'routine') as routines,
  count(*) filter (where item.kind = 'routine' and not item.has_comment) as routines_without
from item
join pg_catalog.pg_namespace as schema on schema.oid = item.schema_oid
where ${isUserSchema('schema')}
group by schema.nspname
having bool_or(not item.has_comment)
order by schema_name`,
  findings(rows) {
    return rows.map((row) => {
      const schema = quoteIdentifier(row.schema_name);
      const part = (without: string, all: string): string => `${formatCount(without)} of ${formatCount(all)}`;
      return {
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `In schema ${schema} ${part(row.tables_without, row.tables)} tables and views, ${part(row.columns_without, row.columns)} columns and ${part(row.routines_without, row.routines)} functions have no comment.`,
        measure: Number(row.tables_without) + Number(row.columns_without) + Number(row.routines_without),
        evidence: [
          { label: 'Tables and views without a comment', value: part(row.tables_without, row.tables) },
          { label: 'Columns without a comment', value: part(row.columns_without, row.columns) },
          { label: 'Functions without a comment', value: part(row.routines_without, row.routines) },
        ],
      };
    });
  },
};
