import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';

/** A table whose row level security and policies do not fit together. */
export interface RowSecurityRow {
  readonly table_oid: string;
  readonly table_name: string;
  readonly is_enabled: boolean;
  readonly policies: readonly string[];
}

/** Tables that have policies, or row level security, or both. Run on PostgreSQL 13 to 18. */
export const rowSecuritySql = `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  table_class.relrowsecurity as is_enabled,
  array(
    select quote_ident(policy.polname)
    from pg_catalog.pg_policy as policy
    where policy.polrelid = table_class.oid
    order by policy.polname
  ) as policies
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'p')
  and (
    table_class.relrowsecurity
    or exists (
      select
      from pg_catalog.pg_policy as policy
      where policy.polrelid = table_class.oid
    )
  )
  and ${isNotOfExtension('table_class.oid')}
order by table_name`;
