import { runsNoVacuum } from '../../catalog-sql.ts';
import { formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { withSessionRights } from '../../unlock-sql.ts';
import { dumpCaution, isDump } from './is-dump.ts';
import { sessionColumns, sessionEvidence, type SessionRow } from './session-row.ts';

interface Row extends SessionRow {
  readonly open_ms: number;
  readonly state: string | null;
}

export const longTransactions: HealthCheck<Row, 'warnSeconds' | 'criticalSeconds'> = {
  id: 'TXN01',
  group: 'locks',
  basis: 'moment',
  title: 'Long transactions',
  why: 'A transaction that stays open for an hour keeps its locks, and keeps vacuum from removing rows that died since it began, in every table.',
  requires: { privilege: 'pg_monitor, to see sessions of other users' },
  thresholds: {
    // postgres-checkup's hour; half a day is beyond any report.
    warnSeconds: { usual: 3600, unit: 'seconds', label: 'Age of a transaction that is a warning' },
    criticalSeconds: { usual: 43_200, unit: 'seconds', label: 'Age of a transaction that is critical' },
  },
  // Run on PostgreSQL 13 to 18. Idle ones are TXN02; a VACUUM is QRY10's.
  sql: (_, limits) => `
select
  ${sessionColumns},
  activity.state,
  extract(epoch from clock_timestamp() - activity.xact_start)::float8 * 1000 as open_ms
from pg_catalog.pg_stat_activity as activity
where activity.backend_type = 'client backend'
  and activity.pid <> pg_catalog.pg_backend_pid()
  and activity.state not like 'idle in transaction%'
  and ${runsNoVacuum('activity')}
  and activity.xact_start < clock_timestamp() - interval '1 second' * ${limits.warnSeconds}
order by activity.xact_start`,
  findings(rows, { facts, limits }) {
    return withSessionRights(
      rows.map((row) => {
        const dumps = isDump(row);
        return {
          object: `session ${row.pid}`,
          severity: dumps
            ? ('info' as const)
            : row.open_ms >= limits.criticalSeconds * 1000
              ? ('critical' as const)
              : ('warning' as const),
          message: `Session ${row.pid} has had a transaction open for ${formatDuration(row.open_ms)}.`,
          measure: row.open_ms,
          evidence: [{ label: 'State', value: row.state ?? '(hidden)' }, ...sessionEvidence(row)],
          ...(dumps
            ? { caution: dumpCaution }
            : {
                fixSql: `select pg_catalog.pg_terminate_backend(${row.pid});`,
                lock: lockTexts.none,
                caution:
                  'Rolls the transaction back and ends the session. A large index build may be worth waiting for.',
              }),
          confidence: 'high' as const,
        };
      }),
      facts,
    );
  },
};
