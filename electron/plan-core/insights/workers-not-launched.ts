import type { Finding, PlanContext } from './plan-context.ts';
import { claimOf, dearest, formatMs, numberIn, sumOf } from './plan-context.ts';

const LEAST_MS = 10;
const LEAST_SHARE = 0.05;

/** A Gather that got fewer workers than planned. */
export function findWorkersNotLaunched(context: PlanContext): Finding[] {
  return dearest(
    context,
    context.nodes.filter(({ properties }) => properties['Workers Launched'] !== undefined),
  ).flatMap((node): Finding[] => {
    const planned = numberIn(node, 'Workers Planned');
    const launched = numberIn(node, 'Workers Launched');
    if (node.properties['Workers Launched'] === undefined || launched >= planned || node.neverExecuted) return [];
    const totalMs = context.totalMs(node);
    if (context.timed && (totalMs < LEAST_MS || totalMs < context.executionMs * LEAST_SHARE)) return [];
    const share = 1 - (launched + 1) / (planned + 1);
    const claims = claimOf(context, context.subtree(node), share);
    const savedMs = Math.min(sumOf(claims), totalMs * share);
    return [
      {
        rule: 'workers-not-launched',
        nodeId: node.id,
        severity: 'info',
        ...(context.timed ? { savedMs, claims } : {}),
        title: `${launched} of ${planned} workers were launched`,
        message: `The plan counts on ${planned} workers and got ${launched}: no more were free (max_parallel_workers, max_worker_processes), or the statement was sent so that it cannot run in parallel (a cursor, a fetch size).${context.timed ? ` The node took ${formatMs(totalMs)}.` : ''}`,
        verify:
          'Run it again when the server is less busy; compare max_parallel_workers and max_worker_processes with what runs at the same time.',
        ignoreWhen: 'It happens now and then only: the shortage passes.',
      },
    ];
  });
}
