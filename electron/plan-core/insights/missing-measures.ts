import type { Finding, PlanContext } from './plan-context.ts';
import { formatMs } from './plan-context.ts';

/** What is fast needs no further measuring. */
const LEAST_MS = 1000;

/** A slow statement that was measured without its blocks or its times. */
export function findMissingMeasures(context: PlanContext): Finding[] {
  const { plan, timed, executionMs } = context;
  if (executionMs < LEAST_MS || (plan.hasBuffers && timed)) return [];
  const missing = [...(timed ? [] : ['the time of each node']), ...(plan.hasBuffers ? [] : ['the blocks it read'])];
  const statement = plan.queryText?.trim().replace(/;$/, '') ?? '';
  return [
    {
      rule: 'missing-measures',
      nodeId: 0,
      severity: 'info',
      title: `${plan.hasBuffers ? 'Times' : timed ? 'Blocks' : 'Blocks and times'} were not measured`,
      message: `The statement took ${formatMs(executionMs)}, and the plan does not tell ${missing.join(' and ')}: whether it waited for reads, or read too much, cannot be seen. It has to run again for that.`,
      ...(statement === '' ? {} : { sql: `explain (analyze, buffers, settings)\n${statement};` }),
      verify: 'EXPLAIN (ANALYZE, BUFFERS, SETTINGS) gives both; SET track_io_timing = on adds the times of reads.',
      ignoreWhen: 'The cause is clear without them.',
    },
  ];
}
