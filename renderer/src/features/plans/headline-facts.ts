import type { Quantity } from '../../lib/format-bytes.ts';
import { formatCount } from '../../lib/format-count.ts';
import { splitDuration } from '../../lib/format-duration.ts';

import { formatShare } from './plan-heat.ts';
import { actualRowsOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';

export interface HeadlineFacts {
  readonly main: Quantity;
  readonly others: readonly Quantity[];
}

/** The numbers of a plan that come first. */
export function headlineFacts({ plan }: PlanIndex): HeadlineFacts {
  const [root] = plan.nodes;
  const others: Quantity[] = [];
  if (plan.planningMs !== undefined) {
    const { value, unit } = splitDuration(plan.planningMs);
    others.push({ value, unit: `${unit} planning` });
  }
  const buffers = root?.totalBuffers;
  if (buffers !== undefined) {
    const read = buffers.sharedRead + buffers.localRead;
    const blocks = buffers.sharedHit + buffers.localHit + read;
    const share =
      blocks === 0
        ? ''
        : read === 0
          ? ', all cached'
          : `, ${formatShare(read / blocks) || '0 %'} not in shared buffers`;
    others.push({ value: formatCount(blocks), unit: `${blocks === 1 ? 'block' : 'blocks'}${share}` });
  }
  const rows = root === undefined ? null : actualRowsOf(root);
  if (rows !== null) others.push({ value: formatCount(rows), unit: rows === 1 ? 'row' : 'rows' });
  else if (root?.planRows !== undefined)
    others.push({ value: formatCount(root.planRows), unit: root.planRows === 1 ? 'row expected' : 'rows expected' });
  return { main: mainFact(plan.executionMs ?? root?.totalMs, root?.totalCost), others };
}

function mainFact(executionMs: number | undefined, cost: number | undefined): Quantity {
  if (executionMs !== undefined) {
    const { value, unit } = splitDuration(executionMs);
    return { value, unit: `${unit} execution` };
  }
  return cost === undefined
    ? { value: '–', unit: 'execution not measured' }
    : { value: formatCount(Math.round(cost)), unit: 'estimated cost' };
}
