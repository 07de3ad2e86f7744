import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/quote-identifier.ts';
import { cannotTell, isCannotTell, type CheckOutcome, type HealthCheck, type HealthFacts } from './health-check.ts';
import { lockTexts } from './lock-texts.ts';
import { settingOf } from './typed-setting.ts';

/** A value of its own that a role, a database or both have; of all roles where both are null. */
export interface SettingScope {
  readonly role: string | null;
  readonly database: string | null;
  /** As it was typed. */
  readonly value: string;
}

/** One row of `settingsSql`. */
export interface SettingRow {
  readonly name: string;
  /** In the setting's own unit, as `pg_settings` has it. */
  readonly setting: string;
  readonly unit: string | null;
  /** With its unit, as `show` prints it. */
  readonly shown: string;
  readonly source: string;
  readonly boot_val: string | null;
  readonly context: string;
  readonly vartype?: string;
  /** Null where it stands in no file, or the user may not see in which. */
  readonly sourcefile?: string | null;
  /** Whether the user may read the files. Without it the next four are null or false. */
  readonly reads_files?: boolean;
  /** What the files say, as it was typed, and whether their lines have errors. */
  readonly file_value?: string | null;
  readonly file_fails?: boolean;
  /** What stands in postgresql.auto.conf, where ALTER SYSTEM writes. */
  readonly auto_value?: string | null;
  /** What the server was started with; only where the session has another value. */
  readonly command_line_value?: string | null;
  readonly scopes?: readonly SettingScope[];
  /** False where `allow_alter_system`, of PostgreSQL 17, forbids it. */
  readonly may_alter?: boolean;
  /** The one that this row is about, for a row of `scopeRows`. */
  readonly scope?: SettingScope;
}

/** True where what this session has need not be what the server gives to others. */
const isOwnSql = `(
    setting.source in ('client', 'session', 'override', 'interactive', 'global', 'database', 'user', 'database user')
    and setting.context in ('user', 'superuser', 'backend', 'superuser-backend')
  )`;

/**
 * Reads settings as this session sees them, with what roles and databases have of their own and, for a superuser, what
 * the files and the command line say. Run on PostgreSQL 13 to 18. The file of options is PostgreSQL's own record of
 * how it was started; its bytes may be of any encoding.
 */
export function settingsSql(
  names: readonly string[] | { readonly where: string },
  { isSuperuser }: Pick<HealthFacts, 'isSuperuser'>,
): string {
  const chosen = 'where' in names ? names.where : `setting.name in (${listed(names)})`;
  return `
with file as materialized (
  ${
    isSuperuser
      ? `select lower(name) as name, setting, seqno, applied, error, sourcefile
  from pg_catalog.pg_file_settings`
      : `select null::text as name, null::text as setting, 0 as seqno, false as applied, null::text as error, null::text as sourcefile
  where false`
  }
),
started as materialized (
  select ${isSuperuser ? `encode(pg_catalog.pg_read_binary_file('postmaster.opts', 0, 100000, true), 'escape')` : 'null::text'} as options
)
select
  setting.name,
  setting.setting,
  setting.unit,
  pg_catalog.current_setting(setting.name) as shown,
  setting.source,
  setting.boot_val,
  setting.context,
  setting.vartype,
  setting.sourcefile,
  ${String(isSuperuser)} as reads_files,
  (
    select file.setting
    from file
    where file.name = lower(setting.name)
      and file.applied
    order by file.seqno desc
    limit 1
  ) as file_value,
  exists (
    select
    from file
    where file.error is not null
      and (file.name is null or file.name = lower(setting.name))
  ) or (
    -- One name that the server does not know, and no line is applied.
    select not bool_or(file.applied)
    from file
  ) is true as file_fails,
  (
    select file.setting
    from file
    where file.name = lower(setting.name)
      and file.sourcefile ~ '[/\\\\]postgresql[.]auto[.]conf$'
    order by file.seqno desc
    limit 1
  ) as auto_value,
  case when ${isOwnSql} then (
    -- The last one counts.
    select substring(started.options from '.*"(?:-c" "|--)' || replace(lower(setting.name), '_', '[-_]') || '=([^"]*)"')
    from started
  ) end as command_line_value,
  coalesce((
    select pg_catalog.json_agg(
      pg_catalog.json_build_object(
        'role', role.rolname,
        'database', database.datname,
        'value', substring(item from position('=' in item) + 1))
      order by role.rolname nulls first, database.datname nulls first)
    from pg_catalog.pg_db_role_setting as own
    left join pg_catalog.pg_roles as role on role.oid = own.setrole
    left join pg_catalog.pg_database as database on database.oid = own.setdatabase
    cross join lateral unnest(own.setconfig) as item
    where lower(split_part(item, '=', 1)) = lower(setting.name)
      and (own.setdatabase = 0 or database.datname = current_database())
  ), '[]'::json) as scopes,
  pg_catalog.current_setting('allow_alter_system', true) is distinct from 'off' as may_alter
from pg_catalog.pg_settings as setting
where ${chosen}
order by setting.name`;
}

/** Names as literals, in lines that can be read. */
function listed(names: readonly string[]): string {
  const literals = names.map((name) => `'${name}'`).join(', ');
  return literals.replaceAll(/(.{80,}?), /g, '$1,\n    ');
}

/** What makes a check one of settings: `settings`, and the `sql` for them. */
export function aboutSettings(...settings: readonly string[]): Required<Pick<HealthCheck, 'settings' | 'sql'>> {
  return { settings, sql: (facts) => settingsSql(settings, facts) };
}

/** Looks a setting up; undefined where this server does not have it or hides it. */
export function settingNamed(rows: readonly SettingRow[], name: string): SettingRow | undefined {
  return rows.find((row) => row.name === name);
}

/** Bytes of a setting that is counted in 8kB, kB or MB. */
export function settingBytes(row: SettingRow): number {
  const factors: Record<string, number> = { B: 1, kB: 1024, '8kB': 8192, MB: 1024 ** 2, GB: 1024 ** 3 };
  return Number(row.setting) * (factors[row.unit ?? 'B'] ?? 1);
}

const ownSources: Readonly<Record<string, string>> = {
  client: 'this connection',
  session: 'this connection',
  override: 'this connection',
  interactive: 'this connection',
  global: 'all roles',
  database: 'its database',
  user: 'its role',
  'database user': 'its role in this database',
};

const perSession = new Set(['user', 'superuser', 'backend', 'superuser-backend']);

function isOwn(row: SettingRow): boolean {
  return ownSources[row.source] !== undefined && perSession.has(row.context);
}

/** The row with the value that the server itself gives; undefined where this session's own hides it. */
export function serverRow(row: SettingRow): SettingRow | undefined {
  if (!isOwn(row)) return row;
  const typed = row.command_line_value ?? row.file_value ?? null;
  if (typed !== null) {
    const setting = settingOf(row, typed);
    const source = (row.command_line_value ?? null) === null ? 'configuration file' : 'command line';
    return setting === undefined ? undefined : { ...row, setting, shown: typedWithUnit(typed, row.unit), source };
  }
  if (row.reads_files !== true || row.file_fails === true || row.boot_val === null) return undefined;
  return { ...row, setting: row.boot_val, shown: withUnit(row.boot_val, row.unit), source: 'default' };
}

/** The rows with the server's own values, without those that are hidden: `withHiddenValues` tells of them. */
export function serverRows(rows: readonly SettingRow[]): SettingRow[] {
  return rows.flatMap((row) => serverRow(row) ?? []);
}

/** A row for each role and database that has a value of its own. */
export function scopeRows(row: SettingRow): SettingRow[] {
  return (row.scopes ?? []).flatMap((scope) => {
    const setting = settingOf(row, scope.value);
    return setting === undefined
      ? []
      : [{ ...row, setting, shown: typedWithUnit(scope.value, row.unit), source: scopeName(scope), scope }];
  });
}

/** Says what is not known where this session's own value hides the server's. */
export function withHiddenValues(outcome: CheckOutcome, rows: readonly SettingRow[]): CheckOutcome {
  const hidden = rows.filter((row) => serverRow(row) === undefined);
  const [first] = hidden;
  if (first === undefined || isCannotTell(outcome)) return outcome;
  const of = [...new Set(hidden.map((row) => ownSources[row.source] ?? row.source))].join(' and ');
  const why =
    first.reads_files === true
      ? 'the configuration files do not tell it'
      : 'only a superuser can read the configuration files';
  return cannotTell(
    `The server’s own value of ${hidden.map((row) => row.name).join(', ')} is hidden behind that of ${of}, and ${why}.`,
    { findings: outcome },
  );
}

/** Judges each setting: the server's own value, and those that roles and databases have instead. */
export function judgeSettings(
  rows: readonly SettingRow[],
  judge: (row: SettingRow) => readonly HealthFinding[],
): CheckOutcome {
  const findings = rows.flatMap((row) => [
    ...serverRows([row]).flatMap(judge),
    ...scopeRows(row).flatMap((scoped) => judge(scoped).map((finding) => ofScope(finding, scoped))),
  ]);
  return withHiddenValues(findings, rows);
}

function ofScope(finding: HealthFinding, { scope }: SettingRow): HealthFinding {
  if (scope === undefined) return finding;
  const name = scopeName(scope);
  return {
    ...finding,
    object: `${finding.object} of ${name}`,
    message: `For ${name}: ${finding.message}`,
    confidence: finding.confidence === 'low' ? 'low' : 'medium',
    confidenceReason: finding.confidenceReason ?? 'A value that only some sessions have may be meant so.',
  };
}

function scopeName({ role, database }: SettingScope): string {
  const names = [
    ...(role === null ? [] : [`role ${quoteIdentifier(role)}`]),
    ...(database === null ? [] : [`database ${quoteIdentifier(database)}`]),
  ];
  return names.length === 0 ? 'all roles' : names.join(' in ');
}

function withUnit(value: string, unit: string | null): string {
  return unit === null || value.startsWith('-') || value === '0'
    ? value
    : `${value}${unit === '8kB' ? ' × 8kB' : unit}`;
}

function typedWithUnit(typed: string, unit: string | null): string {
  return /^\d+$/.test(typed) ? withUnit(typed, unit) : typed;
}

/**
 * The SQL that changes a setting for the whole server, or takes the value of a role or database away, and the SQL that
 * takes it back. What stands on the server's command line outweighs every file, so no SQL can change it.
 */
export function alterSystem(
  row: SettingRow,
  value: string,
  caution?: string,
): Pick<HealthFinding, 'fixSql' | 'undoSql' | 'lock' | 'caution'> {
  const cautions = (own?: string): Pick<HealthFinding, 'caution'> => {
    const all = [own, caution].filter((text) => text !== undefined).join(' ');
    return all === '' ? {} : { caution: all };
  };
  if (row.scope !== undefined) {
    const { role, database, value: typed } = row.scope;
    const target =
      role === null && database !== null
        ? `database ${quoteIdentifier(database)}`
        : `role ${role === null ? 'all' : quoteIdentifier(role)}${database === null ? '' : ` in database ${quoteIdentifier(database)}`}`;
    return {
      fixSql: `alter ${target} reset ${row.name};`,
      undoSql: `alter ${target} set ${row.name} = ${quoteLiteral(typed)};`,
      lock: lockTexts.none,
      ...cautions('Takes effect for new sessions.'),
    };
  }
  if (row.source === 'command line' || row.source === 'environment variable') {
    return cautions(`It is set by the ${row.source} of the server, which no SQL changes: change it where that starts.`);
  }
  if (row.may_alter === false) {
    return cautions('allow_alter_system is off: it is changed where the server’s configuration is kept.');
  }
  const apply = row.context === 'postmaster' ? '' : '\nselect pg_catalog.pg_reload_conf();';
  const before = beforeAlterSystem(row);
  return {
    fixSql: `alter system set ${row.name} = ${quoteLiteral(value)};${apply}`,
    ...(before === undefined ? {} : { undoSql: `${before}${apply}` }),
    lock: lockTexts.none,
    ...cautions(row.context === 'postmaster' ? 'Takes effect after a restart of the server.' : undefined),
  };
}

/** A value that stood in no file, or in another one than ours, comes back when ours is gone. */
function beforeAlterSystem(row: SettingRow): string | undefined {
  const reset = `alter system reset ${row.name};`;
  if (row.reads_files === true) {
    return typeof row.auto_value === 'string'
      ? `alter system set ${row.name} = ${quoteLiteral(row.auto_value)};`
      : reset;
  }
  if (row.source !== 'configuration file') return reset;
  if (typeof row.sourcefile !== 'string') return undefined;
  return /[/\\]postgresql\.auto\.conf$/.test(row.sourcefile)
    ? `alter system set ${row.name} = ${quoteLiteral(row.shown)};`
    : reset;
}

/** The evidence line of a setting. */
export function settingEvidence(row: SettingRow): { label: string; value: string } {
  return { label: row.name, value: `${row.shown} (${row.source})` };
}
