import type { HealthFinding } from '#contract/health-model.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly kind: 'table' | 'role';
  readonly object_oid: string;
  readonly object_name: string;
  readonly owner: string | null;
  /** Logins that are no superusers and to whom the policies do not apply. */
  readonly logins: readonly string[];
  /** Tables with row level security, for a role. */
  readonly tables: string;
}

export const exemptFromPolicies: HealthCheck<Row> = {
  id: 'SEC21',
  group: 'security',
  basis: 'catalog',
  title: 'Logins to whom row level policies do not apply',
  why: 'The owner of a table passes by its policies unless they are forced, and a role with BYPASSRLS passes by all of them. An application that logs in as either sees every row, whatever the policies say.',
  // Run on PostgreSQL 13 to 18. An owner that nobody can log in as is the usual, right arrangement; so is a superuser.
  // Who has the rights of the owner by membership is exempt as well. BYPASSRLS is not inherited.
  sql: () => `
with guarded as materialized (
  select
    table_class.oid,
    table_class.relowner,
    table_class.relforcerowsecurity,
    format('%I.%I', schema.nspname, table_class.relname) as table_name
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relrowsecurity
    and ${isUserSchema('schema')}
    and exists (select from pg_catalog.pg_policy as policy where policy.polrelid = table_class.oid)
    and ${isNotOfExtension('table_class.oid')}
),
login as materialized (
  select
    role.oid,
    role.rolname,
    role.rolbypassrls
  from pg_catalog.pg_roles as role
  where role.rolcanlogin
    and not role.rolsuper
),
owner_login as materialized (
  select
    owner.relowner,
    array_agg(quote_ident(login.rolname) order by login.rolname) as logins
  from (select distinct guarded.relowner from guarded) as owner
  join login on pg_catalog.pg_has_role(login.oid, owner.relowner, 'usage')
  group by owner.relowner
)
select
  'table' as kind,
  guarded.oid::int8 as object_oid,
  guarded.table_name as object_name,
  quote_ident(pg_catalog.pg_get_userbyid(guarded.relowner)) as owner,
  owner_login.logins,
  '0' as tables
from guarded
join owner_login on owner_login.relowner = guarded.relowner
where not guarded.relforcerowsecurity
union all
select
  'role',
  login.oid::int8,
  quote_ident(login.rolname),
  null,
  array[quote_ident(login.rolname)],
  (select count(*) from guarded)::text
from login
where login.rolbypassrls
  and exists (select from guarded)
order by 1, 3`,
  findings(rows) {
    return rows.map((row): HealthFinding => {
      if (row.kind === 'role') {
        return {
          object: `role ${row.object_name}`,
          severity: 'info',
          message: `Role ${row.object_name} can log in and has BYPASSRLS: the policies of ${plural(row.tables, 'table')} do not apply to it.`,
          evidence: [{ label: 'Tables with policies', value: formatCount(row.tables) }],
          fixSql: `alter role ${row.object_name} nobypassrls;`,
          undoSql: `alter role ${row.object_name} bypassrls;`,
          lock: lockTexts.none,
          caution: 'Backups and replication of single tables need it: a dump without it stops at the first policy.',
        };
      }
      return {
        object: row.object_name,
        relationOid: Number(row.object_oid),
        severity: 'info',
        message: `The policies of ${row.object_name} do not apply to ${row.logins.join(', ')}, who ${row.logins.length === 1 && row.logins[0] === row.owner ? 'owns it' : `has the rights of its owner ${row.owner ?? ''}`} and can log in.`,
        measure: row.logins.length,
        evidence: [
          { label: 'Owner', value: row.owner ?? '' },
          { label: 'Logins', value: row.logins.join(', ') },
        ],
        fixSql: `alter table ${row.object_name} force row level security;`,
        undoSql: `alter table ${row.object_name} no force row level security;`,
        lock: lockTexts.accessExclusiveShort,
        caution: 'From then on the owner sees only what a policy allows it, in migrations and dumps as well.',
      };
    });
  },
};
