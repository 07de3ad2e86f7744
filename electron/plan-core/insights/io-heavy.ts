import { ownReadMs } from './io-times.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, severityOf, titleLabel } from './plan-context.ts';

const LEAST_SHARE = 0.5;
const LEAST_MS = 100;

/** A node that mostly waited for the disk. */
export function findIoHeavy(context: PlanContext): Finding[] {
  return context.costly.flatMap((node): Finding[] => {
    const readMs = Math.min(ownReadMs(context, node), context.ownMs(node));
    if (readMs < LEAST_MS || readMs < context.ownMs(node) * LEAST_SHARE) return [];
    const blocks =
      (node.selfBuffers?.sharedRead ?? 0) + (node.selfBuffers?.localRead ?? 0) + (node.selfBuffers?.tempRead ?? 0);
    return [
      {
        rule: 'io-heavy',
        nodeId: node.id,
        severity: severityOf(context, readMs),
        savedMs: readMs,
        title: `${titleLabel(node)} waited ${formatMs(readMs)} for reads`,
        message: `${formatMs(readMs)} of the node’s ${formatMs(context.ownMs(node))} (${formatShare(readMs / context.ownMs(node))}) went into reading ${formatCount(blocks)} blocks${blocks > 0 ? `, ${((readMs * (node.processes ?? 1)) / blocks).toFixed(2)} ms each` : ''}.`,
        verify:
          'Run it twice: if the second run is fast, only the cache was cold. Otherwise read fewer blocks (a better index, fewer columns) or raise effective_io_concurrency.',
        ignoreWhen: 'The statement runs once, over data that nobody keeps in memory.',
      },
    ];
  });
}
