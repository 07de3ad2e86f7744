import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly role_name: string;
  readonly schema_name: string | null;
  /** As ALTER DEFAULT PRIVILEGES calls them: `tables`. */
  readonly objects: string;
  readonly privileges: string;
  readonly can_write: boolean;
}

export const defaultPrivilegesForPublic: HealthCheck<Row> = {
  id: 'SEC23',
  group: 'security',
  basis: 'catalog',
  title: 'Default privileges for everybody',
  why: 'Default privileges are given to every object made from now on. What they give to PUBLIC, every role has on tables that nobody has thought of yet.',
  // Run on PostgreSQL 13 to 18. EXECUTE on functions and USAGE on types are PostgreSQL's own default and no
  // finding here. Large objects have such privileges since 18.
  sql: () => `
select
  quote_ident(pg_catalog.pg_get_userbyid(item.defaclrole)) as role_name,
  schema.nspname::text as schema_name,
  case item.defaclobjtype
    when 'r' then 'tables'
    when 'S' then 'sequences'
    when 'n' then 'schemas'
    when 'L' then 'large objects'
  end as objects,
  string_agg(distinct lower(grant_item.privilege_type), ', ') as privileges,
  bool_or(grant_item.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'CREATE')) as can_write
from pg_catalog.pg_default_acl as item
cross join lateral pg_catalog.aclexplode(item.defaclacl) as grant_item
left join pg_catalog.pg_namespace as schema on schema.oid = item.defaclnamespace
where grant_item.grantee = 0
  and item.defaclobjtype in ('r', 'S', 'n', 'L')
group by item.oid, item.defaclrole, schema.nspname, item.defaclobjtype
order by role_name, schema_name, objects`,
  findings(rows) {
    return rows.map((row) => {
      const schema = row.schema_name === null ? '' : ` in schema ${quoteIdentifier(row.schema_name)}`;
      const where = `alter default privileges for role ${row.role_name}${schema}`;
      return {
        object: `default privileges of ${row.role_name}${schema}: ${row.objects}`,
        severity: row.can_write ? ('warning' as const) : ('info' as const),
        message: `Every role gets ${row.privileges.toUpperCase()} on ${row.objects} that ${row.role_name} will make${schema}.`,
        evidence: [{ label: 'Rights of PUBLIC', value: row.privileges.toUpperCase() }],
        fixSql: `${where} revoke ${row.privileges} on ${row.objects} from public;`,
        undoSql: `${where} grant ${row.privileges} on ${row.objects} to public;`,
        lock: lockTexts.none,
        caution: 'Objects that exist keep their rights.',
      };
    });
  },
};
