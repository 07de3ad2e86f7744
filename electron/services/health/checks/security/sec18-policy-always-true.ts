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
  why: 'A permissive policy whose condition is always true lets its roles write every row, whatever the other permissive policies say: they are joined by OR.',
  // Run on PostgreSQL 13 to 18. Reading for everybody is often meant; writing seldom is. A role of its own, such as one for
  // administration, may well be allowed everything.
  sql: policiesSql,
  findings(rows) {
    return rows.flatMap((row) => {
      const command = commands[row.command];
      const roles = row.roles.filter((role) => publicRoles.has(role));
      const deeds = deedsOf(row);
      if (!row.is_permissive || row.is_narrowed || roles.length === 0 || deeds === undefined) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: 'warning' as const,
          message: `Policy ${row.policy_name} of ${row.table_name} lets ${roles.join(', ')} ${deeds}${row.is_used ? '' : ', once somebody but the owner is granted that'}.`,
          evidence: [
            { label: 'Command', value: command },
            { label: 'USING', value: row.using_expression ?? '(none)' },
            { label: 'WITH CHECK', value: row.check_expression ?? '(none)' },
          ],
          caution: 'Write the condition that is meant, or drop the policy.',
          ...(row.is_used
            ? {}
            : { confidence: 'medium' as const, confidenceReason: 'Grants may be made where the schema is used.' }),
        },
      ];
    });
  },
};

/**
 * What a condition that is always true lets its roles do; undefined where it lets them do nothing of the kind.
 * USING says which rows are there to be updated and deleted, WITH CHECK what they may become, and USING stands for it
 * where there is none. Without USING no row is there.
 */
function deedsOf({ command, using_expression, check_expression }: PolicyRow): string | undefined {
  const everyRow = isAlwaysTrue(using_expression);
  const anything = isAlwaysTrue(check_expression ?? using_expression);
  const moves = 'move its rows anywhere: WITH CHECK allows every row, USING does not';
  switch (command) {
    case 'r':
      return undefined;
    case 'a':
      return anything ? 'insert every row' : undefined;
    case 'd':
      return everyRow ? 'delete every row' : undefined;
    case 'w':
      if (everyRow) return 'update every row';
      return anything && using_expression !== null ? moves : undefined;
    case '*':
      if (everyRow) return anything ? 'write every row' : 'update and delete every row';
      if (!anything) return undefined;
      return using_expression === null ? 'insert every row' : `insert every row and ${moves}`;
  }
}

function isAlwaysTrue(expression: string | null): boolean {
  return expression !== null && /^\(*(?:true|1 = 1|NOT false)\)*$/i.test(expression);
}
