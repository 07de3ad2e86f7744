import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly kind: 'role' | 'database';
  readonly object_name: string;
  readonly used: string;
  readonly connection_limit: number;
}

export const connectionLimits: HealthCheck<Row, 'warnShare'> = {
  id: 'CON08',
  group: 'connections',
  basis: 'moment',
  title: 'Connection limits of roles and databases',
  why: 'A role or database with a connection limit of its own refuses clients long before the server is full. The error reads like a full server, and is easily taken for one.',
  thresholds: {
    warnShare: { usual: 0.9, unit: 'ratio', label: 'Share of the limit that is a warning' },
  },
  // Run on PostgreSQL 13 to 18. Superusers are not held to either limit.
  sql: (_, limits) => `
select
  'role' as kind,
  quote_ident(role.rolname) as object_name,
  count(activity.pid) as used,
  role.rolconnlimit as connection_limit
from pg_catalog.pg_roles as role
join pg_catalog.pg_stat_activity as activity
  on activity.usesysid = role.oid
  and (activity.backend_type = 'client backend' or activity.backend_type is null)
where role.rolconnlimit > 0
  and not role.rolsuper
group by role.oid, role.rolname, role.rolconnlimit
having count(activity.pid) >= ${limits.warnShare} * role.rolconnlimit
union all
select
  'database',
  quote_ident(database.datname),
  count(activity.pid),
  database.datconnlimit
from pg_catalog.pg_database as database
join pg_catalog.pg_stat_activity as activity
  on activity.datid = database.oid
  and activity.usesysid is not null
  and (activity.backend_type = 'client backend' or activity.backend_type is null)
where database.datconnlimit > 0
group by database.oid, database.datname, database.datconnlimit
having count(activity.pid) >= ${limits.warnShare} * database.datconnlimit
order by 1, 2`,
  findings(rows) {
    return rows.map((row) => ({
      object: `${row.kind} ${row.object_name}`,
      severity: Number(row.used) >= row.connection_limit ? ('critical' as const) : ('warning' as const),
      message: `${row.kind === 'role' ? 'Role' : 'Database'} ${row.object_name} uses ${formatCount(row.used)} of its ${formatCount(row.connection_limit)} connections (${formatPercent(Number(row.used) / row.connection_limit)}).`,
      measure: Number(row.used) / row.connection_limit,
      evidence: [
        { label: 'Connections', value: formatCount(row.used) },
        { label: 'Limit', value: formatCount(row.connection_limit) },
      ],
      fixSql: `alter ${row.kind} ${row.object_name} connection limit ${row.connection_limit * 2};`,
      undoSql: `alter ${row.kind} ${row.object_name} connection limit ${row.connection_limit};`,
      lock: lockTexts.none,
      caution: 'The limit may be there on purpose; see first who holds the connections.',
      confidence: 'high' as const,
    }));
  },
};
