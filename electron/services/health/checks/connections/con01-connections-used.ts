import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';

interface Row {
  readonly used: string;
  readonly unknown_kind: string;
  readonly max_connections: number;
  readonly reserved: number;
}

export const connectionsUsed: HealthCheck<Row, 'warnShare' | 'criticalShare'> = {
  id: 'CON01',
  group: 'connections',
  basis: 'moment',
  title: 'Connections in use',
  why: 'When all slots are taken, new clients are refused with "too many clients already". Slots reserved for superusers are not there for applications, so the share is of what is left.',
  thresholds: {
    // check_postgres and pgdoctor warn between 70 and 95 %; ours are the catalogue's.
    warnShare: { usual: 0.8, unit: 'ratio', label: 'Share of usable connections that is a warning' },
    criticalShare: { usual: 0.9, unit: 'ratio', label: 'Share of usable connections that is critical' },
  },
  // Run on PostgreSQL 13 to 18. Without pg_read_all_stats the kind of other users' backends is hidden, their user is not.
  sql: ({ versionNum }) => `
select
  count(*) filter (
    where backend_type = 'client backend'
      or backend_type is null and datid is not null and usesysid is not null
  ) as used,
  count(*) filter (where backend_type is null and usesysid is not null) as unknown_kind,
  pg_catalog.current_setting('max_connections')::int4 as max_connections,
  pg_catalog.current_setting('superuser_reserved_connections')::int4${
    versionNum >= 160_000 ? "\n    + pg_catalog.current_setting('reserved_connections')::int4" : ''
  } as reserved
from pg_catalog.pg_stat_activity`,
  findings([row], { limits }) {
    if (row === undefined) return [];
    const usable = Math.max(1, row.max_connections - row.reserved);
    const share = Number(row.used) / usable;
    if (share < Math.min(limits.warnShare, limits.criticalShare)) return [];
    return [
      {
        object: 'max_connections',
        severity: share >= limits.criticalShare ? 'critical' : 'warning',
        message: `${formatCount(row.used)} of ${formatCount(usable)} usable connections are taken (${formatPercent(share)}).`,
        measure: share,
        evidence: [
          { label: 'Client connections', value: formatCount(row.used) },
          { label: 'max_connections', value: formatCount(row.max_connections) },
          { label: 'Reserved for superusers', value: formatCount(row.reserved) },
        ],
        caution:
          'Raising max_connections needs a restart and memory; a connection pooler or shorter idle times often do.',
        ...(Number(row.unknown_kind) > 0
          ? {
              confidence: 'medium' as const,
              confidenceReason: 'The kind of other users’ backends is hidden; parallel workers may be counted.',
            }
          : { confidence: 'high' as const }),
      },
    ];
  },
};
