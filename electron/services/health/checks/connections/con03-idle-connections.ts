import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { withSessionRights } from '../../unlock-sql.ts';

interface Row {
  readonly clients: string;
  readonly idle: string;
  readonly long_idle: string;
  readonly max_connections: number;
}

type LimitName = 'minIdle' | 'idleShare' | 'manyIdleShare' | 'longIdle' | 'manyLongIdle' | 'longIdleSeconds';

export const idleConnections: HealthCheck<Row, LimitName> = {
  id: 'CON03',
  group: 'connections',
  basis: 'moment',
  title: 'Idle connections',
  why: 'An idle session keeps its slot and its memory. Many of them mean a pool that is too large, or clients that forget to disconnect.',
  requires: { privilege: 'pg_monitor, to see the state of other sessions' },
  thresholds: {
    // fresha/pgdoctor: 50 or 75 % idle, 10 or 50 idle for long; pgFirstAid's hour. A handful is how a pool works.
    minIdle: { usual: 20, unit: 'count', label: 'Fewest idle sessions whose share is judged' },
    idleShare: { usual: 0.5, unit: 'ratio', label: 'Share of idle sessions that is reported' },
    manyIdleShare: { usual: 0.75, unit: 'ratio', label: 'Share of idle sessions that is a warning' },
    longIdle: { usual: 10, unit: 'count', label: 'Sessions idle for long that are reported' },
    manyLongIdle: { usual: 50, unit: 'count', label: 'Sessions idle for long that are a warning' },
    longIdleSeconds: { usual: 3600, unit: 'seconds', label: 'What counts as idle for long' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: (_, limits) => `
select
  count(*) as clients,
  count(*) filter (where state = 'idle') as idle,
  count(*) filter (where state = 'idle' and state_change < clock_timestamp() - interval '1 second' * ${limits.longIdleSeconds}) as long_idle,
  pg_catalog.current_setting('max_connections')::int4 as max_connections
from pg_catalog.pg_stat_activity
where backend_type = 'client backend'
  and pid <> pg_catalog.pg_backend_pid()`,
  findings([row], { facts, limits }) {
    const share = row === undefined ? 0 : Number(row.idle) / Math.max(1, Number(row.clients));
    // Idle sessions are no harm while most slots are free.
    const isMany =
      row !== undefined &&
      Number(row.idle) >= Math.max(limits.minIdle, 0.2 * row.max_connections) &&
      share >= limits.idleShare;
    const isForgotten = row !== undefined && Number(row.long_idle) > limits.longIdle;
    if (row === undefined || !(isMany || isForgotten)) return withSessionRights([], facts);
    const long = formatDuration(limits.longIdleSeconds * 1000);
    return withSessionRights(
      [
        {
          object: 'idle sessions',
          severity:
            Number(row.long_idle) > limits.manyLongIdle || (isMany && share >= limits.manyIdleShare)
              ? 'warning'
              : 'info',
          message: `${formatCount(row.idle)} of ${formatCount(row.clients)} client sessions are idle (${formatPercent(share)}), ${formatCount(row.long_idle)} of them for more than ${long}.`,
          measure: Number(row.idle),
          evidence: [
            { label: 'Client sessions', value: formatCount(row.clients) },
            { label: 'Idle', value: formatCount(row.idle) },
            { label: `Idle for more than ${long}`, value: formatCount(row.long_idle) },
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
