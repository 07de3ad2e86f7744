import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { grantsOn } from './grants.ts';

/** One row level security policy. */
export interface PolicyRow {
  readonly table_oid: string;
  readonly table_name: string;
  readonly is_enabled: boolean;
  readonly policy_name: string;
  readonly is_permissive: boolean;
  /** `polcmd`: r select, a insert, w update, d delete, * all. */
  readonly command: 'r' | 'a' | 'w' | 'd' | '*';
  /** Quoted names; PUBLIC for everybody. */
  readonly roles: readonly string[];
  /** Restrictive policies narrow everything that it allows. */
  readonly is_narrowed: boolean;
  /** Somebody whom policies bind has the right to write what it allows. */
  readonly is_used: boolean;
  readonly using_expression: string | null;
  readonly check_expression: string | null;
  /** Functions of users that the conditions call, with the number of their arguments: not those that are immutable. */
  readonly functions: readonly { readonly name: string; readonly arguments: number }[];
}

/** All policies. One statement for several checks: the engine asks it once. Run on PostgreSQL 13 to 18. */
export function policiesSql(): string {
  return `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  table_class.relrowsecurity as is_enabled,
  quote_ident(policy.polname) as policy_name,
  policy.polpermissive as is_permissive,
  policy.polcmd::text as command,
  case
    when 0 = any (policy.polroles) then array['PUBLIC']
    else array(select quote_ident(role.rolname) from pg_catalog.pg_roles as role where role.oid = any (policy.polroles) order by 1)
  end as roles,
  not exists (
    select
    from unnest(case policy.polcmd when '*' then array['a', 'w', 'd'] else array[policy.polcmd::text] end) as allowed (command)
    where not exists (
      select
      from pg_catalog.pg_policy as restrictive
      where restrictive.polrelid = policy.polrelid
        and not restrictive.polpermissive
        and restrictive.polcmd::text in ('*', allowed.command)
        and (0 = any (restrictive.polroles) or policy.polroles <@ restrictive.polroles)
    )
  ) as is_narrowed,
  table_class.relforcerowsecurity or exists (
    select
    from ${grantsOn('table_class')}
    where grant_item.grantee <> table_class.relowner
      and grant_item.privilege_type = any (
        case policy.polcmd
          when 'a' then array['INSERT']
          when 'w' then array['UPDATE']
          when 'd' then array['DELETE']
          else array['INSERT', 'UPDATE', 'DELETE']
        end
      )
  ) as is_used,
  pg_catalog.pg_get_expr(policy.polqual, policy.polrelid) as using_expression,
  pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid) as check_expression,
  coalesce((
    select json_agg(json_build_object('name', routine.proname, 'arguments', routine.pronargs))
    from pg_catalog.pg_depend as dependency
    join pg_catalog.pg_proc as routine on routine.oid = dependency.refobjid
    where dependency.classid = 'pg_catalog.pg_policy'::regclass
      and dependency.objid = policy.oid
      and dependency.refclassid = 'pg_catalog.pg_proc'::regclass
      and routine.provolatile <> 'i'
  ), '[]'::json) as functions
from pg_catalog.pg_policy as policy
join pg_catalog.pg_class as table_class on table_class.oid = policy.polrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_name, policy_name`;
}
