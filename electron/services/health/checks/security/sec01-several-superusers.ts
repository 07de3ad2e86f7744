import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { membershipOptions, nobodyDependsOn } from './membership-options.ts';

interface Row {
  readonly role_name: string;
  readonly is_superuser: boolean;
  readonly is_bootstrap: boolean;
  /** The role that asks: without its rights it could take nothing back. */
  readonly is_self: boolean;
  /** The superuser that it can become, and whether by one membership or through other roles. */
  readonly through: string | null;
  readonly is_direct: boolean | null;
  /** Who granted that membership, since 16: a REVOKE takes back the grants of one role. */
  readonly grantor: string | null;
  /** The options of that grant, to give it back; null where there are several grants, or others hang on it. */
  readonly options: string | null;
}

export const severalSuperusers: HealthCheck<Row, 'maxSuperusers'> = {
  id: 'SEC01',
  group: 'security',
  basis: 'catalog',
  title: 'Logins with superuser rights',
  why: 'A superuser passes every permission check, reads every file the server can read, and runs programs on its machine. One for emergencies is enough; a member of a superuser role can become one at any time.',
  thresholds: {
    // CIS and pgdsat 4.8 want one.
    maxSuperusers: { usual: 1, unit: 'count', label: 'Most logins with superuser rights that are not reported' },
  },
  // Run on PostgreSQL 13 to 18. The role of initdb has the OID 10. Membership gives no superuser attribute, it lets one
  // SET ROLE; since 16 only where the grant says so, or where it lets one grant the role to oneself.
  sql: ({ versionNum }) => `
with recursive reach as (
  select
    role.oid as member,
    role.oid as superuser,
    0 as steps
  from pg_catalog.pg_roles as role
  where role.rolsuper
  union
  select
    membership.member,
    reach.superuser,
    least(reach.steps + 1, 2)
  from reach
  join pg_catalog.pg_auth_members as membership on membership.roleid = reach.member
  ${versionNum >= 160_000 ? 'where membership.set_option or membership.admin_option' : ''}
),
nearest as (
  select distinct on (reach.member)
    reach.member,
    reach.superuser,
    reach.steps
  from reach
  order by reach.member, reach.steps, reach.superuser
)
select
  quote_ident(role.rolname) as role_name,
  role.rolsuper as is_superuser,
  role.oid = 10 as is_bootstrap,
  role.rolname in (current_user, session_user) as is_self,
  case when not role.rolsuper then quote_ident(superuser.rolname) end as through,
  nearest.steps = 1 as is_direct,
  ${
    versionNum >= 160_000
      ? `(
    select quote_ident(min(pg_catalog.pg_get_userbyid(membership.grantor)))
    from pg_catalog.pg_auth_members as membership
    where membership.member = role.oid
      and membership.roleid = superuser.oid
      and (membership.set_option or membership.admin_option)
    having count(*) = 1
  )`
      : 'null::text'
  } as grantor,
  (
    select min(${membershipOptions('membership', versionNum)})
    from pg_catalog.pg_auth_members as membership
    where membership.member = role.oid
      and membership.roleid = superuser.oid
    having count(*) = 1
      and bool_and(${nobodyDependsOn('membership', versionNum)})
  ) as options
from nearest
join pg_catalog.pg_roles as role on role.oid = nearest.member
join pg_catalog.pg_roles as superuser on superuser.oid = nearest.superuser
where role.rolcanlogin
order by role_name`,
  findings(rows, { limits }) {
    if (rows.length <= limits.maxSuperusers) return [];
    return rows
      .filter((row) => !row.is_bootstrap)
      .map((row) => {
        const canRevoke = row.is_direct === true && row.options !== null;
        const by = row.grantor === null ? '' : ` granted by ${row.grantor}`;
        return {
          object: `role ${row.role_name}`,
          severity: 'warning' as const,
          message: row.is_superuser
            ? `Role ${row.role_name} can log in and is a superuser, one of ${formatCount(rows.length)} logins with such rights.`
            : `Role ${row.role_name} can log in and become the superuser ${row.through ?? ''}${row.is_direct === true ? '' : ' through other roles'}.`,
          evidence: [{ label: 'Logins with superuser rights', value: rows.map((other) => other.role_name).join(', ') }],
          ...(row.is_self
            ? {}
            : row.is_superuser
              ? {
                  fixSql: `alter role ${row.role_name} nosuperuser;`,
                  undoSql: `alter role ${row.role_name} superuser;`,
                  lock: lockTexts.none,
                }
              : canRevoke
                ? {
                    fixSql: `revoke ${row.through ?? ''} from ${row.role_name}${by};`,
                    undoSql: `grant ${row.through ?? ''} to ${row.role_name}${row.options ?? ''}${by};`,
                    lock: lockTexts.none,
                  }
                : {}),
          caution: row.is_self
            ? 'This is the role you are logged in as: log in as another superuser to take its rights away.'
            : 'What it does today may need rights of its own first.',
        };
      });
  },
};
