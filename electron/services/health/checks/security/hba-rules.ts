import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthFacts } from '../../health-check.ts';
import { fixedBits, prefixMask, rangesOf } from './hba-addresses.ts';

/** One line of pg_hba.conf, with what the server says beside it. */
export interface HbaRow {
  readonly line_number: number;
  /** From the folder of the main file on, where that is known. Null before PostgreSQL 16, where there is one file. */
  readonly file_name: string | null;
  /** Null where the server cannot read the line. It says why in most cases. */
  readonly type: string | null;
  readonly databases: readonly string[] | null;
  readonly users: readonly string[] | null;
  /** Of the superusers, and of the names that stand in any line, those that are in a group of the line: `+admins`. */
  readonly members: readonly string[];
  /** What the regular expressions of the line match; null before PostgreSQL 16, where a leading / is part of a name. */
  readonly patterns: HbaPatterns | null;
  readonly address: string | null;
  readonly netmask: string | null;
  readonly auth_method: string | null;
  /** `name=value`, or `name=(hidden)` where the value may be a secret. */
  readonly options: readonly string[] | null;
  /** Without what it quotes from the file. */
  readonly error: string | null;
  readonly listen_addresses: string;
  readonly ssl: string;
  /** Superusers that can log in. Names are not quoted. */
  readonly superusers: readonly string[];
  /** Passwords stored as MD5; null for who may not see it. */
  readonly md5_passwords: number | null;
}

/** What regular expressions match, as the server matches them. */
export interface HbaPatterns {
  /** Of the superusers, and of the names that stand in any line. */
  readonly users: readonly string[];
  /** Of the names that stand in any line. */
  readonly databases: readonly string[];
  /** True where they match every role that can log in. */
  readonly every_user: boolean;
  /** True where they match every database that takes connections. */
  readonly every_database: boolean;
}

/**
 * Options whose values are never secrets: numbers, switches and names. ldapserver is none of them, since it may be cut
 * from an ldapurl with a password in it.
 * https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/adt/hbafuncs.c
 */
const plainOptions = [
  'clientcert',
  'delegate_ident_mapping',
  'include_realm',
  'krb_realm',
  'ldapport',
  'ldapscope',
  'ldaptls',
  'map',
  'pamservice',
];

/**
 * Errors whose words are all the server's own. Others quote the file, in quotation marks or after a colon, and a line
 * that is broken in the wrong place may have a password there.
 * https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/libpq/hba.c
 */
const plainErrors = [
  'authentication option "[a-z_]+" is only valid for authentication methods [a-z, ]+',
  'authentication method "[a-z]+" requires argument ("[a-z]+"[, or]*)+ to be set( when [a-z_ ]+)?',
  'clientcert can only be [^:]+',
  'clientname can only be [^:]+',
  'invalid authentication method "[a-z]+": not supported by this build',
].join('|');

/** The rules in their order. One statement for many checks: the engine asks it once. Run on PostgreSQL 13 to 18. */
export function hbaRulesSql(facts: HealthFacts): string {
  const isNamed = facts.versionNum >= 160_000;
  return `
with recursive file_rule as materialized (
  select *
  from pg_catalog.pg_hba_file_rules
),
superuser as materialized (
  select role.rolname::text as name
  from pg_catalog.pg_roles as role
  where role.rolsuper
    and role.rolcanlogin
),
named_user as materialized (
  select entry as name
  from file_rule
  cross join lateral unnest(file_rule.user_name) as entry
  where entry not like '/%'
  union
  select superuser.name
  from superuser
),
membership as (
  select
    role.rolname::text as name,
    role.oid as granted
  from named_user
  join pg_catalog.pg_roles as role on role.rolname = named_user.name
  union
  select
    membership.name,
    direct.roleid
  from membership
  join pg_catalog.pg_auth_members as direct on direct.member = membership.granted
)
select
  rule.line_number,
  ${isNamed ? fileNameSql : 'null::text'} as file_name,
  rule.type,
  rule.database as databases,
  rule.user_name as users,
  array(
    select membership.name
    from unnest(rule.user_name) as entry
    join pg_catalog.pg_roles as granted on granted.rolname = substr(entry, 2)
    join membership on membership.granted = granted.oid
    where entry like '+%'
  ) as members,
  ${isNamed ? patternsSql : 'null::json'} as patterns,
  rule.address,
  rule.netmask,
  rule.auth_method,
  (
    select array_agg(
      case
        when split_part(option.text, '=', 1) in (${plainOptions.map((name) => `'${name}'`).join(', ')}) then option.text
        else split_part(option.text, '=', 1) || '=(hidden)'
      end
      order by option.place)
    from unnest(rule.options) with ordinality as option(text, place)
  ) as options,
  case
    when rule.error ~ '^(${plainErrors})$' then rule.error
    when rule.error ~ '^[^":]* "' then regexp_replace(rule.error, '^([^":]*) ".*"', '\\1')
    else substring(rule.error from '^[^":]*')
  end as error,
  pg_catalog.current_setting('listen_addresses') as listen_addresses,
  pg_catalog.current_setting('ssl') as ssl,
  array(
    select superuser.name
    from superuser
  ) as superusers,
  ${facts.isSuperuser ? "(select count(*) from pg_catalog.pg_authid as role where role.rolpassword like 'md5%')::int4" : 'null::int4'} as md5_passwords
from file_rule as rule
order by ${isNamed ? 'rule.rule_number nulls last, ' : ''}rule.line_number`;
}

/** Who may not see where the main file is can take it for the only one, or else gets whole paths. */
const fileNameSql = `(
    select
      case
        when starts_with(rule.file_name, main.folder) then substr(rule.file_name, length(main.folder) + 1)
        else rule.file_name
      end
    from (
      select regexp_replace(
        coalesce(
          (select setting.setting from pg_catalog.pg_settings as setting where setting.name = 'hba_file'),
          (select min(file_rule.file_name) from file_rule having count(distinct file_rule.file_name) = 1)),
        '[^/]*$', '') as folder
    ) as main
  )`;

/** The server compiles its patterns in the collation C: classes of characters are those of ASCII. */
const patternsSql = `case
    when exists (
      select
      from unnest(rule.user_name || rule.database) as entry
      where entry like '/%'
    )
    then json_build_object(
      'users', array(
        select named_user.name
        from named_user
        where ${matchesSql('named_user.name', 'rule.user_name')}
      ),
      'databases', array(
        select named.name
        from (
          select distinct entry as name
          from file_rule
          cross join lateral unnest(file_rule.database) as entry
          where entry not like '/%'
        ) as named
        where ${matchesSql('named.name', 'rule.database')}
      ),
      'every_user', not exists (
        select
        from pg_catalog.pg_roles as role
        where role.rolcanlogin
          and not ${matchesSql('role.rolname::text', 'rule.user_name')}
      ),
      'every_database', not exists (
        select
        from pg_catalog.pg_database as database
        where database.datallowconn
          and not ${matchesSql('database.datname::text', 'rule.database')}
      )
    )
    else '{"users": [], "databases": [], "every_user": false, "every_database": false}'
  end`;

/** Only a pattern may be tried as one: other entries need not be regular expressions. */
function matchesSql(name: string, entries: string): string {
  return `exists (
        select
        from unnest(${entries}) as entry
        where case when entry like '/%' then ${name} collate "C" ~ substr(entry, 2) else false end
      )`;
}

/** The two rights that open pg_hba.conf to a role that is not superuser. */
export function grantHbaRules(facts: HealthFacts): string {
  const user = quoteIdentifier(facts.user);
  return [
    `grant select on pg_catalog.pg_hba_file_rules to ${user};`,
    `grant execute on function pg_catalog.pg_hba_file_rules() to ${user};`,
  ].join('\n');
}

/** `pg_hba.conf line 12`; an included file by its own name: `teams/pg_hba.conf line 3`. */
export function hbaLine(row: HbaRow): string {
  return `${row.file_name ?? 'pg_hba.conf'} line ${String(row.line_number)}`;
}

/** What every finding about a rule shows. */
export function hbaEvidence(row: HbaRow): { label: string; value: string }[] {
  return [
    { label: 'Type', value: row.type ?? '(error)' },
    { label: 'Databases', value: (row.databases ?? []).join(', ') || '(none)' },
    { label: 'Users', value: (row.users ?? []).join(', ') || '(none)' },
    { label: 'Address', value: addressText(row) },
    { label: 'Method', value: [row.auth_method ?? '(none)', ...(row.options ?? [])].join(' ') },
  ];
}

/** The address as pg_hba.conf has it. */
export function addressText(row: HbaRow): string {
  if (row.type === 'local') return 'local socket';
  const address = row.address ?? '(none)';
  const range = row.netmask === null ? undefined : rangesOf(row)[0];
  if (range === undefined || !('mask' in range)) return address;
  const prefix = fixedBits(range);
  const isPrefix = range.mask === prefixMask(range.family, prefix);
  return isPrefix ? `${address}/${String(prefix)}` : `${address} with mask ${row.netmask ?? ''}`;
}

/** True where the server listens to other machines at all. */
export function listensRemotely(rows: readonly HbaRow[]): boolean {
  return listensBeyondItself(rows[0]?.listen_addresses ?? '');
}

/** Whether this `listen_addresses` lets other machines in. */
export function listensBeyondItself(listenAddresses: string): boolean {
  return listenAddresses
    .split(',')
    .map((address) => address.trim())
    .some((address) => address !== '' && !/^(?:localhost|127\.[\d.]+|::1)$/i.test(address));
}

/** True where the rule lets somebody in. */
export function admits(row: HbaRow): boolean {
  return row.auth_method !== null && row.auth_method !== 'reject';
}

/**
 * The client certificate that a rule demands: one in the name of the role, which proves who comes whatever the method
 * says, or any of the CA; undefined where it demands none.
 */
export function certificateOf(row: HbaRow): 'of the role' | 'of the CA' | undefined {
  const options = row.options ?? [];
  if (row.auth_method === 'cert' || options.includes('clientcert=verify-full')) return 'of the role';
  return options.includes('clientcert=verify-ca') ? 'of the CA' : undefined;
}

/** What one must have to get in: `scram-sha-256`, `any client certificate of the CA`. */
export function methodText(row: HbaRow): string {
  const method = row.auth_method ?? '';
  const certificate = certificateOf(row);
  if (certificate === undefined || method === 'cert') return method;
  const text =
    certificate === 'of the role' ? 'a client certificate in the name of the role' : 'any client certificate of the CA';
  return method === 'trust' ? text : `${method} and ${text}`;
}
