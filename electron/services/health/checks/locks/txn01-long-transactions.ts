import { formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { withSessionRights } from '../../unlock-sql.ts';
import { sessionColumns, sessionEvidence, type SessionRow } from './session-row.ts';

interface Row extends SessionRow {
  readonly open_ms: number;
  readonly state: string | null;
}

export const longTransactions: HealthCheck<Row> = {
  id: 'TXN01',
  group: 'locks',
  basis: 'moment',
  title: 'Long transactions',
  why: 'A transaction that stays open for an hour keeps its locks, and keeps vacuum from removing rows that died since it began, in every table.',
  requires: { privilege: 'pg_monitor, to see sessions of other users' },
  // Run on PostgreSQL 13 to 18. Idle ones are TXN02.
  sql: () => `
select
  ${sessionColumns},
  activity.state,
  extract(epoch from clock_timestamp() - activity.xact_start)::float8 * 1000 as open_ms
from pg_catalog.pg_stat_activity as activity
where activity.backend_type = 'client backend'
  and activity.pid <> pg_catalog.pg_backend_pid()
  and activity.state not like 'idle in transaction%'
  and activity.xact_start < clock_timestamp() - interval '1 hour'
order by activity.xact_start`,
  findings(rows, { facts }) {
    return withSessionRights(
      rows.map((row) => ({
        object: `session ${row.pid}`,
        severity: row.open_ms >= 12 * 3_600_000 ? ('critical' as const) : ('warning' as const),
        message: `Session ${row.pid} has had a transaction open for ${formatDuration(row.open_ms)}.`,
        evidence: [{ label: 'State', value: row.state ?? '(hidden)' }, ...sessionEvidence(row)],
        fixSql: `select pg_catalog.pg_terminate_backend(${row.pid});`,
        lock: lockTexts.none,
        caution:
          'Rolls the transaction back and ends the session. A dump or a large index build may be worth waiting for.',
        confidence: 'high' as const,
      })),
      facts,
    );
  },
};
