import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly role_name: string;
  readonly is_superuser: boolean;
  readonly is_bootstrap: boolean;
  readonly through: string | null;
}

export const severalSuperusers: HealthCheck<Row> = {
  id: 'SEC01',
  group: 'security',
  basis: 'catalog',
  title: 'Logins with superuser rights',
  why: 'A superuser passes every permission check, reads every file the server can read, and runs programs on its machine. One for emergencies is enough; a member of a superuser role can become one at any time.',
  // Run on PostgreSQL 13 to 18. The role of initdb has the OID 10.
  sql: () => `
with recursive reach as (
  select
    role.oid as member,
    role.oid as superuser,
    null::name as through
  from pg_catalog.pg_roles as role
  where role.rolsuper
  union
  select
    membership.member,
    reach.superuser,
    superuser_role.rolname
  from reach
  join pg_catalog.pg_auth_members as membership on membership.roleid = reach.member
  join pg_catalog.pg_roles as superuser_role on superuser_role.oid = reach.superuser
)
select
  quote_ident(role.rolname) as role_name,
  role.rolsuper as is_superuser,
  role.oid = 10 as is_bootstrap,
  min(quote_ident(reach.through)) as through
from reach
join pg_catalog.pg_roles as role on role.oid = reach.member
where role.rolcanlogin
group by role.oid, role.rolname, role.rolsuper
order by role_name`,
  findings(rows) {
    // One superuser has to exist.
    if (rows.length <= 1) return [];
    return rows
      .filter((row) => !row.is_bootstrap)
      .map((row) => ({
        object: `role ${row.role_name}`,
        severity: 'warning' as const,
        message: row.is_superuser
          ? `Role ${row.role_name} can log in and is a superuser, one of ${formatCount(rows.length)} logins with such rights.`
          : `Role ${row.role_name} can log in and become the superuser ${row.through ?? ''}.`,
        evidence: [{ label: 'Logins with superuser rights', value: rows.map((other) => other.role_name).join(', ') }],
        ...(row.is_superuser
          ? { fixSql: `alter role ${row.role_name} nosuperuser;`, undoSql: `alter role ${row.role_name} superuser;` }
          : {
              fixSql: `revoke ${row.through ?? ''} from ${row.role_name};`,
              undoSql: `grant ${row.through ?? ''} to ${row.role_name};`,
            }),
        lock: lockTexts.none,
        caution:
          'What it does today may need rights of its own first. Do not take them from the role you are logged in as.',
        confidence: 'high' as const,
      }));
  },
};
