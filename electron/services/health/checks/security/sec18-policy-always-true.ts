import type { HealthCheck } from '../../health-check.ts';
import { policiesSql, type PolicyRow } from './policies.ts';

const commands = { '*': 'ALL', r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' } as const;
/** Roles that stand for whoever calls an API: what holds for them holds for everybody. */
const publicRoles = new Set(['PUBLIC', 'anon', 'authenticated']);

export const policyAlwaysTrue: HealthCheck<PolicyRow> = {
  id: 'SEC18',
  group: 'security',
  basis: 'catalog',
  title: 'Write policies that allow everything',
  why: 'A permissive policy whose condition is always true lets its roles write every row, whatever the other policies say: permissive policies are joined by OR.',
  // Run on PostgreSQL 13 to 18. Reading for everybody is often meant; writing seldom is. A role of its own, such as one for
  // administration, may well be allowed everything.
  sql: policiesSql,
  findings(rows) {
    return rows.flatMap((row) => {
      const command = commands[row.command];
      const roles = row.roles.filter((role) => publicRoles.has(role));
      if (!row.is_permissive || command === 'SELECT' || roles.length === 0 || !isAlwaysTrue(decisive(row))) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: 'warning' as const,
          message: `Policy ${row.policy_name} of ${row.table_name} lets ${roles.join(', ')} ${command === 'ALL' ? 'write' : command.toLowerCase()} every row.`,
          evidence: [
            { label: 'Command', value: command },
            { label: 'USING', value: row.using_expression ?? '(none)' },
            { label: 'WITH CHECK', value: row.check_expression ?? '(none)' },
          ],
          caution: 'Write the condition that is meant, or drop the policy.',
        },
      ];
    });
  },
};

/** The condition that rows to be written have to meet: WITH CHECK, or USING where there is none. */
function decisive(row: PolicyRow): string | null {
  return row.command === 'd' ? row.using_expression : (row.check_expression ?? row.using_expression);
}

function isAlwaysTrue(expression: string | null): boolean {
  return expression !== null && /^\(*(?:true|1 = 1|NOT false)\)*$/i.test(expression);
}
