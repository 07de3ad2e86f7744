import type { PlanInsight, PlanNode } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatKilobytes, formatMs, labelOf, numberIn, severityOf, workMemFor } from './plan-context.ts';

/** A hash table, of a join or of an aggregate, that did not fit into memory. */
export function findHashBatches(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    const join = node.nodeType === 'Hash' ? context.parent(node) : null;
    const batches = join
      ? numberIn(node, 'Hash Batches')
      : node.nodeType === 'Aggregate'
        ? numberIn(node, 'HashAgg Batches')
        : 0;
    if (batches <= 1 || !context.isCostly(node, join)) return [];
    return [describe(context, node, join, batches)];
  });
}

function describe(context: PlanContext, node: PlanNode, join: PlanNode | null, batches: number): PlanInsight {
  const ownMs = context.ownMs(node) + (join ? context.ownMs(join) : 0);
  const savedMs = ownMs / 2;
  const peakKb = numberIn(node, 'Peak Memory Usage');
  const original = numberIn(node, 'Original Hash Batches');
  const grew = join !== null && original > 0 && original < batches;
  const diskKb = numberIn(node, 'Disk Usage');
  const sql = workMemFor(join ? batches * peakKb : peakKb + diskKb * 2.5);
  const severity = severityOf(context, savedMs);
  return {
    rule: 'hash-batches',
    nodeId: node.id,
    severity: grew && severity === 'info' ? 'warning' : severity,
    ...(context.timed ? { savedMs } : {}),
    title: `${labelOf(node)} works in ${formatCount(batches)} batches`,
    message:
      `The hash table did not fit into work_mem × hash_mem_multiplier: it was split into ${formatCount(batches)} batches with ${formatKilobytes(peakKb)} in memory at a time` +
      `${diskKb > 0 ? ` and ${formatKilobytes(diskKb)} on disk` : ''}, and rows were written to temporary files and read again (${formatMs(ownMs)}).` +
      (grew ? ` The planner had counted on ${formatCount(original)}: its row estimate was too low.` : ''),
    ...(sql === null ? {} : { sql }),
    verify:
      'Run it again in the same transaction: Batches becomes 1, and temp blocks disappear. Raising hash_mem_multiplier does the same for hashes alone.',
    ignoreWhen:
      'Many sessions run this at once and memory is short. Then select fewer columns, or correct the row estimate.',
  };
}
