import { isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly policy_name: string;
  readonly command: string;
  readonly roles: string;
  readonly using_expression: string | null;
  readonly check_expression: string | null;
}

export const policyAlwaysTrue: HealthCheck<Row> = {
  id: 'SEC18',
  group: 'security',
  basis: 'catalog',
  title: 'Write policies that allow everything',
  why: 'A permissive policy whose condition is always true lets its roles write every row, whatever the other policies say: permissive policies are joined by OR.',
  // Run on PostgreSQL 13 to 18. Reading for everybody is often meant; writing seldom is.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(policy.polname) as policy_name,
  case policy.polcmd when '*' then 'ALL' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' end as command,
  case
    when policy.polroles = '{0}' then 'PUBLIC'
    else array_to_string(array(select quote_ident(rolname) from pg_catalog.pg_roles where oid = any (policy.polroles) order by 1), ', ')
  end as roles,
  pg_catalog.pg_get_expr(policy.polqual, policy.polrelid) as using_expression,
  pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid) as check_expression
from pg_catalog.pg_policy as policy
join pg_catalog.pg_class as table_class on table_class.oid = policy.polrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where policy.polpermissive
  and policy.polcmd in ('*', 'a', 'w', 'd')
  and (
    case
      when policy.polcmd = 'd' then pg_catalog.pg_get_expr(policy.polqual, policy.polrelid)
      when policy.polcmd = 'a' then pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid)
      else coalesce(
        pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid),
        pg_catalog.pg_get_expr(policy.polqual, policy.polrelid))
    end
  ) in ('true', '(1 = 1)')
  and ${isUserSchema('schema')}
order by table_name, policy_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Policy ${row.policy_name} of ${row.table_name} lets ${row.roles} ${row.command === 'ALL' ? 'write' : row.command.toLowerCase()} every row.`,
      evidence: [
        { label: 'Command', value: row.command },
        { label: 'USING', value: row.using_expression ?? '(none)' },
        { label: 'WITH CHECK', value: row.check_expression ?? '(none)' },
      ],
      caution: 'Write the condition that is meant, or drop the policy.',
      confidence: 'high' as const,
    }));
  },
};
