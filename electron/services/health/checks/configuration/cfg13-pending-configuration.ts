import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { saysTheSame } from '../../typed-setting.ts';

interface Row {
  readonly kind: 'restart' | 'error' | 'reload' | 'removed';
  readonly name: string | null;
  readonly value: string | null;
  readonly place: string | null;
  readonly error: string | null;
  /** The mark may be what a change that was taken back left behind. */
  readonly may_be_old: boolean;
  /** For `reload`: what the file says, and what is needed to compare it. */
  readonly file_value: string | null;
  readonly setting: string | null;
  readonly unit: string | null;
  readonly vartype: string | null;
  readonly enumvals: readonly string[] | null;
}

export const pendingConfiguration: HealthCheck<Row> = {
  id: 'CFG13',
  group: 'configuration',
  basis: 'catalog',
  title: 'Configuration that is not in force',
  why: 'A changed setting that waits for a restart takes effect at the next one, planned or not. A line with an error may keep the server from starting again.',
  requires: { privilege: 'superuser, to see what the files say' },
  // Run on PostgreSQL 13 to 18. Only a superuser can read the files; what waits for a restart is seen by all. A line of
  // a setting that waits for a restart carries an "error" that says so, and is not listed twice. Sessions that are open
  // keep what has the context backend at a reload, and values of their own hide the server's: neither is compared, nor
  // is what the server prints otherwise than it was typed.
  sql: ({ isSuperuser }) => `
select
  'restart' as kind,
  setting.name,
  pg_catalog.current_setting(setting.name) as value,
  case when setting.sourcefile is not null then format('%s:%s', setting.sourcefile, setting.sourceline) end as place,
  null::text as error,
  ${isSuperuser ? 'false' : "setting.source = 'default'"} as may_be_old,
  null::text as file_value,
  null::text as setting,
  null::text as unit,
  null::text as vartype,
  null::text[] as enumvals
from pg_catalog.pg_settings as setting
where setting.pending_restart
  -- What was given on the command line stays as it is at a restart, whatever the file says.
  and setting.source <> 'command line'
  ${
    isSuperuser
      ? `-- A line that was taken back before it took effect leaves the mark behind.
  and (
    setting.source <> 'default'
    or exists (
      select
      from pg_catalog.pg_file_settings as file
      where lower(file.name) = lower(setting.name)
    )
  )`
      : ''
  }
${
  isSuperuser
    ? `union all
select
  'error',
  file.name,
  file.setting,
  format('%s:%s', file.sourcefile, file.sourceline),
  file.error,
  false,
  null,
  null,
  null,
  null,
  null
from pg_catalog.pg_file_settings as file
left join pg_catalog.pg_settings as setting on lower(setting.name) = lower(file.name)
where file.error is not null
  and not coalesce(setting.pending_restart, false)
union all
select
  case when file.name is null then 'removed' else 'reload' end,
  setting.name,
  pg_catalog.current_setting(setting.name),
  case when file.name is not null then format('%s:%s', file.sourcefile, file.sourceline) end,
  null,
  false,
  file.setting,
  setting.setting,
  setting.unit,
  setting.vartype,
  setting.enumvals
from pg_catalog.pg_settings as setting
left join (
  select distinct on (lower(name)) *
  from pg_catalog.pg_file_settings
  where applied
  order by lower(name), seqno desc
) as file on lower(file.name) = lower(setting.name)
where setting.context in ('sighup', 'superuser', 'user')
  and setting.source in ('default', 'configuration file')
  and (file.name is not null or setting.source = 'configuration file')
  and setting.name not in ('DateStyle', 'TimeZone', 'log_timezone', 'client_encoding', 'default_text_search_config')
  -- One line that cannot be read, or one name that the server does not know, and none is applied.
  and not exists (
    select
    from pg_catalog.pg_file_settings as broken
    where broken.error is not null
      and (broken.name is null or lower(broken.name) = lower(setting.name))
  )
  and exists (
    select
    from pg_catalog.pg_file_settings as file
    where file.applied
  )`
    : ''
}
order by 1, 2`,
  findings(rows, { facts }) {
    const findings = rows
      .filter((row) => row.kind !== 'reload' || isOther(row))
      .map((row) => ({
        object: row.name ?? row.place ?? 'configuration file',
        severity: 'warning' as const,
        message: message(row),
        evidence: [
          ...(row.name === null ? [] : [{ label: row.name, value: row.value ?? '' }]),
          ...(row.file_value === null ? [] : [{ label: 'In the file', value: row.file_value }]),
          ...(row.place === null ? [] : [{ label: 'File', value: row.place }]),
        ],
        ...(row.kind === 'reload' || row.kind === 'removed'
          ? {
              fixSql: 'select pg_catalog.pg_reload_conf();',
              lock: lockTexts.none,
              caution:
                'Everything in the files takes effect. Take the change out of the file instead where it is not meant.',
            }
          : {
              caution:
                row.kind === 'restart'
                  ? 'Restart at a time of your choosing, and not of a crash’s.'
                  : 'Correct the line before the next restart.',
            }),
        ...(row.may_be_old
          ? {
              confidence: 'low' as const,
              confidenceReason:
                'A change that was taken back before a restart leaves the same mark; only a superuser can see what the files say.',
            }
          : { confidence: 'high' as const }),
      }));
    if (facts.isSuperuser) return findings;
    return cannotTell(
      'Only a superuser can see lines with errors, and changes in the configuration files that wait for a reload.',
      { findings },
    );
  },
};

function isOther({ name, setting, value, unit, vartype, enumvals, file_value: typed }: Row): boolean {
  if (name === null || setting === null || typed === null || vartype === null) return false;
  // What a setting shows in the place of a value, such as archive_command while nothing is archived.
  if (setting.startsWith('(') || value === typed) return false;
  return saysTheSame({ name, setting, unit, vartype, enumvals }, typed) === false;
}

function message(row: Row): string {
  switch (row.kind) {
    case 'restart':
      return `${row.name ?? ''} was changed${row.may_be_old ? ', it seems,' : ''} and waits for a restart (now ${row.value ?? ''}).`;
    case 'error':
      return `Line ${row.place ?? ''} of the configuration is not accepted: ${row.error ?? ''}.`;
    case 'reload':
      return `${row.name ?? ''} is ${row.file_value ?? ''} in the configuration, which has not been reloaded since (now ${row.value ?? ''}).`;
    case 'removed':
      return `${row.name ?? ''} was taken out of the configuration, which has not been reloaded since (still ${row.value ?? ''}).`;
  }
}
