import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { oneLine, statementsView, withStatementRights } from './statements-sql.ts';

interface Row {
  readonly query_id: string;
  readonly query: string | null;
  readonly calls: string;
  readonly mean_ms: number;
  readonly total_ms: number;
  readonly rows: string;
}

export const slowStatements: HealthCheck<Row> = {
  id: 'QRY01',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements that are slow on average',
  why: 'A statement that runs often and takes long each time is where an index or a rewrite pays most. Open its plan to see where the time goes.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  // Run on PostgreSQL 13 to 18 with pg_stat_statements 1.8 to 1.12.
  sql: (facts) => `
select
  statement.queryid as query_id,
  left(statement.query, 1000) as query,
  statement.calls,
  statement.mean_exec_time as mean_ms,
  statement.total_exec_time as total_ms,
  statement.rows
from ${statementsView(facts)} as statement
where statement.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
  and statement.calls >= 100
  and statement.mean_exec_time >= 20
order by statement.total_exec_time desc
limit 20`,
  findings(rows, { facts }) {
    return withStatementRights(
      rows.map((row) => ({
        object: `query ${row.query_id}`,
        severity: 'info' as const,
        message: `A statement took ${formatDuration(row.mean_ms)} on average over ${formatCount(row.calls)} calls (${formatDuration(row.total_ms)} in all).`,
        evidence: [
          { label: 'Statement', value: oneLine(row.query) },
          { label: 'Mean', value: formatDuration(row.mean_ms) },
          { label: 'Calls', value: formatCount(row.calls) },
          { label: 'Rows per call', value: formatCount(Number(row.rows) / Number(row.calls)) },
        ],
        confidence: 'high' as const,
      })),
      facts,
    );
  },
};
