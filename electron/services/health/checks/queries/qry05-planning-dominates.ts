import { formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { judgeStatements, oneLine, statementsSql, type StatementsRow } from './statements-sql.ts';

const maxNamed = 20;

export const planningDominates: HealthCheck<StatementsRow, 'planShare' | 'minCalls' | 'minPlanMs'> = {
  id: 'QRY05',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements that plan longer than they run',
  why: 'Planning is done anew for every call that is not prepared. For a short statement over many tables or partitions it can cost more than the execution; prepared statements do it once.',
  requires: { extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  thresholds: {
    // The catalogue's "plan time over execution time".
    planShare: { usual: 1, unit: 'ratio', label: 'Planning time over execution time' },
    minCalls: { usual: 100, unit: 'count', label: 'Fewest times it was planned' },
    minPlanMs: { usual: 1, unit: 'milliseconds', label: 'Mean planning time that is reported' },
  },
  sql: (facts) => statementsSql(facts),
  findings(rows, { facts, limits }) {
    const [first] = rows;
    if (
      first?.is_loaded === true &&
      !first.tracks_planning &&
      rows.every((row) => row.query_id === null || Number(row.plans) === 0)
    ) {
      return cannotTell(
        'pg_stat_statements.track_planning is off, so planning is not measured. Switching it on costs busy servers some throughput.',
        { unlockSql: 'alter system set pg_stat_statements.track_planning = on;\nselect pg_catalog.pg_reload_conf();' },
      );
    }
    return judgeStatements(rows, facts, (statements) =>
      statements
        .map((row) => ({ row, planMs: row.total_plan_ms / Math.max(1, Number(row.plans)) }))
        .filter(
          ({ row, planMs }) =>
            Number(row.plans) >= limits.minCalls &&
            planMs >= limits.minPlanMs &&
            row.total_plan_ms > limits.planShare * row.total_ms,
        )
        .toSorted((left, right) => right.row.total_plan_ms - left.row.total_plan_ms)
        .slice(0, maxNamed)
        .map(({ row, planMs }) => ({
          object: `query ${row.query_id}`,
          severity: 'info' as const,
          message: `Planning a statement took ${formatDuration(row.total_plan_ms)} over ${formatCount(row.plans)} times, running it ${formatDuration(row.total_ms)}.`,
          measure: row.total_plan_ms / Math.max(0.001, row.total_ms),
          evidence: [
            { label: 'Statement', value: oneLine(row.query) },
            { label: 'Mean planning time', value: formatDuration(planMs) },
            { label: 'Calls', value: formatCount(row.calls) },
          ],
        })),
    );
  },
};
