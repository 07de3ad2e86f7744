import type { Finding, PlanContext } from './plan-context.ts';
import { formatKilobytes, numberIn, severityOf, spentOf, titleLabel, workMemFor } from './plan-context.ts';

/** 2 MB, as bright98/pgexplain has it. */
const LEAST_BLOCKS = 256;
/** Rows are packed on disk. */
const MEMORY_PER_DISK = 2.5;
/** Sorts and hashes have rules of their own. */
const EXPLAINED = new Set(['Sort', 'Incremental Sort', 'Hash', 'Hash Join']);

/** Temporary files of a node that keeps rows: Materialize, CTE Scan, WindowAgg, Function Scan. */
export function findTempBlocks(context: PlanContext): Finding[] {
  return context.costly.flatMap((node): Finding[] => {
    const blocks = Math.max(node.selfBuffers?.tempRead ?? 0, node.selfBuffers?.tempWritten ?? 0);
    if (blocks < LEAST_BLOCKS || EXPLAINED.has(node.nodeType) || numberIn(node, 'HashAgg Batches') > 1) return [];
    const savedMs = context.ownMs(node) / 2;
    const sql = workMemFor(blocks * 8 * MEMORY_PER_DISK);
    return [
      {
        rule: 'temp-blocks',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${titleLabel(node)} keeps ${formatKilobytes(blocks * 8)} of rows on disk`,
        message: `The node wrote ${formatKilobytes((node.selfBuffers?.tempWritten ?? 0) * 8)} to temporary files and read ${formatKilobytes((node.selfBuffers?.tempRead ?? 0) * 8)} back, because the rows it keeps exceed work_mem${spentOf(context, context.ownMs(node))}.${sql === null ? ' No sane work_mem holds them: keep fewer rows or columns.' : ''}`,
        ...(sql === null ? {} : { sql }),
        verify: 'Run it again in the same transaction: the temp blocks of the node disappear.',
        ignoreWhen: 'Fewer rows or columns could be kept: that is the better fix.',
      },
    ];
  });
}
