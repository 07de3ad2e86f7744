import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly columns: readonly string[];
  readonly readers: readonly string[];
  readonly is_public: boolean;
}

/** Whole names that say what is in them. Compared without capitals and underscores. */
const sensitiveNames = [
  'accesstoken',
  'apikey',
  'apisecret',
  'apitoken',
  'authtoken',
  'bankaccount',
  'bankaccountnumber',
  'cardnumber',
  'clientsecret',
  'creditcard',
  'creditcardnumber',
  'creditcardno',
  'cvc',
  'cvv',
  'driverslicense',
  'driverslicensenumber',
  'encryptedpassword',
  'encryptedsecret',
  'hashedpassword',
  'iban',
  'mfasecret',
  'nationalid',
  'nationalinsurancenumber',
  'otpsecret',
  'passphrase',
  'passport',
  'passportno',
  'passportnumber',
  'passwd',
  'password',
  'passwordhash',
  'passworddigest',
  'passwordsalt',
  'privatekey',
  'pwd',
  'refreshtoken',
  'resettoken',
  'secretkey',
  'sessiontoken',
  'socialsecurity',
  'socialsecuritynumber',
  'ssn',
  'taxid',
  'totpsecret',
  'userpassword',
] as const;

export const sensitiveColumns: HealthCheck<Row> = {
  id: 'SEC33',
  group: 'security',
  basis: 'catalog',
  title: 'Columns with secrets that many may read',
  why: 'Passwords, tokens and numbers of cards or passports should be read by the one application that needs them. Here everybody may, or a login that only reads, such as one for reports.',
  // Run on PostgreSQL 13 to 18. Read by PUBLIC, or by logins that may only read the table: an application that writes it
  // needs its columns. What a group may, its logins may who inherit it. Rows that policies guard are left out, and so is what PUBLIC cannot reach.
  sql: () => `
with secret as materialized (
  select
    attribute.attrelid,
    attribute.attnum,
    attribute.attname,
    attribute.attacl
  from pg_catalog.pg_attribute as attribute
  where attribute.attnum > 0
    and not attribute.attisdropped
    and replace(lower(attribute.attname), '_', '') in (${sensitiveNames.map((name) => `'${name}'`).join(', ')})
),
guarded as materialized (
  select
    relation.oid,
    relation.relowner,
    relation.relacl,
    schema.oid as schema_oid,
    format('%I.%I', schema.nspname, relation.relname) as table_name
  from pg_catalog.pg_class as relation
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  where relation.oid in (select secret.attrelid from secret)
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and not relation.relispartition
    and not relation.relrowsecurity
    and ${isUserSchema('schema')}
    and ${isNotOfExtension('relation.oid')}
),
given as materialized (
  select
    guarded.oid,
    secret.attname,
    secret.attnum,
    item.grantee
  from guarded
  join secret on secret.attrelid = guarded.oid
  cross join lateral (
    select grant_item.grantee
    from pg_catalog.aclexplode(guarded.relacl) as grant_item
    where grant_item.privilege_type = 'SELECT'
    union
    select grant_item.grantee
    from pg_catalog.aclexplode(secret.attacl) as grant_item
    where grant_item.privilege_type = 'SELECT'
    union
    -- Reads everything, since PostgreSQL 14.
    select general.oid
    from pg_catalog.pg_roles as general
    where general.rolname = 'pg_read_all_data'
  ) as item
  where item.grantee <> guarded.relowner
),
reader as materialized (
  select
    given.oid,
    given.attname,
    given.attnum,
    case given.grantee when 0 then 'PUBLIC' else quote_ident(role.rolname) end as reader
  from given
  join guarded on guarded.oid = given.oid
  left join pg_catalog.pg_roles as role
    on given.grantee <> 0
    and role.rolcanlogin
    and not role.rolsuper
    and pg_catalog.pg_has_role(role.oid, given.grantee, 'usage')
  where case
    when given.grantee = 0 then pg_catalog.has_schema_privilege('public', guarded.schema_oid, 'usage')
    else pg_catalog.has_schema_privilege(role.oid, guarded.schema_oid, 'usage')
      and not pg_catalog.has_table_privilege(role.oid, given.oid, 'insert, update, delete')
      and not pg_catalog.has_any_column_privilege(role.oid, given.oid, 'insert, update')
  end
)
select
  guarded.oid::int8 as table_oid,
  guarded.table_name,
  array(select quote_ident(found.attname) from reader as found where found.oid = guarded.oid group by found.attname, found.attnum order by found.attnum)
    as columns,
  array(select distinct found.reader from reader as found where found.oid = guarded.oid order by 1) as readers,
  exists (select from reader as found where found.oid = guarded.oid and found.reader = 'PUBLIC') as is_public
from guarded
where guarded.oid in (select reader.oid from reader)
order by guarded.table_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: row.is_public ? ('warning' as const) : ('info' as const),
      message: `${row.columns.length === 1 ? 'Column' : 'Columns'} ${row.columns.join(', ')} of ${row.table_name} can be read by ${row.is_public ? 'every role' : `${row.readers.join(', ')}, who only ${row.readers.length === 1 ? 'reads' : 'read'} the table`}.`,
      measure: row.columns.length,
      evidence: [
        { label: 'Columns', value: row.columns.join(', ') },
        { label: 'Readers', value: row.readers.join(', ') },
      ],
      caution:
        'Grant SELECT on the other columns by name, or a view without these, before the right on the table goes.',
      confidence: 'medium' as const,
      confidenceReason: 'Judged by the names of the columns; what is in them was not read.',
    }));
  },
};
