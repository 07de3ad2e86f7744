import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantsOn } from './grants.ts';

interface Row {
  readonly view_oid: string;
  readonly view_name: string;
  readonly owner: string;
  readonly tables: string;
  readonly has_grants: boolean;
  readonly is_materialized: boolean;
  /** As it was typed; null where the view does not say. */
  readonly security_invoker: string | null;
}

export const viewBypassesRowSecurity: HealthCheck<Row> = {
  id: 'SEC15',
  group: 'security',
  basis: 'catalog',
  title: 'Views that pass by row level security',
  why: 'A view reads its tables with the rights of its owner. Where the owner is exempt from the policies of a table, everybody who may read the view sees all its rows.',
  // Run on PostgreSQL 13 to 18. The policies apply to the view's owner, unless it owns the table, is superuser or bypasses
  // them: only then do they not hold. A view can run as its reader since 15; a
  // materialized view never does.
  sql: ({ versionNum }) => `
select
  view_class.oid::int8 as view_oid,
  format('%I.%I', schema.nspname, view_class.relname) as view_name,
  quote_ident(owner.rolname) as owner,
  string_agg(distinct format('%I.%I', table_schema.nspname, table_class.relname), ', ') as tables,
  bool_or(exists (
    select
    from ${grantsOn('view_class')}
    where grant_item.grantee <> view_class.relowner
      and grant_item.privilege_type = 'SELECT'
  )) as has_grants,
  view_class.relkind = 'm' as is_materialized,
  (
    select option.option_value
    from pg_catalog.pg_options_to_table(view_class.reloptions) as option
    where option.option_name = 'security_invoker'
  ) as security_invoker
from pg_catalog.pg_class as view_class
join pg_catalog.pg_namespace as schema on schema.oid = view_class.relnamespace
join pg_catalog.pg_roles as owner on owner.oid = view_class.relowner
join pg_catalog.pg_rewrite as rule
  on rule.ev_class = view_class.oid
  and rule.ev_type = '1'
join pg_catalog.pg_depend as dependency
  on dependency.classid = 'pg_catalog.pg_rewrite'::regclass
  and dependency.objid = rule.oid
  and dependency.refclassid = 'pg_catalog.pg_class'::regclass
  and dependency.refobjid <> view_class.oid
join pg_catalog.pg_class as table_class
  on table_class.oid = dependency.refobjid
  and table_class.relrowsecurity
join pg_catalog.pg_namespace as table_schema on table_schema.oid = table_class.relnamespace
where view_class.relkind in ('v', 'm')
  ${
    versionNum < 150_000
      ? ''
      : `and not exists (
    select
    from pg_catalog.pg_options_to_table(view_class.reloptions) as option
    where option.option_name = 'security_invoker'
      and option.option_value::bool
  )`
  }
  and (
    owner.rolsuper
    or owner.rolbypassrls
    or pg_catalog.pg_has_role(view_class.relowner, table_class.relowner, 'usage') and not table_class.relforcerowsecurity
  )
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('view_class.oid')}
group by view_class.oid, schema.nspname, view_class.relname, view_class.relkind, view_class.reloptions, owner.rolname
order by view_name`,
  findings(rows, { facts }) {
    return rows.map((row) => ({
      object: row.view_name,
      relationOid: Number(row.view_oid),
      severity: row.has_grants ? ('warning' as const) : ('info' as const),
      message: `${row.is_materialized ? 'Materialized view' : 'View'} ${row.view_name} shows all rows of ${row.tables}: it reads as ${row.owner}, to whom the row level policies do not apply.`,
      evidence: [
        { label: 'Tables with policies', value: row.tables },
        { label: 'Granted to others', value: row.has_grants ? 'yes' : 'no' },
      ],
      ...(facts.versionNum >= 150_000 && !row.is_materialized
        ? {
            fixSql: `alter view ${row.view_name} set (security_invoker = true);`,
            undoSql:
              row.security_invoker === null
                ? `alter view ${row.view_name} reset (security_invoker);`
                : `alter view ${row.view_name} set (security_invoker = ${row.security_invoker});`,
            lock: lockTexts.accessExclusiveShort,
            caution: 'Its readers then need rights on the tables themselves.',
          }
        : {
            caution: row.is_materialized
              ? 'What it holds was read as its owner; only rights on the view itself can guard it.'
              : 'Before PostgreSQL 15 a view cannot run as its reader: give it to an owner to whom the policies apply, or write their condition into it.',
          }),
    }));
  },
};
