import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantedByOthers, otherGrantors } from './grants.ts';

interface Row {
  readonly kind: 'table' | 'sequence' | 'database';
  readonly object_oid: string;
  /** Null for the database. */
  readonly schema_name: string | null;
  readonly object_name: string;
  readonly privileges: string;
  /** The same as GRANT reads it: keywords in lower case, columns as they are. */
  readonly privileges_sql: string;
  /** Roles other than the owner that granted some of it: a REVOKE of the owner or a superuser leaves theirs. */
  readonly other_grantors: string | null;
  readonly can_write: boolean;
  /** PUBLIC may use the schema: without that the rights cannot be used. */
  readonly is_reachable: boolean;
  /** Of what a database gives by default: who has each right through PUBLIC alone and uses it, superusers aside. */
  readonly logins: readonly { readonly privilege: string; readonly roles: readonly string[] }[] | null;
}

/** More logins than this are not granted a right by name in one fix. Ours. */
const maxLogins = 50;

export const grantsToPublic: HealthCheck<Row, 'listedTables'> = {
  id: 'SEC22',
  group: 'security',
  basis: 'catalog',
  title: 'Rights granted to everybody',
  why: 'A grant to PUBLIC holds for every role, also for those that are created later. Rights on data should have names.',
  thresholds: {
    listedTables: { usual: 20, unit: 'count', label: 'Tables of one schema that are listed one by one' },
  },
  // Run on PostgreSQL 13 to 18. A database gives CONNECT and TEMPORARY to PUBLIC unless they were revoked.
  sql: () => `
with given as (
  select
    relation.oid,
    grant_item.privilege_type as privilege,
    null as columns,
    grant_item.grantor
  from pg_catalog.pg_class as relation
  cross join lateral pg_catalog.aclexplode(relation.relacl) as grant_item
  where grant_item.grantee = 0
    and relation.relacl is not null
  union all
  select
    attribute.attrelid,
    grant_item.privilege_type,
    string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum),
    grant_item.grantor
  from pg_catalog.pg_attribute as attribute
  cross join lateral pg_catalog.aclexplode(attribute.attacl) as grant_item
  where grant_item.grantee = 0
    and attribute.attacl is not null
    and not attribute.attisdropped
  group by attribute.attrelid, grant_item.privilege_type, grant_item.grantor
)
select
  case when relation.relkind = 'S' then 'sequence' else 'table' end as kind,
  relation.oid::int8 as object_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, relation.relname) as object_name,
  string_agg(given.privilege || coalesce(' (' || given.columns || ')', ''), ', ' order by given.privilege, given.columns nulls first)
    as privileges,
  string_agg(lower(given.privilege) || coalesce(' (' || given.columns || ')', ''), ', ' order by given.privilege, given.columns nulls first)
    as privileges_sql,
  ${otherGrantors('given.grantor', 'relation.relowner')} as other_grantors,
  bool_or(given.privilege in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')) as can_write,
  pg_catalog.has_schema_privilege('public', schema.oid, 'usage') as is_reachable,
  null::json as logins
from given
join pg_catalog.pg_class as relation on relation.oid = given.oid
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
where relation.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('relation.oid')}
group by relation.oid, relation.relkind, schema.oid, schema.nspname, relation.relname
union all
select
  'database',
  database.oid::int8,
  null,
  quote_ident(database.datname),
  string_agg(grant_item.privilege_type, ', ' order by grant_item.privilege_type),
  string_agg(lower(grant_item.privilege_type), ', ' order by grant_item.privilege_type),
  ${otherGrantors('grant_item.grantor', 'database.datdba')},
  grant_item.privilege_type = 'CREATE',
  true,
  case when not grant_item.privilege_type = 'CREATE' then (
    select json_agg(json_build_object('privilege', lower(lost.privilege_type), 'roles', lost.roles) order by lost.privilege_type)
    from (
      select
        of_public.privilege_type,
        array_agg(quote_ident(login.rolname) order by login.rolname) as roles
      from pg_catalog.pg_database as this
      cross join lateral pg_catalog.aclexplode(coalesce(this.datacl, pg_catalog.acldefault('d', this.datdba))) as of_public
      -- Owners of functions and roles that are switched to make temporary tables without logging in.
      join pg_catalog.pg_roles as login
        on not login.rolsuper
        and login.rolname !~ '^pg_'
        and (login.rolcanlogin or of_public.privilege_type = 'TEMPORARY')
      where this.datname = current_database()
        and of_public.grantee = 0
        and of_public.privilege_type <> 'CREATE'
        and not exists (
          select
          from pg_catalog.aclexplode(coalesce(this.datacl, pg_catalog.acldefault('d', this.datdba))) as by_name
          where by_name.grantee <> 0
            and by_name.privilege_type = of_public.privilege_type
            and pg_catalog.pg_has_role(login.oid, by_name.grantee, 'usage')
        )
      group by of_public.privilege_type
    ) as lost
  ) end
from pg_catalog.pg_database as database
cross join lateral pg_catalog.aclexplode(coalesce(database.datacl, pg_catalog.acldefault('d', database.datdba))) as grant_item
where grant_item.grantee = 0
  and database.datname = current_database()
group by database.oid, database.datname, grant_item.privilege_type = 'CREATE'
order by 1, 4, privileges`,
  findings(rows, { limits }) {
    const groups = Map.groupBy(rows, (row) =>
      [row.schema_name, row.kind, row.privileges, row.other_grantors].join('\0'),
    );
    return [...groups.values()].flatMap((group) => {
      const [first] = group;
      return first !== undefined && group.length > limits.listedTables
        ? [wholeSchema(first, group)]
        : group.map(single);
    });
  },
};

function single(row: Row): HealthFinding {
  const isDatabase = row.kind === 'database';
  const isDefault = isDatabase && !row.can_write;
  const reach = row.is_reachable ? '' : ', though not all may use its schema';
  return {
    object: isDatabase ? `database ${row.object_name}${isDefault ? '' : `: ${row.privileges}`}` : row.object_name,
    ...(isDatabase ? {} : { relationOid: Number(row.object_oid) }),
    severity: row.can_write && row.is_reachable ? 'warning' : 'info',
    message: `Every role has ${row.privileges} on ${row.kind} ${row.object_name}${isDefault ? ', as PostgreSQL gives it by default' : reach}.`,
    evidence: [{ label: 'Rights of PUBLIC', value: row.privileges }],
    ...(isDefault && row.other_grantors === null ? closeDatabase(row) : wayOut(row, row.object_name)),
    ...(row.other_grantors !== null || isDefault
      ? {}
      : { caution: 'Roles that use it must be granted the right by name first.' }),
  };
}

/** One line for what was granted on all tables of a schema at once. */
function wholeSchema(first: Row, rows: readonly Row[]): HealthFinding {
  const schema = quoteIdentifier(first.schema_name ?? '');
  const names = rows.map((row) => row.object_name);
  return {
    object: `schema ${schema}: ${first.privileges} on ${first.kind}s`,
    severity: first.can_write && first.is_reachable ? 'warning' : 'info',
    message: `Every role has ${first.privileges} on ${formatCount(rows.length)} ${first.kind}s of schema ${schema}.`,
    measure: rows.length,
    evidence: [
      { label: 'Rights of PUBLIC', value: first.privileges },
      { label: 'Objects', value: `${names.slice(0, 40).join(', ')}${names.length > 40 ? ' and more' : ''}` },
    ],
    ...wayOut(first, names.join(', ')),
    ...(first.other_grantors !== null
      ? {}
      : { caution: 'Roles that use them must be granted the right by name first.' }),
  };
}

/** Without CONNECT of their own the applications would be locked out: whoever can log in now is named in the same fix. */
function closeDatabase(row: Row): Partial<HealthFinding> {
  const named = row.logins ?? [];
  const most = Math.max(0, ...named.map(({ roles }) => roles.length));
  if (most > maxLogins) {
    return {
      caution: `${formatCount(most)} roles that can log in have it through PUBLIC alone: give it to roles that they are members of, and only then REVOKE ${row.privileges} ON DATABASE ${row.object_name} FROM PUBLIC.`,
    };
  }
  const { fixSql = '', undoSql = '', ...rest } = wayOut(row, row.object_name);
  const byName = (sql: (privilege: string, roles: string) => string) =>
    named.map(({ privilege, roles }) => sql(privilege, roles.join(', ')));
  return {
    ...rest,
    fixSql: [
      ...byName((privilege, roles) => `grant ${privilege} on database ${row.object_name} to ${roles};`),
      fixSql,
    ].join('\n'),
    undoSql: [
      undoSql,
      ...byName((privilege, roles) => `revoke ${privilege} on database ${row.object_name} from ${roles};`),
    ].join('\n'),
    caution:
      'Roles that there are now keep by name what they have. A role that is made later needs GRANT CONNECT, and TEMPORARY if it makes temporary tables.',
  };
}

function wayOut(row: Row, objects: string): Partial<HealthFinding> {
  if (row.other_grantors !== null) return grantedByOthers(row.other_grantors);
  return {
    fixSql: `revoke ${row.privileges_sql} on ${row.kind} ${objects} from public;`,
    undoSql: `grant ${row.privileges_sql} on ${row.kind} ${objects} to public;`,
    lock: lockTexts.none,
  };
}
