import type { PlanInsight } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatMs, numberIn } from './plan-context.ts';

const LEAST_MS = 10;
const LEAST_SHARE = 0.05;

/** A Gather that got fewer workers than planned. */
export function findWorkersNotLaunched(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    const planned = numberIn(node, 'Workers Planned');
    const launched = numberIn(node, 'Workers Launched');
    if (node.properties['Workers Launched'] === undefined || launched >= planned || node.neverExecuted) return [];
    const totalMs = context.totalMs(node);
    if (context.timed && (totalMs < LEAST_MS || totalMs < context.executionMs * LEAST_SHARE)) return [];
    const savedMs = totalMs * (1 - (launched + 1) / (planned + 1));
    return [
      {
        rule: 'workers-not-launched',
        nodeId: node.id,
        severity: 'info',
        ...(context.timed ? { savedMs } : {}),
        title: `${launched} of ${planned} workers were launched`,
        message: `The plan counts on ${planned} workers and got ${launched}: the others were busy, or the statement was sent so that it cannot run in parallel (a cursor, a fetch size). The node took ${formatMs(totalMs)}.`,
        verify:
          'Run it again when the server is less busy; compare max_parallel_workers and max_worker_processes with what runs at the same time.',
        ignoreWhen: 'It happens now and then only: the shortage passes.',
      },
    ];
  });
}
