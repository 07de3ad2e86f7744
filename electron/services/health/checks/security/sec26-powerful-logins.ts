import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly role_name: string;
  readonly can_create_roles: boolean;
  readonly can_create_databases: boolean;
  readonly can_replicate: boolean;
  /** It replicates at this moment: that is what it is for. */
  readonly is_replicating: boolean;
}

export const powerfulLogins: HealthCheck<Row> = {
  id: 'SEC26',
  group: 'security',
  basis: 'catalog',
  title: 'Logins that may create roles or databases, or replicate',
  why: 'REPLICATION copies the whole cluster past all rights in it. CREATEROLE, up to PostgreSQL 15, can give itself every role that is no superuser, those that run programs on the machine included. CREATEDB can fill the disk.',
  // Run on PostgreSQL 13 to 18. A role that replicates now, and can nothing else, is left out.
  sql: () => `
select
  quote_ident(role.rolname) as role_name,
  role.rolcreaterole as can_create_roles,
  role.rolcreatedb as can_create_databases,
  role.rolreplication as can_replicate,
  role.oid in (select sender.usesysid from pg_catalog.pg_stat_replication as sender where sender.usesysid is not null) as is_replicating
from pg_catalog.pg_roles as role
where role.rolcanlogin
  and not role.rolsuper
  and (role.rolcreaterole or role.rolcreatedb or role.rolreplication)
order by role_name`,
  findings(rows, { facts }) {
    return rows
      .filter((row) => row.can_create_roles || row.can_create_databases || !row.is_replicating)
      .map((row) => {
        const attributes = [
          ...(row.can_create_roles ? ['CREATEROLE'] : []),
          ...(row.can_create_databases ? ['CREATEDB'] : []),
          ...(row.can_replicate && !row.is_replicating ? ['REPLICATION'] : []),
        ];
        // Since 16 CREATEROLE reaches only roles on which one has the admin option.
        const isAlmostSuper = row.can_create_roles && facts.versionNum < 160_000;
        return {
          object: `role ${row.role_name}`,
          severity: isAlmostSuper ? ('warning' as const) : ('info' as const),
          message: `Role ${row.role_name} can log in and has ${attributes.join(', ')}${isAlmostSuper ? ': before PostgreSQL 16 it can grant itself nearly everything' : ''}.`,
          measure: attributes.length,
          evidence: [{ label: 'Attributes', value: attributes.join(', ') }],
          fixSql: `alter role ${row.role_name} ${attributes.map((attribute) => `no${attribute.toLowerCase()}`).join(' ')};`,
          undoSql: `alter role ${row.role_name} ${attributes.map((attribute) => attribute.toLowerCase()).join(' ')};`,
          lock: lockTexts.none,
          caution:
            'Standbys, backups and change capture need REPLICATION, provisioning needs the others: ask who uses it.',
        };
      });
  },
};
