import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { judgeStatements, oneLine, statementsSql, statementsVersion, type StatementsRow } from './statements-sql.ts';

const maxNamed = 20;

export const jitDominates: HealthCheck<StatementsRow, 'jitShare' | 'minCalls' | 'minJitMs'> = {
  id: 'QRY06',
  group: 'queries',
  basis: 'statistics',
  title: 'Statements that spend their time in just-in-time compilation',
  why: 'Compiling a query pays for long reports. Where the planner’s estimate is too high, short statements are compiled anew in every call and get slower by it.',
  requires: { minVersion: 150_000, extension: 'pg_stat_statements', privilege: 'pg_read_all_stats' },
  thresholds: {
    // The catalogue's 30 %.
    jitShare: { usual: 0.3, unit: 'ratio', label: 'Share of the execution time' },
    minCalls: { usual: 20, unit: 'count', label: 'Fewest calls' },
    minJitMs: { usual: 1000, unit: 'milliseconds', label: 'Compilation time, in all calls, that is reported' },
  },
  sql: (facts) => statementsSql(facts),
  findings(rows, { facts, limits }) {
    if (rows.length > 0 && statementsVersion(facts) >= 108 && statementsVersion(facts) < 110) {
      return cannotTell('This version of pg_stat_statements does not count compilation.', {
        unlockSql: 'alter extension pg_stat_statements update;',
      });
    }
    return judgeStatements(rows, facts, (statements) =>
      statements
        .map((row) => ({ row, jitMs: row.jit_ms ?? 0 }))
        .filter(
          ({ row, jitMs }) =>
            Number(row.calls) >= limits.minCalls && jitMs >= limits.minJitMs && jitMs >= limits.jitShare * row.total_ms,
        )
        .toSorted((left, right) => right.jitMs - left.jitMs)
        .slice(0, maxNamed)
        .map(({ row, jitMs }) => ({
          object: `query ${row.query_id}`,
          severity: 'info' as const,
          message: `Just-in-time compilation took ${formatPercent(jitMs / Math.max(0.001, row.total_ms))} of the time of a statement (${formatDuration(jitMs)} in ${formatCount(row.calls)} calls).`,
          measure: jitMs / Math.max(0.001, row.total_ms),
          evidence: [
            { label: 'Statement', value: oneLine(row.query) },
            { label: 'Compilation', value: formatDuration(jitMs) },
            { label: 'Execution, compilation included', value: formatDuration(row.total_ms) },
          ],
          caution:
            'Raise jit_above_cost, or set jit = off for the role that runs it. Look at its estimates first: they decide.',
        })),
    );
  },
};
