import type { Finding, PlanContext } from './plan-context.ts';

/** Planner methods that are switched off in the session that made the plan. */
export function findPlannerSettings(context: PlanContext): Finding[] {
  const off = Object.entries(context.plan.settings ?? {}).filter(
    ([name, value]) => name.startsWith('enable_') && value === 'off' && !name.startsWith('enable_partitionwise'),
  );
  if (off.length === 0) return [];
  const names = off.map(([name]) => name);
  return [
    {
      rule: 'planner-settings',
      nodeId: 0,
      severity: 'info',
      title: `${names.length > 3 ? `${names.length} planner settings` : names.join(', ')} ${names.length === 1 ? 'is' : 'are'} off`,
      message: `The plan was made with ${names.map((name) => `${name} = off`).join(', ')}: the planner avoids what it might have chosen otherwise, so this plan need not be the one that production gets.`,
      sql: names.map((name) => `reset ${name};`).join('\n'),
      verify:
        'Run EXPLAIN again after the reset. If the setting stays, look in ALTER ROLE, ALTER DATABASE and postgresql.conf for it.',
      ignoreWhen: 'It was switched off for a test.',
    },
  ];
}
