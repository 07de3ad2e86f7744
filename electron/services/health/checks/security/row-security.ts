import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';

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
  /** Roles that may read it directly, PUBLIC among them, beside owner and superusers. */
  readonly readers: readonly string[];
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
  array(
    select distinct case grant_item.grantee when 0 then 'PUBLIC' else quote_ident(role.rolname) end
    from pg_catalog.aclexplode(table_class.relacl) as grant_item
    left join pg_catalog.pg_roles as role on role.oid = grant_item.grantee
    where grant_item.privilege_type = 'SELECT'
      and grant_item.grantee <> table_class.relowner
      and role.rolsuper is not true
    order by 1
  ) as readers
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
