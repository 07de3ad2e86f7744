import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { oneLine, statementsView, withStatementRights } from './statements-sql.ts';

interface Row {
  readonly query_id: string;
  readonly query: string | null;
  readonly calls: string;
  readonly mean_ms: number;
  readonly total_ms: number;
  readonly share: number;
}

export const shareOfTotalTime: HealthCheck<Row> = {
  id: 'QRY02',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements that take most of the time',
  why: 'One statement that takes a third of the database’s time is worth more than tuning all others. It need not be slow: it may just run too often.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  // Run on PostgreSQL 13 to 18 with pg_stat_statements 1.8 to 1.12. Ten minutes in total before a share means anything.
  sql: (facts) => `
select *
from (
  select
    statement.queryid as query_id,
    left(statement.query, 1000) as query,
    statement.calls,
    statement.mean_exec_time as mean_ms,
    statement.total_exec_time as total_ms,
    statement.total_exec_time / nullif(sum(statement.total_exec_time) over (), 0) as share,
    sum(statement.total_exec_time) over () as database_ms
  from ${statementsView(facts)} as statement
  where statement.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
) as shared
where share >= 0.3
  and database_ms >= 600000
order by share desc`,
  findings(rows, { facts }) {
    return withStatementRights(
      rows.map((row) => ({
        object: `query ${row.query_id}`,
        severity: 'warning' as const,
        message: `One statement takes ${formatPercent(row.share)} of the execution time of this database (${formatDuration(row.total_ms)}, ${formatCount(row.calls)} calls).`,
        evidence: [
          { label: 'Statement', value: oneLine(row.query) },
          { label: 'Share of time', value: formatPercent(row.share) },
          { label: 'Mean', value: formatDuration(row.mean_ms) },
          { label: 'Calls', value: formatCount(row.calls) },
        ],
        confidence: 'high' as const,
      })),
      facts,
    );
  },
};
