import type { HealthCheck } from '../../health-check.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly kind: 'table' | 'sequence' | 'database';
  readonly object_oid: string;
  readonly object_name: string;
  readonly privileges: string;
  readonly can_write: boolean;
}

export const grantsToPublic: HealthCheck<Row> = {
  id: 'SEC22',
  group: 'security',
  basis: 'catalog',
  title: 'Rights granted to everybody',
  why: 'A grant to PUBLIC holds for every role, also for those that are created later. Rights on data should have names.',
  // Run on PostgreSQL 13 to 18. A database gives CONNECT and TEMPORARY to PUBLIC unless they were revoked.
  sql: () => `
select
  case when relation.relkind = 'S' then 'sequence' else 'table' end as kind,
  relation.oid::int8 as object_oid,
  format('%I.%I', schema.nspname, relation.relname) as object_name,
  string_agg(grant_item.privilege_type, ', ' order by grant_item.privilege_type) as privileges,
  bool_or(grant_item.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')) as can_write
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
cross join lateral pg_catalog.aclexplode(relation.relacl) as grant_item
where grant_item.grantee = 0
  and relation.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('relation.oid')}
group by relation.oid, relation.relkind, schema.nspname, relation.relname
union all
select
  'database',
  database.oid::int8,
  quote_ident(database.datname),
  string_agg(grant_item.privilege_type, ', ' order by grant_item.privilege_type),
  false
from pg_catalog.pg_database as database
cross join lateral pg_catalog.aclexplode(coalesce(database.datacl, pg_catalog.acldefault('d', database.datdba))) as grant_item
where grant_item.grantee = 0
  and database.datname = current_database()
group by database.oid, database.datname
order by 1, 3`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.kind === 'database' ? `database ${row.object_name}` : row.object_name,
      ...(row.kind === 'database' ? {} : { relationOid: Number(row.object_oid) }),
      severity: row.can_write ? ('warning' as const) : ('info' as const),
      message: `Every role has ${row.privileges} on ${row.kind} ${row.object_name}${row.kind === 'database' ? ', as PostgreSQL gives it by default' : ''}.`,
      evidence: [{ label: 'Rights of PUBLIC', value: row.privileges }],
      fixSql: `revoke ${row.privileges.toLowerCase()} on ${row.kind} ${row.object_name} from public;`,
      undoSql: `grant ${row.privileges.toLowerCase()} on ${row.kind} ${row.object_name} to public;`,
      lock: lockTexts.none,
      caution:
        row.kind === 'database'
          ? 'Roles that connect must be granted CONNECT by name first.'
          : 'Roles that use it must be granted the right by name first.',
      confidence: 'high' as const,
    }));
  },
};
