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
  /** The superusers that it can become, the nearest first, and whether that by one membership or through other roles. */
  readonly through: readonly string[];
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
  // SET ROLE; since 16 only where
  // the grant says so. A role in between may be granted to oneself instead; a superuser's only by superusers.
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
  ${versionNum >= 160_000 ? 'where membership.set_option or membership.admin_option and reach.steps > 0' : ''}
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
  array(
    select quote_ident(reachable.rolname)
    from (
      select
        reach.superuser,
        min(reach.steps) as steps
      from reach
      where reach.member = role.oid
        and not role.rolsuper
      group by reach.superuser
    ) as near
    join pg_catalog.pg_roles as reachable on reachable.oid = near.superuser
    order by near.steps, near.superuser
  ) as through,
  nearest.steps = 1 as is_direct,
  ${
    versionNum >= 160_000
      ? `(
    select quote_ident(min(pg_catalog.pg_get_userbyid(membership.grantor)))
    from pg_catalog.pg_auth_members as membership
    where membership.member = role.oid
      and membership.roleid = superuser.oid
      and membership.set_option
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
        const [nearest = '', ...others] = row.through;
        const canRevoke = row.is_direct === true && row.options !== null && others.length === 0;
        const by = row.grantor === null ? '' : ` granted by ${row.grantor}`;
        return {
          object: `role ${row.role_name}`,
          severity: 'warning' as const,
          message: row.is_superuser
            ? `Role ${row.role_name} can log in and is a superuser, one of ${formatCount(rows.length)} logins with such rights.`
            : `Role ${row.role_name} can log in and become the ${others.length === 0 ? 'superuser' : 'superusers'} ${row.through.join(', ')}${row.is_direct === true ? '' : ' through other roles'}.`,
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
                    fixSql: `revoke ${nearest} from ${row.role_name}${by};`,
                    undoSql: `grant ${nearest} to ${row.role_name}${row.options ?? ''}${by};`,
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
