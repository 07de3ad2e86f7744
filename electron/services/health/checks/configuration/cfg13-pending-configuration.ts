import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly kind: 'restart' | 'error';
  readonly name: string | null;
  readonly value: string | null;
  readonly place: string | null;
  readonly error: string | null;
}

export const pendingConfiguration: HealthCheck<Row> = {
  id: 'CFG13',
  group: 'configuration',
  basis: 'catalog',
  title: 'Configuration that is not in force',
  why: 'A changed setting that waits for a restart takes effect at the next one, planned or not. A line with an error may keep the server from starting again.',
  requires: { privilege: 'superuser, to see errors in the files' },
  // Run on PostgreSQL 13 to 18. Only a superuser can read the files; what waits for a restart is seen by all. A line of
  // a setting that waits for a restart carries an "error" that says so, and is not listed twice.
  sql: ({ isSuperuser }) => `
select
  'restart' as kind,
  setting.name,
  pg_catalog.current_setting(setting.name) as value,
  case when setting.sourcefile is not null then format('%s:%s', setting.sourcefile, setting.sourceline) end as place,
  null::text as error
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
      where file.name = setting.name
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
  file.error
from pg_catalog.pg_file_settings as file
left join pg_catalog.pg_settings as setting on setting.name = file.name
where file.error is not null
  and not coalesce(setting.pending_restart, false)`
    : ''
}
order by 1, 2`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.name ?? row.place ?? 'configuration file',
      severity: 'warning' as const,
      message:
        row.kind === 'restart'
          ? `${row.name ?? ''} was changed and waits for a restart (now ${row.value ?? ''}).`
          : `Line ${row.place ?? ''} of the configuration is not accepted: ${row.error ?? ''}.`,
      evidence: [
        ...(row.name === null ? [] : [{ label: row.name, value: row.value ?? '' }]),
        ...(row.place === null ? [] : [{ label: 'File', value: row.place }]),
      ],
      caution:
        row.kind === 'restart'
          ? 'Restart at a time of your choosing, and not of a crash’s.'
          : 'Correct the line before the next restart.',
      confidence: 'high' as const,
    }));
  },
};
