import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly schema_name: string;
  readonly owner: string;
  readonly relations: string;
  readonly all_relations: string;
}

export const ownedBySuperuser: HealthCheck<Row> = {
  id: 'SEC35',
  group: 'security',
  basis: 'catalog',
  title: 'Tables that belong to a superuser',
  why: 'Only the owner can alter a table, so every migration has to run as superuser. Views and functions of a superuser read and act with all rights. An owner of the application’s own needs none of that.',
  // Run on PostgreSQL 13 to 18. One row for each schema and owner.
  sql: () => `
with relation as materialized (
  select
    relation.oid,
    relation.relnamespace,
    relation.relowner
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  where relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and not relation.relispartition
    and ${isUserSchema('schema')}
    and ${isNotOfExtension('relation.oid')}
)
select
  schema.nspname::text as schema_name,
  quote_ident(owner.rolname) as owner,
  count(*) as relations,
  (select count(*) from relation as other where other.relnamespace = schema.oid) as all_relations
from relation
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
join pg_catalog.pg_roles as owner on owner.oid = relation.relowner and owner.rolsuper
group by schema.oid, schema.nspname, owner.rolname
order by schema_name, owner`,
  findings(rows) {
    return rows.map((row) => ({
      object: `schema ${quoteIdentifier(row.schema_name)}: ${row.owner}`,
      severity: 'info' as const,
      message: `${formatCount(row.relations)} of ${formatCount(row.all_relations)} tables and views of schema ${quoteIdentifier(row.schema_name)} belong to the superuser ${row.owner}.`,
      measure: Number(row.relations),
      evidence: [
        { label: 'Owner', value: row.owner },
        { label: 'Tables and views', value: `${formatCount(row.relations)} of ${formatCount(row.all_relations)}` },
      ],
      caution: 'ALTER … OWNER TO hands them over one by one; functions and sequences have owners of their own.',
    }));
  },
};
