import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { withSessionRights } from '../../unlock-sql.ts';

interface Row {
  readonly user_name: string;
  readonly database_name: string;
  readonly application: string;
  readonly clients: string;
  readonly active: string;
  readonly idle: string;
  readonly waiting_for_lock: string;
}

type LimitName = 'minSessions' | 'activeShare' | 'fewIdle' | 'lastIdle';

export const poolExhausted: HealthCheck<Row, LimitName> = {
  id: 'CON04',
  group: 'connections',
  basis: 'moment',
  title: 'Connection pools without a free session',
  why: 'When all sessions of an application work at the same time, its next request waits for one to come free, or fails. Often a few slow statements or a lock hold the sessions; a larger pool only moves the queue into the server.',
  requires: { privilege: 'pg_monitor, to see the state of other sessions' },
  thresholds: {
    // fresha/pgdoctor: more than 90 % active and fewer than 3, or at most 1, idle.
    minSessions: { usual: 10, unit: 'count', label: 'Smallest pool that is judged' },
    activeShare: { usual: 0.9, unit: 'ratio', label: 'Share of active sessions that is reported' },
    fewIdle: { usual: 3, unit: 'count', label: 'Idle sessions from which nothing is reported' },
    lastIdle: { usual: 1, unit: 'count', label: 'Idle sessions up to which it is a warning' },
  },
  // Run on PostgreSQL 13 to 18. Parallel dumps, restores and pgbench are busy by nature.
  sql: (_, limits) => `
select
  quote_ident(activity.usename) as user_name,
  quote_ident(activity.datname) as database_name,
  activity.application_name as application,
  count(*) as clients,
  count(*) filter (where activity.state in ('active', 'fastpath function call')) as active,
  count(*) filter (where activity.state = 'idle') as idle,
  count(*) filter (where activity.wait_event_type = 'Lock') as waiting_for_lock
from pg_catalog.pg_stat_activity as activity
where activity.backend_type = 'client backend'
  and activity.pid <> pg_catalog.pg_backend_pid()
  and activity.state is not null
  and activity.application_name not in ('pg_dump', 'pg_restore', 'pgbench', 'vacuumdb', 'reindexdb')
group by activity.usename, activity.datname, activity.application_name
having count(*) >= ${limits.minSessions}
order by clients desc, user_name, database_name, application`,
  findings(rows, { facts, limits }) {
    const findings = rows.flatMap((row) => {
      const share = Number(row.active) / Math.max(1, Number(row.clients));
      if (share <= limits.activeShare || Number(row.idle) >= limits.fewIdle) return [];
      const application = row.application || `user ${row.user_name}`;
      return [
        {
          object: `sessions of ${application} in ${row.database_name}`,
          severity: Number(row.idle) <= limits.lastIdle ? ('warning' as const) : ('info' as const),
          message: `${formatCount(row.active)} of the ${formatCount(row.clients)} sessions of ${application} in ${row.database_name} are active (${formatPercent(share)}), ${formatCount(row.idle)} are idle.`,
          measure: share,
          evidence: [
            { label: 'Application', value: row.application || '(none)' },
            { label: 'User', value: row.user_name },
            { label: 'Active', value: formatCount(row.active) },
            { label: 'Idle', value: formatCount(row.idle) },
            { label: 'Waiting for a lock', value: formatCount(row.waiting_for_lock) },
          ],
          caution: 'See first what they do: QRY10 for statements that run for long, TXN03 for locks.',
          confidence: 'medium' as const,
          confidenceReason: 'One look: the next moment may be quiet again.',
        },
      ];
    });
    return withSessionRights(findings, facts);
  },
};
