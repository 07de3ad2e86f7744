import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { withSessionRights } from '../../unlock-sql.ts';

interface Row {
  readonly wait_event_type: string;
  readonly wait_event: string;
  readonly sessions: string;
  readonly active: string;
}

export const waitHotSpot: HealthCheck<Row, 'minSessions' | 'activeShare'> = {
  id: 'TXN07',
  group: 'locks',
  basis: 'moment',
  title: 'Many sessions that wait for the same thing',
  why: 'When most working sessions stand at one point inside the server, such as one internal lock, the disk or a synchronous standby, more sessions only make the queue longer. The name of the wait says where to look.',
  requires: { privilege: 'pg_monitor, to see the waits of other sessions' },
  thresholds: {
    // No published numbers for one look: a crowd, and most of those who work.
    minSessions: { usual: 8, unit: 'count', label: 'Fewest sessions at the same point' },
    activeShare: { usual: 0.5, unit: 'ratio', label: 'Share of all active sessions' },
  },
  // Run on PostgreSQL 13 to 18. Heavyweight locks are TXN03.
  sql: () => `
select
  wait.wait_event_type,
  wait.wait_event,
  wait.sessions,
  wait.active
from (
  select
    activity.wait_event_type,
    activity.wait_event,
    count(*) as sessions,
    sum(count(*)) over ()::int8 as active
  from pg_catalog.pg_stat_activity as activity
  where activity.backend_type in ('client backend', 'parallel worker')
    and activity.state = 'active'
    and activity.pid <> pg_catalog.pg_backend_pid()
  group by activity.wait_event_type, activity.wait_event
) as wait
where wait.wait_event_type in ('LWLock', 'IO', 'BufferPin', 'Buffer')
  or wait.wait_event in ('SyncRep', 'XactGroupUpdate', 'ProcArrayGroupUpdate')
order by wait.sessions desc, wait.wait_event`,
  findings(rows, { facts, limits }) {
    return withSessionRights(
      rows
        .filter(
          (row) =>
            Number(row.sessions) >= limits.minSessions &&
            Number(row.sessions) / Math.max(1, Number(row.active)) >= limits.activeShare,
        )
        .map((row) => ({
          object: `wait ${row.wait_event}`,
          severity: 'info' as const,
          message: `${formatCount(row.sessions)} of ${formatCount(row.active)} active sessions wait for ${row.wait_event} (${row.wait_event_type}).`,
          measure: Number(row.sessions),
          evidence: [
            { label: 'Sessions', value: formatCount(row.sessions) },
            {
              label: 'Share of active sessions',
              value: formatPercent(Number(row.sessions) / Math.max(1, Number(row.active))),
            },
          ],
          caution:
            'Look again a few times before anything is changed. The documentation of pg_stat_activity explains the name.',
          confidence: 'low' as const,
          confidenceReason: 'One look at a moment.',
        })),
      facts,
    );
  },
};
