import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  dearest,
  formatCount,
  formatKilobytes,
  numberIn,
  severityOf,
  spentOf,
  sumOf,
  workMemFor,
} from './plan-context.ts';

/** A Memoize whose cache is too small for the keys it meets. */
export function findMemoizeThrash(context: PlanContext): Finding[] {
  return dearest(context, context.ofType('Memoize')).flatMap((node): Finding[] => {
    const [hits, misses, evictions, overflows] = ['Hits', 'Misses', 'Evictions', 'Overflows'].map((name) =>
      numberIn(node, `Cache ${name}`),
    );
    if (hits === undefined || misses === undefined || evictions === undefined || overflows === undefined) return [];
    if ((evictions <= hits && overflows === 0) || !context.isCostly(node, ...context.inputs(node))) return [];
    // Kept entries would have spared half of the misses at best: the first of each key is none that memory avoids.
    const claims = claimOf(context, context.subtree(node), (misses / Math.max(1, hits + misses)) * 0.5);
    const savedMs = sumOf(claims);
    const peakKb = numberIn(node, 'Peak Memory Usage');
    const sql = workMemFor(peakKb * Math.max(2, misses / Math.max(1, misses - evictions)));
    return [
      {
        rule: 'memoize-thrash',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs, claims } : {}),
        title: `Memoize evicted ${formatCount(evictions)} entries for ${formatCount(hits)} hits`,
        message: `The cache of ${formatKilobytes(peakKb)} answered ${formatCount(hits)} lookups and missed ${formatCount(misses)}; ${formatCount(evictions)} entries were thrown out for lack of memory${overflows > 0 ? ` and ${formatCount(overflows)} never fitted` : ''}${spentOf(context, context.totalMs(node))}.`,
        ...(sql === null ? {} : { sql }),
        verify:
          'Run it again in the same transaction: Evictions falls, Hits rises. Raising hash_mem_multiplier does the same. Or compare with enable_memoize = off.',
        ignoreWhen: 'Nearly every key is different: then a cache cannot help, and another join can.',
      },
    ];
  });
}
