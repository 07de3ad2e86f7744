import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { withSessionRights } from '../../unlock-sql.ts';

interface Row {
  readonly clients: string;
  readonly idle: string;
  readonly long_idle: string;
  readonly max_connections: number;
}

export const idleConnections: HealthCheck<Row> = {
  id: 'CON03',
  group: 'connections',
  basis: 'moment',
  title: 'Idle connections',
  why: 'An idle session keeps its slot and its memory. Many of them mean a pool that is too large, or clients that forget to disconnect.',
  requires: { privilege: 'pg_monitor, to see the state of other sessions' },
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  count(*) as clients,
  count(*) filter (where state = 'idle') as idle,
  count(*) filter (where state = 'idle' and state_change < clock_timestamp() - interval '1 hour') as long_idle,
  pg_catalog.current_setting('max_connections')::int4 as max_connections
from pg_catalog.pg_stat_activity
where backend_type = 'client backend'
  and pid <> pg_catalog.pg_backend_pid()`,
  findings([row], { facts }) {
    const share = row === undefined ? 0 : Number(row.idle) / Math.max(1, Number(row.clients));
    // A handful of idle sessions is how a pool works.
    const isMany = row !== undefined && Number(row.idle) >= Math.max(20, 0.2 * row.max_connections) && share >= 0.5;
    const isForgotten = row !== undefined && Number(row.long_idle) > 10;
    if (row === undefined || !(isMany || isForgotten)) return withSessionRights([], facts);
    return withSessionRights(
      [
        {
          object: 'idle sessions',
          severity: Number(row.long_idle) > 50 || share >= 0.75 ? 'warning' : 'info',
          message: `${formatCount(row.idle)} of ${formatCount(row.clients)} client sessions are idle (${formatPercent(share)}), ${formatCount(row.long_idle)} of them for more than an hour.`,
          evidence: [
            { label: 'Client sessions', value: formatCount(row.clients) },
            { label: 'Idle', value: formatCount(row.idle) },
            { label: 'Idle for more than an hour', value: formatCount(row.long_idle) },
            { label: 'max_connections', value: formatCount(row.max_connections) },
          ],
          ...(facts.versionNum >= 140_000
            ? { caution: 'idle_session_timeout ends idle sessions; a pool that does not expect it will report errors.' }
            : {}),
          confidence: 'high',
        },
      ],
      facts,
    );
  },
};
