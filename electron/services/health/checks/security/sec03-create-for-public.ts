import { isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantedByOthers, otherGrantors } from './grants.ts';

interface Row {
  readonly schema_name: string;
  readonly owner: string;
  /** Roles other than the owner that granted it. */
  readonly other_grantors: string | null;
}

export const createForPublic: HealthCheck<Row> = {
  id: 'SEC03',
  group: 'security',
  basis: 'catalog',
  title: 'Schemas in which everybody may create',
  why: 'Whoever may create objects in a schema of the search path can put a function or table there that others run by mistake. Since PostgreSQL 15 new databases do not allow it in public; upgraded ones still do.',
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  quote_ident(schema.nspname) as schema_name,
  quote_ident(pg_catalog.pg_get_userbyid(schema.nspowner)) as owner,
  ${otherGrantors('grant_item.grantor', 'schema.nspowner')} as other_grantors
from pg_catalog.pg_namespace as schema
cross join lateral pg_catalog.aclexplode(coalesce(schema.nspacl, pg_catalog.acldefault('n', schema.nspowner))) as grant_item
where ${isUserSchema('schema')}
  and grant_item.grantee = 0
  and grant_item.privilege_type = 'CREATE'
group by schema.nspname, schema.nspowner
order by schema_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: `schema ${row.schema_name}`,
      severity: 'warning' as const,
      message: `Every role may create objects in schema ${row.schema_name}.`,
      evidence: [{ label: 'Owner', value: row.owner }],
      ...(row.other_grantors === null
        ? {
            fixSql: `revoke create on schema ${row.schema_name} from public;`,
            undoSql: `grant create on schema ${row.schema_name} to public;`,
            lock: lockTexts.none,
            caution: 'Roles that create tables there need the right by name.',
          }
        : grantedByOthers(row.other_grantors)),
    }));
  },
};
