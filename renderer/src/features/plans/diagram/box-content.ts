import { formatCount, formatCountShort } from '../../../lib/format-count.ts';
import { formatDuration } from '../../../lib/format-duration.ts';

import { formatFactor, formatShare, heatStep } from '../plan-heat.ts';
import type { HeatStep } from '../plan-heat.ts';
import { formatCost, lensText, rowsWarning } from '../plan-marks.ts';
import { actualRowsOf } from '../reader/plan-index.ts';
import type { PlanIndex } from '../reader/plan-index.ts';
import { propertiesOf } from '../reader/plan-sheet.ts';
import type { TreeRow } from '../tree/tree-rows.ts';

/** What stands in a box. */
export interface BoxContent {
  readonly title: string;
  /** What it reads, or what it does it by: `holdings h`, `p.id = h.portfolio_id`. */
  readonly subject: string | null;
  /** It is the name of a relation or an index. */
  readonly isName: boolean;
  readonly amount: string;
  readonly share: number;
  readonly heat: HeatStep;
  /** `640× more rows`; null where the estimate was near. */
  readonly warning: string | null;
  /** On the line to its parent: the rows that it gave. */
  readonly rows: string | null;
  /** How thick that line is, in pixels. */
  readonly flow: number;
  readonly dimmed: boolean;
}

/** The words and numbers of a box. */
export function boxContent(index: PlanIndex, row: TreeRow): BoxContent {
  return row.kind === 'run' ? runContent(index, row) : nodeContent(index, row.id);
}

function nodeContent(index: PlanIndex, id: number): BoxContent {
  const node = index.plan.nodes[id];
  const name = index.names[id];
  const share = index.shares[id] ?? 0;
  const rows =
    node === undefined ? null : (actualRowsOf(node) ?? (index.plan.analyzed ? null : (node.planRows ?? null)));
  const named = name?.object ?? name?.index ?? null;
  const dimmed = node?.neverExecuted === true;
  const role = node?.subplanName === undefined ? '' : `${node.subplanName.split(' (')[0] ?? ''} · `;
  return {
    title: `${role}${name?.kind ?? ''}`,
    subject: named ?? (node === undefined ? null : conditionOf(node)),
    isName: named !== null,
    amount: dimmed ? 'never executed' : lensText(index, id),
    share,
    heat: dimmed ? 0 : heatStep(share),
    warning: rowsWarning(index, id),
    rows: rows === null ? null : formatCountShort(rows),
    flow: flowOf(rows ?? 0),
    dimmed,
  };
}

function runContent(index: PlanIndex, { run }: Extract<TreeRow, { readonly kind: 'run' }>): BoxContent {
  const share = index.total > 0 ? run.own.sum / index.total : 0;
  const words = index.metric === 'time' ? formatDuration : formatCost;
  const percent = share >= 0.01 ? ` · ${formatShare(share)}` : '';
  return {
    title: `${formatCount(run.count)} × ${run.kind}`,
    subject: `each ${words(run.own.min)} to ${words(run.own.max)}`,
    isName: false,
    amount: `${words(run.own.sum)}${percent}`,
    share,
    heat: heatStep(share),
    warning: null,
    rows: run.rows === null ? null : formatCountShort(run.rows.sum),
    flow: flowOf(run.rows?.sum ?? 0),
    dimmed: run.neverExecuted === run.count,
  };
}

const conditions = [
  'Hash Cond',
  'Merge Cond',
  'Join Filter',
  'Index Cond',
  'Sort Key',
  'Group Key',
  'Filter',
  'Cache Key',
];

/** The first condition that tells what a node does. */
function conditionOf(node: PlanIndex['plan']['nodes'][number]): string | null {
  const properties = propertiesOf(node);
  for (const key of conditions) {
    const value = properties[key];
    if (typeof value === 'string') return value.replace(/^\((.*)\)$/s, '$1');
    if (Array.isArray(value)) return value.map(String).join(', ');
  }
  return null;
}

/** From a hair for one row to a band for a hundred million: one pixel for each power of ten. */
function flowOf(rows: number): number {
  return rows <= 0 ? 0.75 : 1 + Math.min(8, Math.log10(Math.max(1, rows)));
}

/** What a box says to somebody who does not see it. */
export function boxWords(index: PlanIndex, row: TreeRow): string {
  const { title, subject, amount, warning, rows } = boxContent(index, row);
  const factor = row.kind === 'node' ? formatFactor(index.plan.nodes[row.id]?.estimateFactor) : null;
  return [
    subject === null ? title : `${title}, ${subject}`,
    amount,
    rows === null ? null : `${rows} rows`,
    warning ?? (factor === null ? null : `rows off by ${factor}`),
  ]
    .filter((part) => part !== null)
    .join('; ');
}
