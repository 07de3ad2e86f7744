import type { PlanLens } from '../../editor/plan-lenses.ts';
import type { PlanTextMarks } from '../../editor/plan-text-view.tsx';
import { formatCount, formatCountShort } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';

import { foldingRanges } from './folding-ranges.ts';
import { hoverWords } from './hover-words.ts';
import { farOff, formatFactor, formatShare, heatStep } from './plan-heat.ts';
import { isLoose, nodeAtLine, relationOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';
import type { SheetNode } from './reader/plan-sheet.ts';

/** What is drawn into the text of a plan: heat, own times, rows far off, folding and hovers. */
export function planMarks(index: PlanIndex): PlanTextMarks {
  const { nodes } = index.plan;
  const runsByFirst = new Map(index.runs.map((run) => [run.firstId, run]));
  const begins = (line: number): SheetNode | null => {
    const node = nodeAtLine(nodes, line);
    return node?.line === line ? node : null;
  };
  return {
    lensAt: (line): PlanLens | null => {
      const node = begins(line);
      if (node === null) return null;
      const run = runsByFirst.get(node.id);
      return {
        line,
        endLine: node.endLine,
        text: node.neverExecuted ? '' : lensText(index, node.id),
        foldedText:
          run === undefined
            ? null
            : `${formatCount(run.count)} alike · ${amountText(index, run.own.sum, index.total > 0 ? run.own.sum / index.total : 0)}`,
        warning: rowsWarning(index, node.id),
        heat: heatStep(index.shares[node.id] ?? 0),
        dimmed: node.neverExecuted,
      };
    },
    isDimmed: (line) => nodeAtLine(nodes, line)?.neverExecuted === true,
    foldedAtFirst: index.runs.flatMap((run) => nodes[run.firstId]?.line ?? []),
    namesAt: (line, text) => {
      const node = begins(line);
      if (node === null || relationOf(index, node.id) === null) return [];
      const { object = null, index: indexName = null } = index.names[node.id] ?? {};
      return [
        ...placeOf(text, object === null ? '' : ` on ${object}`, 4),
        ...placeOf(text, indexName === null ? '' : ` using ${indexName}`, 7),
        ...placeOf(text, indexName === null || object !== null ? '' : ` on ${indexName}`, 4),
      ];
    },
    folding: foldingRanges(index),
    hoverAt: (line) => {
      const node = nodeAtLine(nodes, line);
      return node === null ? null : { start: node.line, end: node.endLine, words: hoverWords(index, node.id) };
    },
  };
}

function placeOf(text: string, words: string, lead: number): { start: number; end: number }[] {
  const at = words === '' ? -1 : text.lastIndexOf(words);
  return at === -1 ? [] : [{ start: at + lead, end: at + words.length }];
}

/** `512 ms · 83 %`, or `cost 15.0 k · 83 %` where there are no times. */
export function lensText(index: PlanIndex, id: number): string {
  const own = index.own[id] ?? 0;
  const loose = isLoose(index, id) ? '≤ ' : '';
  return (
    loose + amountText(index, loose === '' ? own : own + (index.plan.nodes[id]?.roundingMs ?? 0), index.shares[id] ?? 0)
  );
}

function amountText(index: PlanIndex, value: number, share: number): string {
  const amount = index.metric === 'time' ? formatDuration(value) : `cost ${formatCost(value)}`;
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
