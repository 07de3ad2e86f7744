import type { PlanInsight } from '#contract/plan-model.ts';
import { ownReadMs } from './io-times.ts';
import type { PlanContext } from './plan-context.ts';
import { formatKilobytes, formatMs, formatShare, labelOf } from './plan-context.ts';

const MOST_HIT_RATIO = 0.9;
const LEAST_READS = 1000;
/** Below this a block came out of the operating system's cache. */
const DISK_MS_PER_BLOCK = 0.1;

/** A node that found little of what it read in shared buffers. */
export function findColdCache(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    const { sharedHit = 0, sharedRead = 0 } = node.selfBuffers ?? {};
    if (sharedRead < LEAST_READS || !context.isCostly(node)) return [];
    const ratio = sharedHit / (sharedHit + sharedRead);
    if (ratio >= MOST_HIT_RATIO) return [];
    const readMs = ownReadMs(context, node);
    // Mostly waiting: the rule about I/O says more.
    if (readMs >= 100 && readMs >= context.ownMs(node) * 0.5) return [];
    const perBlock = (readMs * (node.processes ?? 1)) / sharedRead;
    const origin =
      readMs === 0
        ? ''
        : perBlock <= DISK_MS_PER_BLOCK
          ? `, at ${perBlock.toFixed(3)} ms a block: out of the operating system’s cache`
          : `, at ${perBlock.toFixed(2)} ms a block: from disk`;
    return [
      {
        rule: 'cold-cache',
        nodeId: node.id,
        severity: 'info',
        ...(readMs > 0 ? { savedMs: Math.min(readMs, context.ownMs(node)) } : {}),
        title: `${labelOf(node)} read ${formatKilobytes(sharedRead * 8)} from outside shared buffers`,
        message: `Only ${formatShare(ratio)} of the blocks were in shared buffers; ${formatKilobytes(sharedRead * 8)} had to be read${origin}. The node took ${formatMs(context.ownMs(node))} of its own.`,
        verify: 'Run it a second time and compare: what is left is the time with a warm cache.',
        ignoreWhen: 'The second run is fast and the statement runs often, or the table is larger than memory.',
      },
    ];
  });
}
