import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly member_name: string;
  readonly granted_role: string;
  readonly can_login: boolean;
}

const powers: Readonly<Record<string, string>> = {
  pg_execute_server_program: 'run programs on the machine of the server',
  pg_write_server_files: 'write files on the server, and so take it over',
  pg_read_server_files: 'read every file that the server can read',
};

export const serverAccessRoles: HealthCheck<Row> = {
  id: 'SEC25',
  group: 'security',
  basis: 'catalog',
  title: 'Roles with access to the server’s machine',
  why: 'Members of these predefined roles reach beyond the database, to files and programs. That is close to being superuser.',
  // Run on PostgreSQL 13 to 18. Members of members count as well.
  sql: () => `
with recursive membership as (
  select
    granted.rolname as granted_role,
    direct.member
  from pg_catalog.pg_roles as granted
  join pg_catalog.pg_auth_members as direct on direct.roleid = granted.oid
  where granted.rolname in ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')
  union
  select
    membership.granted_role,
    indirect.member
  from membership
  join pg_catalog.pg_auth_members as indirect on indirect.roleid = membership.member
)
select
  quote_ident(member.rolname) as member_name,
  membership.granted_role::text as granted_role,
  member.rolcanlogin as can_login
from membership
join pg_catalog.pg_roles as member on member.oid = membership.member
where not member.rolsuper
order by member_name, granted_role`,
  findings(rows) {
    return rows.map((row) => ({
      object: `role ${row.member_name}`,
      severity: 'warning' as const,
      message: `Role ${row.member_name} may ${powers[row.granted_role] ?? ''} (${row.granted_role}).`,
      evidence: [{ label: 'Can log in', value: row.can_login ? 'yes' : 'no' }],
      fixSql: `revoke ${row.granted_role} from ${row.member_name};`,
      undoSql: `grant ${row.granted_role} to ${row.member_name};`,
      lock: lockTexts.none,
      caution: 'Where it is a member through another role, that membership has to go instead.',
      confidence: 'high' as const,
    }));
  },
};
