import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { policiesSql, type PolicyRow } from './policies.ts';
import { callsPerRow, wrapCalls } from './policy-calls.ts';

export const policyFunctionPerRow: HealthCheck<PolicyRow> = {
  id: 'SEC20',
  group: 'security',
  basis: 'catalog',
  title: 'Policies that call a function for every row',
  why: 'current_setting() and functions without arguments give the same answer for all rows of a statement, but are called again for each. As a subquery, (select current_setting(…)), they are called once.',
  sql: policiesSql,
  // Run on PostgreSQL 13 to 18. A call inside a subquery is left alone, in whatever way the server prints it.
  findings(rows) {
    return rows.flatMap((row) => {
      const own = row.functions.filter((routine) => routine.arguments === 0).map((routine) => routine.name);
      const usings = row.using_expression === null ? [] : callsPerRow(row.using_expression, own);
      const checks = row.check_expression === null ? [] : callsPerRow(row.check_expression, own);
      const calls = [...new Set([...usings, ...checks].map((call) => call.text))];
      if (calls.length === 0 || !row.is_enabled) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: 'info' as const,
          message: `Policy ${row.policy_name} of ${row.table_name} calls ${calls.join(', ')} for every row.`,
          measure: calls.length,
          evidence: [
            { label: 'USING', value: row.using_expression ?? '(none)' },
            { label: 'WITH CHECK', value: row.check_expression ?? '(none)' },
          ],
          fixSql: alterPolicy(row, (expression) => wrapCalls(expression, own)),
          undoSql: alterPolicy(row, (expression) => expression),
          lock: lockTexts.accessExclusiveShort,
          ...(own.length > 0
            ? { caution: 'Only where the function answers the same for all rows of a statement.' }
            : {}),
        },
      ];
    });
  },
};

function alterPolicy(row: PolicyRow, change: (expression: string) => string): string {
  const using = row.using_expression === null ? '' : ` using (${change(row.using_expression)})`;
  const check = row.check_expression === null ? '' : ` with check (${change(row.check_expression)})`;
  return `alter policy ${row.policy_name} on ${row.table_name}${using}${check};`;
}
