import type { PlanLens } from '../../editor/plan-lenses.ts';
import type { PlanTextMarks } from '../../editor/plan-text-view.tsx';
import { formatCountShort } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';

import { foldingRanges } from './folding-ranges.ts';
import { hoverWords } from './hover-words.ts';
import { farOff, formatFactor, formatShare, heatStep } from './plan-heat.ts';
import { nodeAtLine } from './plan-index.ts';
import type { PlanIndex } from './plan-index.ts';

/** What is drawn into the text of a plan: heat, own times, rows far off, folding and hovers. */
export function planMarks(index: PlanIndex): PlanTextMarks {
  const { nodes } = index.plan;
  return {
    lenses: nodes.map((node): PlanLens => ({
      line: node.line,
      endLine: node.endLine,
      text: node.neverExecuted ? '' : lensText(index, node.id),
      warning: rowsWarning(index, node.id),
      heat: heatStep(index.shares[node.id] ?? 0),
      dimmed: node.neverExecuted,
    })),
    folding: foldingRanges(index),
    hoverAt: (line) => {
      const node = nodeAtLine(nodes, line);
      return node === null ? null : { start: node.line, end: node.endLine, words: hoverWords(index, node.id) };
    },
  };
}

/** `512 ms · 83 %`, or `cost 15.0 k · 83 %` where there are no times. */
export function lensText(index: PlanIndex, id: number): string {
  const own = index.own[id] ?? 0;
  const share = index.shares[id] ?? 0;
  const amount = index.metric === 'time' ? formatDuration(own) : `cost ${formatCost(own)}`;
  return share >= 0.01 ? `${amount} · ${formatShare(share)}` : amount;
}

/** A cost as it is read: with fractions only while it is small. */
export function formatCost(cost: number): string {
  return cost < 1000 ? String(Math.round(cost * 100) / 100) : formatCountShort(cost);
}

/** Said where the rows were so far from what the planner expected that it may have chosen wrongly. */
export function rowsWarning({ plan: { nodes } }: PlanIndex, id: number): string | null {
  const node = nodes[id];
  const factor = node?.estimateFactor ?? null;
  if (node === undefined || factor === null || factor < farOff || node.neverExecuted) return null;
  return `${formatFactor(factor)} ${node.estimateDirection === 'under' ? 'more' : 'fewer'} rows`;
}
