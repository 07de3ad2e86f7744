import { formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { withSessionRights } from '../../unlock-sql.ts';
import { isUtility, oneLine } from './statements-sql.ts';

interface Row {
  readonly pid: number;
  readonly user_name: string;
  readonly database_name: string;
  readonly application: string;
  readonly running_ms: number;
  readonly waits_for: string | null;
  readonly query: string | null;
}

export const longRunningStatements: HealthCheck<Row, 'warnSeconds' | 'criticalSeconds'> = {
  id: 'QRY10',
  group: 'queries',
  basis: 'moment',
  title: 'Statements that run for long',
  why: 'A statement that runs for minutes holds its locks and its snapshot all the while. It may be a report that takes its time, or a missing index.',
  requires: { privilege: 'pg_monitor, to see sessions of other users' },
  thresholds: {
    // PgHero's minute; pganalyze's half hour.
    warnSeconds: { usual: 60, unit: 'seconds', label: 'Running time that is a warning' },
    criticalSeconds: { usual: 1800, unit: 'seconds', label: 'Running time that is critical' },
  },
  // Run on PostgreSQL 13 to 18. Dumps and base backups run long by nature.
  sql: (_, limits) => `
select
  activity.pid,
  coalesce(quote_ident(activity.usename), '') as user_name,
  coalesce(quote_ident(activity.datname), '') as database_name,
  coalesce(activity.application_name, '') as application,
  extract(epoch from clock_timestamp() - activity.query_start)::float8 * 1000 as running_ms,
  concat_ws(': ', activity.wait_event_type, activity.wait_event) as waits_for,
  left(activity.query, 1000) as query
from pg_catalog.pg_stat_activity as activity
where activity.backend_type = 'client backend'
  and activity.state = 'active'
  and activity.pid <> pg_catalog.pg_backend_pid()
  and activity.query_start < clock_timestamp() - interval '1 second' * ${limits.warnSeconds}
  and activity.application_name not in ('pg_dump', 'pg_dumpall', 'pg_restore', 'pg_basebackup')
order by activity.query_start`,
  findings(rows, { facts, limits }) {
    return withSessionRights(
      rows.map((row) => {
        // A vacuum or an index build takes what it takes.
        const isMaintenance = isUtility(row.query);
        return {
          object: `session ${row.pid}`,
          severity: isMaintenance
            ? ('info' as const)
            : row.running_ms >= limits.criticalSeconds * 1000
              ? ('critical' as const)
              : ('warning' as const),
          message: `Session ${row.pid} of ${row.user_name} has been running one statement for ${formatDuration(row.running_ms)}.`,
          measure: row.running_ms,
          evidence: [
            { label: 'Statement', value: oneLine(row.query) },
            { label: 'Database', value: row.database_name || '(none)' },
            { label: 'Application', value: row.application || '(none)' },
            { label: 'Waits for', value: row.waits_for || 'nothing' },
          ],
          fixSql: `select pg_catalog.pg_cancel_backend(${row.pid});`,
          lock: lockTexts.none,
          caution: isMaintenance
            ? 'Cancels maintenance that is under way; it has to start again.'
            : 'Cancels the statement and rolls its transaction back.',
          confidence: 'high' as const,
        };
      }),
      facts,
    );
  },
};
