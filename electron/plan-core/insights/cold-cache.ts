import type { PlanNode } from '#contract/plan-model.ts';
import { ownReadMs } from './io-times.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { countOf, formatKilobytes, formatMs, formatShare, labelOf, sumOf, titleLabel } from './plan-context.ts';

/** As losefor/pg-explain has it: 1000 blocks are 8 MB. */
const MOST_HIT_RATIO = 0.9;
const LEAST_READS = 1000;
/** Below this a block came out of the operating system's cache. */
const DISK_MS_PER_BLOCK = 0.1;

/** Nodes that found little of what they read in shared buffers; told once, at the one that read most. */
export function findColdCache(context: PlanContext): Finding[] {
  const cold = context.costly
    .filter((node) => isCold(context, node))
    .toSorted((a, b) => readsOf(b) - readsOf(a) || a.id - b.id);
  const [lead] = cold;
  return lead ? [describe(context, lead, cold)] : [];
}

function isCold(context: PlanContext, node: PlanNode): boolean {
  const { sharedHit = 0, sharedRead = 0 } = node.selfBuffers ?? {};
  if (sharedRead < LEAST_READS || sharedHit / (sharedHit + sharedRead) >= MOST_HIT_RATIO) return false;
  const readMs = ownReadMs(context, node);
  // Mostly waiting: the rule about I/O says more.
  return !(readMs >= 100 && readMs >= context.ownMs(node) * 0.5);
}

function describe(context: PlanContext, lead: PlanNode, cold: readonly PlanNode[]): Finding {
  const { sharedHit = 0, sharedRead = 0 } = lead.selfBuffers ?? {};
  const readMs = ownReadMs(context, lead);
  const perBlock = (readMs * (lead.processes ?? 1)) / sharedRead;
  const origin =
    readMs === 0
      ? ''
      : perBlock <= DISK_MS_PER_BLOCK
        ? `, at ${perBlock.toFixed(3)} ms a block: out of the operating system’s cache`
        : `, at ${perBlock.toFixed(2)} ms a block: from disk`;
  const all = new Map(cold.map((node) => [node.id, Math.min(ownReadMs(context, node), context.ownMs(node))]));
  const savedMs = sumOf(all);
  const others = cold.length === 1 ? '' : ` So it was with ${countOf(cold.length - 1, 'more node')}.`;
  return {
    rule: 'cold-cache',
    nodeId: lead.id,
    severity: 'info',
    ...(savedMs > 0 ? { savedMs, claims: all } : {}),
    title: `${titleLabel(lead)} read ${formatKilobytes(sharedRead * 8)} from outside shared buffers`,
    message: `Only ${formatShare(sharedHit / (sharedHit + sharedRead))} of the blocks of ${labelOf(lead)} were in shared buffers; ${formatKilobytes(sharedRead * 8)} had to be read${origin}.${context.timed ? ` The node took ${formatMs(context.ownMs(lead))} of its own.` : ''}${others}`,
    verify: `Run it a second time and compare: what is left is the time with a warm cache.${readMs === 0 ? ' SET track_io_timing = on tells how long the reads took.' : ''}`,
    ignoreWhen: 'The second run is fast and the statement runs often, or the table is larger than memory.',
  };
}

function readsOf(node: PlanNode): number {
  return node.selfBuffers?.sharedRead ?? 0;
}
