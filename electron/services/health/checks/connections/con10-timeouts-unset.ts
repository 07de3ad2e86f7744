import type { HealthCheck } from '../../health-check.ts';
import { quoteIdentifier, quoteLiteral } from '../../../../postgres/quote-identifier.ts';
import { lockTexts } from '../../lock-texts.ts';
import { scopeRows, serverRows, aboutSettings, type SettingRow, withHiddenValues } from '../../setting-row.ts';

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

export const timeoutsUnset: HealthCheck<SettingRow> = {
  id: 'CON10',
  group: 'connections',
  basis: 'catalog',
  title: 'Timeouts that are not set',
  why: 'PostgreSQL waits for ever by default. Timeouts per role or database end what got stuck before it takes others along; batch roles can have longer ones.',
  requires: { privilege: 'superuser, where this session sets the timeouts itself' },
  // This session sets timeouts for itself, so the server's own values come from its files and its command line.
  ...aboutSettings(...Object.keys(timeouts)),
  findings(rows, { facts }) {
    const database = quoteIdentifier(facts.database);
    const open = rows.filter((row) => scopeRows(row).every(({ setting }) => setting === '0'));
    const findings = serverRows(open)
      .filter(({ setting }) => setting === '0')
      .map((row) => {
        const ownValue = row.scopes?.find(({ role, database: of }) => role === null && of === facts.database)?.value;
        const { meaning, example, harm } = timeouts[row.name] ?? { meaning: '', example: '' };
        return {
          object: row.name,
          severity: 'info' as const,
          message: `${row.name} is not set for the server, a database or a role: ${meaning}.`,
          evidence: [{ label: row.name, value: '0 (no limit)' }],
          ...(harm === undefined
            ? {
                fixSql: `alter database ${database} set ${row.name} = '${example}';`,
                undoSql: `alter database ${database} ${ownValue === undefined ? `reset ${row.name}` : `set ${row.name} = ${quoteLiteral(ownValue)}`};`,
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
    return withHiddenValues(findings, open);
  },
};
