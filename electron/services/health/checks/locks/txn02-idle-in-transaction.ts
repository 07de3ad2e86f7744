import { formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { withSessionRights } from '../../unlock-sql.ts';
import { dumpCaution, isDump } from './is-dump.ts';
import { sessionColumns, sessionEvidence, type SessionRow } from './session-row.ts';

interface Row extends SessionRow {
  readonly idle_ms: number;
  /** Null where it is not known, as of WAL senders. */
  readonly open_ms: number | null;
  readonly state: string;
}

export const idleInTransaction: HealthCheck<Row, 'warnSeconds' | 'criticalSeconds'> = {
  id: 'TXN02',
  group: 'locks',
  basis: 'moment',
  title: 'Sessions idle in transaction',
  why: 'A session that opened a transaction and does nothing keeps its locks and its snapshot. It is usually a client that forgot to commit.',
  requires: { privilege: 'pg_monitor, to see sessions of other users' },
  thresholds: {
    // The catalogue's minute and half hour.
    warnSeconds: { usual: 60, unit: 'seconds', label: 'Idle time that is a warning' },
    criticalSeconds: { usual: 1800, unit: 'seconds', label: 'Idle time that is critical' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: (_, limits) => `
select
  ${sessionColumns},
  activity.state,
  extract(epoch from clock_timestamp() - activity.state_change)::float8 * 1000 as idle_ms,
  extract(epoch from clock_timestamp() - activity.xact_start)::float8 * 1000 as open_ms
from pg_catalog.pg_stat_activity as activity
where activity.state like 'idle in transaction%'
  and activity.pid <> pg_catalog.pg_backend_pid()
  and activity.state_change < clock_timestamp() - interval '1 second' * ${limits.warnSeconds}
order by activity.state_change`,
  findings(rows, { facts, limits }) {
    return withSessionRights(
      rows.map((row) => {
        const dumps = isDump(row);
        return {
          object: `session ${row.pid}`,
          severity: dumps
            ? ('info' as const)
            : row.idle_ms >= limits.criticalSeconds * 1000
              ? ('critical' as const)
              : ('warning' as const),
          message: `Session ${row.pid} of ${row.user_name} has been idle in transaction for ${formatDuration(row.idle_ms)}.`,
          measure: row.idle_ms,
          evidence: [
            { label: 'State', value: row.state },
            ...(row.open_ms === null ? [] : [{ label: 'Transaction open for', value: formatDuration(row.open_ms) }]),
            ...sessionEvidence(row),
          ],
          ...(dumps
            ? { caution: dumpCaution }
            : {
                fixSql: `select pg_catalog.pg_terminate_backend(${row.pid});`,
                lock: lockTexts.none,
                caution: 'Rolls the transaction back and ends the session.',
              }),
          confidence: 'high' as const,
        };
      }),
      facts,
    );
  },
};
