import { plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { policiesSql, type PolicyRow } from './policies.ts';

const commands = { r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' } as const;

export const severalPermissivePolicies: HealthCheck<PolicyRow, 'maxPolicies'> = {
  id: 'SEC19',
  group: 'security',
  basis: 'catalog',
  title: 'Several permissive policies for one command and role',
  why: 'Permissive policies are joined by OR: every row is tested against all of them, and the widest decides. One policy with one condition is quicker, and says what is allowed in one place.',
  thresholds: {
    // Splinter 0006 reports from two.
    maxPolicies: {
      usual: 1,
      unit: 'count',
      label: 'Most permissive policies of one role and command that are not reported',
    },
  },
  sql: policiesSql,
  findings(rows, { limits }) {
    const permissive = rows.filter((row) => row.is_permissive && row.is_enabled);
    return [...Map.groupBy(permissive, (row) => row.table_oid).values()].flatMap((policies) => {
      const [first] = policies;
      const crowded = crowdedCommands(policies, limits.maxPolicies);
      const most = Math.max(0, ...crowded.map(({ names }) => names.length));
      if (first === undefined || crowded.length === 0) return [];
      return [
        {
          object: first.table_name,
          relationOid: Number(first.table_oid),
          severity: 'info' as const,
          message: `Table ${first.table_name} tests each row against up to ${plural(most, 'permissive policy', 'permissive policies')} for one role and command.`,
          measure: most,
          evidence: crowded.map(({ command, role, names }) => ({
            label: `${command} by ${role}`,
            value: names.join(', '),
          })),
          caution: 'Policies for different roles are fine as they are; merging has to keep what each of them allows.',
        },
      ];
    });
  },
};

/** Each command and role that more policies than these apply to. What is for PUBLIC is for every role. */
function crowdedCommands(
  policies: readonly PolicyRow[],
  most: number,
): { readonly command: string; readonly role: string; readonly names: string[] }[] {
  const roles = new Set(policies.flatMap((policy) => policy.roles));
  return (['r', 'a', 'w', 'd'] as const).flatMap((command) => {
    const ofCommand = policies.filter((policy) => policy.command === command || policy.command === '*');
    const crowded = [...roles].flatMap((role) => {
      const names = ofCommand
        .filter((policy) => policy.roles.includes(role) || policy.roles.includes('PUBLIC'))
        .map((policy) => policy.policy_name);
      return names.length > most ? [{ command: commands[command], role, names }] : [];
    });
    // Where PUBLIC alone has too many, the other roles only repeat it.
    const everybody = crowded.filter(({ role }) => role === 'PUBLIC');
    const others = crowded.filter(({ names }) => names.length > (everybody[0]?.names.length ?? 0));
    return [...everybody, ...others];
  });
}
