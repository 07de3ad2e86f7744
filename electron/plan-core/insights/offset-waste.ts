import type { Finding, PlanContext } from './plan-context.ts';
import { claimOf, dearest, formatCount, rowsOut, severityOf, spentOf, sumOf } from './plan-context.ts';

const LEAST_SKIPPED = 10_000;
const LEAST_SHARE = 0.5;

/** OFFSET: rows that were computed in order to be skipped. */
export function findOffsetWaste(context: PlanContext): Finding[] {
  return dearest(context, context.ofType('Limit')).flatMap((node): Finding[] => {
    const [input] = context.inputs(node);
    if (node.nodeType !== 'Limit' || !input) return [];
    const skipped = rowsOut(input) - rowsOut(node);
    const totalMs = context.totalMs(node);
    if (skipped < LEAST_SKIPPED || skipped < rowsOut(input) * LEAST_SHARE) return [];
    if (context.timed && (totalMs < 1 || totalMs < context.executionMs * 0.05)) return [];
    const claims = claimOf(context, context.subtree(node), skipped / rowsOut(input));
    const savedMs = Math.min(sumOf(claims), (totalMs * skipped) / rowsOut(input));
    return [
      {
        rule: 'offset-waste',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs, claims } : {}),
        title: `OFFSET skips ${formatCount(skipped)} rows`,
        message: `${formatCount(rowsOut(input))} rows were computed and ${formatCount(skipped)} of them skipped to return ${formatCount(rowsOut(node))}${spentOf(context, totalMs)}. Every further page costs more.`,
        verify:
          'Page by key instead: WHERE (sort columns) > (last values seen) ORDER BY … LIMIT n, with an index on the sort columns.',
        ignoreWhen: 'Nobody ever opens the late pages.',
      },
    ];
  });
}
