import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly name: string;
  /** Null where only this session's own value can be seen. */
  readonly server_value: string | null;
  readonly overrides: readonly string[];
}

interface Timeout {
  readonly meaning: string;
  readonly example: string;
  /** What it would end that has to be let run, if it held for the whole database. */
  readonly harm?: string;
}

const timeouts: Readonly<Record<string, Timeout>> = {
  idle_in_transaction_session_timeout: {
    meaning: 'a forgotten open transaction holds its locks and stops vacuum for as long as it lives',
    example: '5min',
  },
  lock_timeout: {
    meaning: 'a statement waits for a lock without end, and others queue behind it',
    example: '10s',
    harm: 'it would also cancel CREATE INDEX CONCURRENTLY, which waits for open transactions and leaves an invalid index behind',
  },
  statement_timeout: {
    meaning: 'a runaway statement runs until somebody notices',
    example: '60s',
    harm: 'it would also cancel migrations, index builds and reports',
  },
};

export const timeoutsUnset: HealthCheck<Row> = {
  id: 'CON10',
  group: 'connections',
  basis: 'catalog',
  title: 'Timeouts that are not set',
  why: 'PostgreSQL waits for ever by default. Timeouts per role or database end what got stuck before it takes others along; batch roles can have longer ones.',
  requires: { privilege: 'superuser, where this session sets the timeouts itself' },
  // Run on PostgreSQL 13 to 18. This session sets timeouts for itself, so the server's own value comes from the files.
  sql: ({ isSuperuser }) => `
select
  setting.name,
  case
    when setting.source not in ('client', 'session') then setting.setting
    ${
      isSuperuser
        ? `else coalesce(
      (
        select file.setting
        from pg_catalog.pg_file_settings as file
        where file.name = setting.name
          and file.error is null
        order by file.seqno desc
        limit 1
      ),
      setting.boot_val)`
        : 'else null'
    }
  end as server_value,
  array(
    select format('%s: %s',
      concat_ws(' in ', 'role ' || quote_ident(role.rolname), 'database ' || quote_ident(database.datname)), item)
    from pg_catalog.pg_db_role_setting as override
    left join pg_catalog.pg_roles as role on role.oid = override.setrole
    left join pg_catalog.pg_database as database on database.oid = override.setdatabase
    cross join lateral unnest(override.setconfig) as item
    where split_part(item, '=', 1) = setting.name
      and split_part(item, '=', 2) <> '0'
      and (override.setdatabase = 0 or database.datname = current_database())
    order by 1
  )::text[] as overrides
from pg_catalog.pg_settings as setting
where setting.name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')
order by setting.name`,
  findings(rows, { facts }) {
    const database = quoteIdentifier(facts.database);
    const findings = rows
      .filter(
        (row) => row.server_value !== null && Number.parseInt(row.server_value, 10) === 0 && row.overrides.length === 0,
      )
      .map((row) => {
        const { meaning, example, harm } = timeouts[row.name] ?? { meaning: '', example: '' };
        return {
          object: row.name,
          severity: 'info' as const,
          message: `${row.name} is not set for the server, a database or a role: ${meaning}.`,
          evidence: [{ label: row.name, value: '0 (no limit)' }],
          ...(harm === undefined
            ? {
                fixSql: `alter database ${database} set ${row.name} = '${example}';`,
                undoSql: `alter database ${database} reset ${row.name};`,
                lock: lockTexts.none,
                caution:
                  'Takes effect for new sessions of every role. Give batch roles a longer value of their own, or set it for the application role only.',
              }
            : {
                caution: `Set it for the roles of applications, ALTER ROLE … SET ${row.name} = '${example}', and not for the database: ${harm}.`,
              }),
          confidence: 'high' as const,
        };
      });
    const unknown = rows.filter((row) => row.server_value === null && row.overrides.length === 0);
    if (unknown.length === 0) return findings;
    return cannotTell(
      `The server's value of ${unknown.map((row) => row.name).join(', ')} is hidden behind this session's own; only a superuser can read the configuration file.`,
      {
        findings,
      },
    );
  },
};
