import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly max_connections: number;
  readonly used: string;
  readonly work_mem: string;
}

export const manyConnectionsAllowed: HealthCheck<Row, 'maxConnections' | 'usedShare'> = {
  id: 'CON02',
  group: 'connections',
  basis: 'moment',
  title: 'Very many connections allowed',
  why: 'A server runs about as many statements at a time as it has processors; more of them wait for each other. A high max_connections lets them all in at once, each with its own work_mem, where a pooler would let them queue.',
  thresholds: {
    // pgEdge: more than 500.
    maxConnections: { usual: 500, unit: 'count', label: 'Value of max_connections above which it is reported' },
    usedShare: { usual: 0.5, unit: 'ratio', label: 'Share in use from which it is not taken as oversized' },
  },
  // Run on PostgreSQL 13 to 18. Without pg_read_all_stats the kind of other users' backends is hidden, their user is not.
  sql: () => `
select
  pg_catalog.current_setting('max_connections')::int4 as max_connections,
  count(*) filter (
    where backend_type = 'client backend'
      or backend_type is null and datid is not null and usesysid is not null
  ) as used,
  pg_catalog.current_setting('work_mem') as work_mem
from pg_catalog.pg_stat_activity`,
  findings([row], { limits }) {
    if (row === undefined || row.max_connections <= limits.maxConnections) return [];
    if (Number(row.used) >= limits.usedShare * row.max_connections) return [];
    return [
      {
        object: 'max_connections',
        severity: 'info',
        message: `max_connections is ${formatCount(row.max_connections)}, and ${formatCount(row.used)} are in use now.`,
        measure: row.max_connections,
        evidence: [
          { label: 'max_connections', value: formatCount(row.max_connections) },
          { label: 'In use', value: formatCount(row.used) },
          { label: 'work_mem', value: row.work_mem },
        ],
        caution: 'Put a pooler in front before it is lowered, and look at the busiest hour first. It needs a restart.',
        confidence: 'low',
        confidenceReason: 'One look: the busiest hour may need far more connections than now.',
      },
    ];
  },
};
