import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { membershipOptions, nobodyDependsOn } from './membership-options.ts';

interface Row {
  readonly member_name: string;
  readonly granted_role: string;
  readonly can_login: boolean;
  readonly is_direct: boolean;
  /** Who granted the membership, since 16, where it was one role. */
  readonly grantor: string | null;
  /** The options of the grant, to give it back; null where there are several grants, or others hang on it. */
  readonly options: string | null;
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
  // Run on PostgreSQL 13 to 18. Members of members count as well; since 16 only where a grant lets them inherit or SET ROLE,
  // or grant the role to themselves.
  sql: ({ versionNum }) => {
    const hasOptions = versionNum >= 160_000;
    return `
with recursive membership as (
  select
    granted.rolname as granted_role,
    granted.oid as granted_oid,
    direct.member,
    ${hasOptions ? 'direct.admin_option' : 'true'} as by_admin
  from pg_catalog.pg_roles as granted
  join pg_catalog.pg_auth_members as direct on direct.roleid = granted.oid
  where granted.rolname in ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')
  union
  select
    membership.granted_role,
    membership.granted_oid,
    indirect.member,
    ${hasOptions ? 'membership.by_admin or indirect.admin_option' : 'true'}
  from membership
  join pg_catalog.pg_auth_members as indirect on indirect.roleid = membership.member
)
select
  quote_ident(member.rolname) as member_name,
  membership.granted_role::text as granted_role,
  member.rolcanlogin as can_login,
  direct.grants > 0 as is_direct,
  ${hasOptions ? 'case when direct.grants = 1 then quote_ident(direct.grantor) end' : 'null::text'} as grantor,
  case when direct.grants = 1 and direct.can_go then direct.options end as options
from (
  select
    membership.granted_role,
    membership.granted_oid,
    membership.member,
    bool_or(membership.by_admin) as by_admin
  from membership
  group by 1, 2, 3
) as membership
join pg_catalog.pg_roles as member on member.oid = membership.member
cross join lateral (
  select
    count(*) as grants,
    min(pg_catalog.pg_get_userbyid(given.grantor)) as grantor,
    min(${membershipOptions('given', versionNum)}) as options,
    bool_and(${nobodyDependsOn('given', versionNum)}) as can_go
  from pg_catalog.pg_auth_members as given
  where given.roleid = membership.granted_oid
    and given.member = membership.member
) as direct
where not member.rolsuper
  and (
    membership.by_admin
    or pg_catalog.pg_has_role(member.oid, membership.granted_oid, 'usage')${hasOptions ? "\n    or pg_catalog.pg_has_role(member.oid, membership.granted_oid, 'set')" : ''}
  )
order by member_name, granted_role`;
  },
  findings(rows) {
    return rows.map((row) => {
      const canRevoke = row.is_direct && row.options !== null;
      const by = row.grantor === null ? '' : ` granted by ${row.grantor}`;
      return {
        object: `role ${row.member_name}: ${row.granted_role}`,
        severity: 'warning' as const,
        message: `Role ${row.member_name} may ${powers[row.granted_role] ?? ''} (${row.granted_role}${row.is_direct ? '' : ', through other roles'}).`,
        evidence: [{ label: 'Can log in', value: row.can_login ? 'yes' : 'no' }],
        ...(canRevoke
          ? {
              fixSql: `revoke ${row.granted_role} from ${row.member_name}${by};`,
              undoSql: `grant ${row.granted_role} to ${row.member_name}${row.options ?? ''}${by};`,
              lock: lockTexts.none,
            }
          : {}),
        caution: row.is_direct
          ? 'Foreign tables and COPY of files on the server stop working for it.'
          : 'The membership of the role in between has to go instead.',
      };
    });
  },
};
