import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
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
select
  schema.nspname::text as schema_name,
  quote_ident(owner.rolname) as owner,
  owned.relations,
  owned.all_relations
from (
  select
    relation.relnamespace,
    relation.relowner,
    count(*) as relations,
    (sum(count(*)) over (partition by relation.relnamespace))::int8 as all_relations
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  where relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and not relation.relispartition
    and ${isUserSchema('schema')}
    and ${isNotOfExtension('relation.oid')}
  group by relation.relnamespace, relation.relowner
) as owned
join pg_catalog.pg_namespace as schema on schema.oid = owned.relnamespace
join pg_catalog.pg_roles as owner on owner.oid = owned.relowner and owner.rolsuper
order by schema_name, owner`,
  findings(rows) {
    return [...Map.groupBy(rows, (row) => row.owner)].map(([owner, schemas]) => {
      const own = sum(schemas, (row) => row.relations);
      const all = sum(schemas, (row) => row.all_relations);
      const names = schemas.map((row) => quoteIdentifier(row.schema_name));
      return {
        object: `role ${owner}`,
        severity: 'info' as const,
        message: `${formatCount(own)} of ${formatCount(all)} tables and views, in ${schemasText(names)}, belong to the superuser ${owner}.`,
        measure: own,
        evidence: [
          { label: 'Owner', value: owner },
          ...schemas.slice(0, listedSchemas).map((row) => ({
            label: `Schema ${quoteIdentifier(row.schema_name)}`,
            value: `${formatCount(row.relations)} of ${formatCount(row.all_relations)}`,
          })),
        ],
        caution: 'ALTER … OWNER TO hands them over one by one; functions and sequences have owners of their own.',
      };
    });
  },
};

/** A line of evidence for each of them; more are counted in the message. */
const listedSchemas = 20;

function sum(rows: readonly Row[], count: (row: Row) => string): number {
  return rows.reduce((total, row) => total + Number(count(row)), 0);
}

/** `schema a`, `schemas a and b`, `12 schemas`. */
function schemasText(names: readonly string[]): string {
  if (names.length > 3) return plural(names.length, 'schema');
  return `${names.length === 1 ? 'schema' : 'schemas'} ${names.slice(0, -1).join(', ')}${names.length > 1 ? ' and ' : ''}${names.at(-1) ?? ''}`;
}
