import { isJsonObject, numberOf } from '../raw-plan.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatMs, formatShare } from './plan-context.ts';
import { serializationMs } from './serialization.ts';

const LEAST_MS = 50;
const LEAST_SHARE = 0.2;

/** Execution time that is in no node and that no trigger, compilation or serialization explains: the executor’s start and end. */
export function findOutsideNodes(context: PlanContext): Finding[] {
  const { plan, nodes } = context;
  const [root] = nodes;
  // auto_explain’s duration is not the execution alone, and what modifies data in a CTE may run after the root.
  if (numberOf(plan.properties?.['Execution Time']) === undefined || root?.totalMs === undefined) return [];
  if (context.ofType('ModifyTable').some(({ id }) => id !== 0)) return [];
  const triggersMs = plan.triggers.reduce((sum, { timeMs }) => sum + (timeMs ?? 0), 0);
  const missingMs = context.executionMs - root.totalMs - triggersMs - serializationMs(context) - generationMs(context);
  if (missingMs < LEAST_MS || missingMs < context.executionMs * LEAST_SHARE) return [];
  return [
    {
      rule: 'outside-nodes',
      nodeId: 0,
      severity: 'info',
      savedMs: missingMs,
      title: `${formatMs(missingMs)} of the execution are in no node of the plan`,
      message: `The nodes took ${formatMs(root.totalMs)} and the execution ${formatMs(context.executionMs)}: ${formatMs(missingMs)} (${formatShare(missingMs / context.executionMs)}) went into starting and ending the executor, which opens and locks every relation of the plan, connects to foreign servers, and compiles.`,
      verify:
        'Run it twice in one session. If it stays, look how many relations the plan opens: partitions that could be pruned when it is planned.',
      ignoreWhen: 'Only the first run of a session takes so long.',
    },
  ];
}

function generationMs(context: PlanContext): number {
  const timing = context.plan.jit?.['Timing'];
  const total = isJsonObject(timing) ? timing['Total'] : undefined;
  return numberOf(total) ?? 0;
}
