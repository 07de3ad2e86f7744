import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { grantsOn } from './grants.ts';

/** A table whose row level security and policies do not fit together. */
export interface RowSecurityRow {
  readonly table_oid: string;
  readonly table_name: string;
  readonly is_enabled: boolean;
  readonly policies: readonly string[];
  /** How many of them are permissive: without one, no row is seen, whatever the restrictive ones say. */
  readonly permissive: string;
  readonly is_partition: boolean;
  /** The table above it that has row level security, where this partition has none. */
  readonly guarded_parent: string | null;
  /** The owner too is bound by the policies. */
  readonly binds_owner: boolean;
  /** Whom policies bind that may read it directly, PUBLIC among them, in whole or by columns. */
  readonly readers: readonly string[];
  /** The same of those that may insert, update or delete. */
  readonly writers: readonly string[];
}

/** Those that were granted one of the rights, and members of the predefined role of PostgreSQL 14 that has them on all. */
function boundRoles(privileges: string, predefined: string): string {
  return `array(
    select distinct case item.grantee when 0 then 'PUBLIC' else quote_ident(role.rolname) end
    from (
      select grant_item.grantee
      from ${grantsOn('table_class')}
      where grant_item.privilege_type in (${privileges})
      union
      select member.oid
      from pg_catalog.pg_roles as general
      join pg_catalog.pg_roles as member
        on member.rolcanlogin
        and pg_catalog.pg_has_role(member.oid, general.oid, 'usage')
      where general.rolname = '${predefined}'
    ) as item
    left join pg_catalog.pg_roles as role on role.oid = item.grantee
    where item.grantee <> table_class.relowner
      and role.rolsuper is not true
      and role.rolbypassrls is not true
    order by 1
  )`;
}

/**
 * Tables that have policies, or row level security, or both, and partitions without it below those that have.
 * Run on PostgreSQL 13 to 18.
 */
export const rowSecuritySql = `
with recursive below as (
  select
    inheritance.inhrelid as oid,
    parent.oid as guarded_oid
  from pg_catalog.pg_class as parent
  join pg_catalog.pg_inherits as inheritance on inheritance.inhparent = parent.oid
  where parent.relrowsecurity
  union
  select
    inheritance.inhrelid,
    below.guarded_oid
  from below
  join pg_catalog.pg_inherits as inheritance on inheritance.inhparent = below.oid
)
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  table_class.relrowsecurity as is_enabled,
  array(
    select quote_ident(policy.polname)
    from pg_catalog.pg_policy as policy
    where policy.polrelid = table_class.oid
    order by policy.polname
  ) as policies,
  (
    select count(*)
    from pg_catalog.pg_policy as policy
    where policy.polrelid = table_class.oid
      and policy.polpermissive
  ) as permissive,
  table_class.relispartition as is_partition,
  case
    when not table_class.relrowsecurity then (
      select min(format('%I.%I', parent_schema.nspname, parent.relname))
      from below
      join pg_catalog.pg_class as parent on parent.oid = below.guarded_oid
      join pg_catalog.pg_namespace as parent_schema on parent_schema.oid = parent.relnamespace
      where below.oid = table_class.oid
    )
  end as guarded_parent,
  table_class.relforcerowsecurity as binds_owner,
  ${boundRoles("'SELECT'", 'pg_read_all_data')} as readers,
  ${boundRoles("'INSERT', 'UPDATE', 'DELETE'", 'pg_write_all_data')} as writers
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'p')
  and (
    table_class.relrowsecurity
    or table_class.oid in (select policy.polrelid from pg_catalog.pg_policy as policy)
    or table_class.oid in (select below.oid from below)
  )
  and ${isNotOfExtension('table_class.oid')}
order by table_name`;
