import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthFacts } from '../../health-check.ts';

/** One line of pg_hba.conf, with what the server says beside it. */
export interface HbaRow {
  readonly line_number: number;
  /** Null before PostgreSQL 16, where there is one file. */
  readonly file_name: string | null;
  /** Null where the line has an error. */
  readonly type: string | null;
  readonly databases: readonly string[] | null;
  readonly users: readonly string[] | null;
  readonly address: string | null;
  readonly netmask: string | null;
  readonly auth_method: string | null;
  readonly options: readonly string[] | null;
  readonly error: string | null;
  readonly listen_addresses: string;
  readonly ssl: string;
  /** Superusers that can log in, with the roles that they are members of. Names are not quoted. */
  readonly superusers: readonly { readonly name: string; readonly member_of: readonly string[] }[];
  /** Passwords stored as MD5; null for who may not see it. */
  readonly md5_passwords: number | null;
}

/** The rules in their order. One statement for many checks: the engine asks it once. Run on PostgreSQL 13 to 18. */
export function hbaRulesSql(facts: HealthFacts): string {
  const isNamed = facts.versionNum >= 160_000;
  return `
with recursive membership as (
  select
    role.oid as superuser,
    role.oid as granted
  from pg_catalog.pg_roles as role
  where role.rolsuper
    and role.rolcanlogin
  union
  select
    membership.superuser,
    direct.roleid
  from membership
  join pg_catalog.pg_auth_members as direct on direct.member = membership.granted
)
select
  rule.line_number,
  ${isNamed ? 'rule.file_name' : 'null::text as file_name'},
  rule.type,
  rule.database as databases,
  rule.user_name as users,
  rule.address,
  rule.netmask,
  rule.auth_method,
  rule.options,
  rule.error,
  pg_catalog.current_setting('listen_addresses') as listen_addresses,
  pg_catalog.current_setting('ssl') as ssl,
  coalesce((
    select json_agg(json_build_object('name', superuser.rolname, 'member_of', superuser.member_of))
    from (
      select
        role.rolname,
        array_agg(granted.rolname::text) as member_of
      from membership
      join pg_catalog.pg_roles as role on role.oid = membership.superuser
      join pg_catalog.pg_roles as granted on granted.oid = membership.granted
      group by role.rolname
    ) as superuser
  ), '[]'::json) as superusers,
  ${facts.isSuperuser ? "(select count(*) from pg_catalog.pg_authid as role where role.rolpassword like 'md5%')::int4" : 'null::int4'} as md5_passwords
from pg_catalog.pg_hba_file_rules as rule
order by ${isNamed ? 'rule.rule_number nulls last, ' : ''}rule.line_number`;
}

/** The two rights that open pg_hba.conf to a role that is not superuser. */
export function grantHbaRules(facts: HealthFacts): string {
  const user = quoteIdentifier(facts.user);
  return [
    `grant select on pg_catalog.pg_hba_file_rules to ${user};`,
    `grant execute on function pg_catalog.pg_hba_file_rules() to ${user};`,
  ].join('\n');
}

/** `pg_hba.conf line 12`; an included file by its own name. */
export function hbaLine(row: HbaRow): string {
  return `${row.file_name?.split('/').at(-1) ?? 'pg_hba.conf'} line ${String(row.line_number)}`;
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
  return range === undefined || !('prefix' in range) ? address : `${address}/${String(range.prefix)}`;
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

/** A block of addresses, or what cannot be counted: the networks of the server, a host name. */
export type AddressRange =
  | { readonly family: 4 | 6; readonly base: bigint; readonly prefix: number }
  | { readonly family: 'samehost' | 'samenet' }
  | { readonly family: 'name'; readonly name: string };

/** How a connection travels. `host` rules match all three. */
export type Transport = 'socket' | 'plain' | 'tls' | 'gss';

const transports: Readonly<Record<string, readonly Transport[]>> = {
  local: ['socket'],
  host: ['plain', 'tls', 'gss'],
  hostssl: ['tls'],
  hostnossl: ['plain', 'gss'],
  hostgssenc: ['gss'],
  hostnogssenc: ['plain', 'tls'],
};

/** What is left of a rule after those before it: the first that matches decides. */
export interface EffectiveRule {
  readonly row: HbaRow;
  readonly cells: readonly { readonly transport: Transport; readonly range: AddressRange }[];
}

/**
 * The rules that can match at all, in order, with the ways and addresses that no earlier rule has taken. `matches` says
 * whom a rule is asked for: all its users, or one role. Lines with errors match nobody.
 * https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
 */
export function effectiveRules(rows: readonly HbaRow[], role?: HbaRow['superusers'][number]): EffectiveRule[] {
  const earlier: HbaRow[] = [];
  return rows.flatMap((row) => {
    if (row.error !== null || row.type === null || (role !== undefined && !namesRole(row, role))) return [];
    const before = earlier.filter(
      (rule) => coversDatabases(rule, row) && (role !== undefined || coversUsers(rule, row)),
    );
    earlier.push(row);
    const cells = (transports[row.type] ?? []).flatMap((transport) =>
      rangesOf(row)
        .filter((range) => !before.some((rule) => takes(rule, transport, range)))
        .map((range) => ({ transport, range })),
    );
    return cells.length === 0 ? [] : [{ row, cells }];
  });
}

/** The cells that other machines can use. */
export function remoteCells(rule: EffectiveRule): EffectiveRule['cells'] {
  return rule.cells.filter(({ transport, range }) => transport !== 'socket' && !isLoopback(range));
}

/** True where the rule lets somebody in. */
export function admits(row: HbaRow): boolean {
  return row.auth_method !== null && row.auth_method !== 'reject';
}

/** A client certificate proves who comes, whatever the method says. */
export function wantsCertificate(row: HbaRow): boolean {
  return row.auth_method === 'cert' || (row.options ?? []).includes('clientcert=verify-full');
}

function takes(rule: HbaRow, transport: Transport, range: AddressRange): boolean {
  return (
    (transports[rule.type ?? '']?.includes(transport) ?? false) &&
    (rangesOf(rule).some((taken) => contains(taken, range)) ||
      // What cannot be counted is inside everything.
      (range.family !== 'samehost' &&
        everywhere.every((whole) => rangesOf(rule).some((taken) => contains(taken, whole)))))
  );
}

function coversUsers(rule: HbaRow, other: HbaRow): boolean {
  const users = rule.users ?? [];
  return users.includes('all') || (other.users ?? []).every((user) => users.includes(user));
}

/** `all` means every database, and not replication. */
function coversDatabases(rule: HbaRow, other: HbaRow): boolean {
  const databases = rule.databases ?? [];
  return (other.databases ?? []).every(
    (database) => databases.includes(database) || (database !== 'replication' && databases.includes('all')),
  );
}

function namesRole(row: HbaRow, role: HbaRow['superusers'][number]): boolean {
  return (row.users ?? []).some(
    (user) =>
      user === 'all' ||
      user === role.name ||
      (user.startsWith('+') && role.member_of.includes(user.slice(1))) ||
      (user.startsWith('/') && matchesPattern(user.slice(1), role.name)),
  );
}

/** Since 16 a user can be a regular expression. One that JavaScript cannot read matches nobody here. */
function matchesPattern(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return false;
  }
}

const everywhere: readonly AddressRange[] = [
  { family: 4, base: 0n, prefix: 0 },
  { family: 6, base: 0n, prefix: 0 },
];

/** The addresses of a rule. `all` is both families. */
export function rangesOf(row: HbaRow): readonly AddressRange[] {
  if (row.type === 'local') return [{ family: 'samehost' }];
  const address = row.address ?? '';
  if (address === 'all') return everywhere;
  if (address === 'samehost' || address === 'samenet') return [{ family: address }];
  const family = address.includes(':') ? 6 : /^\d+(?:\.\d+){3}$/.test(address) ? 4 : undefined;
  if (family === undefined) return [{ family: 'name', name: address.toLowerCase() }];
  const mask = row.netmask === null ? undefined : addressBits(row.netmask);
  const prefix =
    mask === undefined ? (family === 4 ? 32 : 128) : [...mask.toString(2)].filter((bit) => bit === '1').length;
  return [{ family, base: addressBits(address), prefix }];
}

/** An address as a number. The server has parsed it before: it is well formed. */
function addressBits(address: string): bigint {
  if (!address.includes(':')) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [withoutZone = ''] = address.split('%');
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(withoutZone);
  const text =
    dotted === null
      ? withoutZone
      : withoutZone.slice(0, dotted.index) +
        [dotted.slice(1, 3), dotted.slice(3, 5)]
          .map(([high, low]) => (Number(high) * 256 + Number(low)).toString(16))
          .join(':');
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].reduce((sum, part) => (sum << 16n) + BigInt(`0x${part || '0'}`), 0n);
}

function contains(outer: AddressRange, inner: AddressRange): boolean {
  if ('prefix' in outer && 'prefix' in inner) {
    const rest = BigInt((outer.family === 4 ? 32 : 128) - outer.prefix);
    return outer.family === inner.family && outer.prefix <= inner.prefix && outer.base >> rest === inner.base >> rest;
  }
  return (
    outer.family === inner.family &&
    (!('name' in outer) || !('name' in inner) || outer.name === inner.name) &&
    !('prefix' in outer)
  );
}

/** Addresses of the machine itself. */
export function isLoopback(range: AddressRange): boolean {
  if (range.family === 'samehost') return true;
  if (range.family === 'name') return range.name === 'localhost';
  if (range.family === 4) return range.prefix >= 8 && range.base >> 24n === 127n;
  return range.family === 6 && range.prefix === 128 && range.base === 1n;
}

/** How many addresses a range has; undefined where that cannot be known. */
export function addressCount(range: AddressRange): bigint | undefined {
  return 'prefix' in range ? 1n << BigInt((range.family === 4 ? 32 : 128) - range.prefix) : undefined;
}

/** Where the file has an error, the server goes on with the rules it had: what is read here may not be in force. */
export function hbaConfidence(rows: readonly HbaRow[]): {
  readonly confidence?: 'medium';
  readonly confidenceReason?: string;
} {
  return rows.some((row) => row.error !== null && row.type === null)
    ? {
        confidence: 'medium',
        confidenceReason: 'pg_hba.conf has an error, so the server goes on with the rules that it loaded before.',
      }
    : {};
}
