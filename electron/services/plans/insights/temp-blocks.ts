import type { PlanInsight } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatKilobytes, formatMs, labelOf, numberIn, severityOf, workMemFor } from './plan-context.ts';

const LEAST_BLOCKS = 256;
/** Sorts and hashes have rules of their own. */
const EXPLAINED = new Set(['Sort', 'Incremental Sort', 'Hash', 'Hash Join']);

/** Temporary files of a node that keeps rows: Materialize, CTE Scan, WindowAgg, Function Scan. */
export function findTempBlocks(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    const blocks = Math.max(node.selfBuffers?.tempRead ?? 0, node.selfBuffers?.tempWritten ?? 0);
    if (
      blocks < LEAST_BLOCKS ||
      EXPLAINED.has(node.nodeType) ||
      numberIn(node, 'HashAgg Batches') > 1 ||
      !context.isCostly(node)
    )
      return [];
    const savedMs = context.ownMs(node) / 2;
    const sql = workMemFor(blocks * 8 * 1.5);
    return [
      {
        rule: 'temp-blocks',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${labelOf(node)} keeps ${formatKilobytes(blocks * 8)} of rows on disk`,
        message: `The node wrote ${formatKilobytes((node.selfBuffers?.tempWritten ?? 0) * 8)} to temporary files and read ${formatKilobytes((node.selfBuffers?.tempRead ?? 0) * 8)} back, because the rows it keeps exceed work_mem; it took ${formatMs(context.ownMs(node))} of its own.`,
        ...(sql === null ? {} : { sql }),
        verify: 'Run it again in the same transaction: the temp blocks of the node disappear.',
        ignoreWhen: 'Fewer rows or columns could be kept: that is the better fix.',
      },
    ];
  });
}
