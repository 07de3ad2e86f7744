import type { PlanChange, PlanComparison, PlanPair } from '#contract/plan-comparison.ts';

import { actualRowsOf, ownBlocksOf } from '../reader/plan-index.ts';
import type { PlanIndex } from '../reader/plan-index.ts';
import { nodeLabelOf } from '../reader/plan-names.ts';
import type { ComparedPlans } from '../reader/plan-reader.ts';

/** A pair of nodes as one line of the comparison. Numbers are null where a plan does not tell them, or has no such node. */
export interface PairRow {
  readonly pair: PlanPair;
  readonly state: 'same' | 'changed' | 'added' | 'removed';
  readonly depth: number;
  /** The node's name: of the plan after, else of the plan before. */
  readonly label: string;
  /** What it was before, where it is called otherwise now. */
  readonly formerly: string | null;
  /** What changed, in words of one to three: `index`, `condition`, `rows ×12`. */
  readonly words: readonly string[];
  /** Own milliseconds, or own cost. */
  readonly ownBefore: number | null;
  readonly ownAfter: number | null;
  readonly rowsBefore: number | null;
  readonly rowsAfter: number | null;
  readonly blocksBefore: number | null;
  readonly blocksAfter: number | null;
}

/** The lines of a comparison, in the order of the plan after; what was removed stands where it was. */
export function pairRows({ before, after, comparison }: ComparedPlans): PairRow[] {
  const metric = before.metric === 'time' && after.metric === 'time' ? 'time' : comparison.basis;
  return comparison.pairs.map((pair) => {
    const one = sideOf(before, pair.beforeId, metric === before.metric);
    const other = sideOf(after, pair.afterId, metric === after.metric);
    const label = other?.label ?? one?.label ?? '';
    return {
      pair,
      state: stateOf(pair),
      depth: other?.depth ?? one?.depth ?? 0,
      label,
      formerly: one !== null && other !== null && one.label !== other.label ? one.label : null,
      words: pair.changes.flatMap(changeWords),
      ownBefore: one?.own ?? null,
      ownAfter: other?.own ?? null,
      rowsBefore: one?.rows ?? null,
      rowsAfter: other?.rows ?? null,
      blocksBefore: one?.blocks ?? null,
      blocksAfter: other?.blocks ?? null,
    };
  });
}

function stateOf({ beforeId, afterId, changes }: PlanPair): PairRow['state'] {
  if (beforeId === null) return 'added';
  if (afterId === null) return 'removed';
  return changes.some(({ kind }) => kind !== 'self-time') ? 'changed' : 'same';
}

function sideOf(index: PlanIndex, id: number | null, comparable: boolean) {
  const node = id === null ? undefined : index.plan.nodes[id];
  const name = id === null ? undefined : index.names[id];
  if (node === undefined || name === undefined) return null;
  const blocks = ownBlocksOf(node);
  return {
    depth: node.depth,
    label: nodeLabelOf(name),
    own: comparable ? (index.own[node.id] ?? 0) : null,
    rows: actualRowsOf(node) ?? (index.plan.analyzed ? null : (node.planRows ?? null)),
    blocks: blocks === null ? null : blocks.hit + blocks.read,
  };
}

/** What changed, so short that several fit beside a name. Times, rows and blocks have columns of their own. */
function changeWords(change: PlanChange): string[] {
  switch (change.kind) {
    case 'method':
      return ['method'];
    case 'index':
      return [change.before === null ? 'index used' : change.after === null ? 'index not used' : 'other index'];
    case 'order':
      return ['join order'];
    case 'condition':
      return [(change.property ?? 'condition').toLowerCase()];
    case 'loops':
      return [`loops ${factorWords(change.factor)}`];
    case 'estimated-rows':
      return [`estimate ${factorWords(change.factor)}`];
    case 'workers':
      return [`workers ${change.before ?? 0} → ${change.after ?? 0}`];
    case 'spill':
      return [(change.after ?? 0) > (change.before ?? 0) ? 'spills' : 'spills less'];
    case 'heap-fetches':
      return ['heap fetches'];
    case 'self-time':
    case 'actual-rows':
    case 'blocks':
    case 'blocks-read':
      return [];
  }
}

function factorWords(factor: number | null): string {
  if (factor === null) return 'changed';
  const shown = (value: number) => (value >= 10 ? String(Math.round(value)) : value.toFixed(1));
  return factor >= 1 ? `×${shown(factor)}` : `÷${shown(1 / factor)}`;
}

/** One change as a sentence: what it is about, before and after. */
export function changeSentence(change: PlanChange): {
  readonly what: string;
  readonly before: string;
  readonly after: string;
} {
  const names: Readonly<Record<PlanChange['kind'], string>> = {
    method: 'Method',
    index: 'Index',
    order: 'Join order',
    condition: ('property' in change ? change.property : undefined) ?? 'Condition',
    'actual-rows': 'Rows',
    'estimated-rows': 'Rows expected',
    loops: 'Loops',
    'self-time': 'Self time, ms',
    blocks: 'Blocks',
    'blocks-read': 'Blocks read',
    workers: 'Workers',
    spill: 'On disk, kB',
    'heap-fetches': 'Heap fetches',
  };
  return { what: names[change.kind], before: valueWords(change.before), after: valueWords(change.after) };
}

function valueWords(value: string | number | null): string {
  if (value === null) return '–';
  return typeof value === 'string' ? value : String(Math.round(value * 1000) / 1000);
}

/** A total in its own unit is shown by the view; this names it. */
export function totalName(name: PlanComparison['totals'][number]['name']): string {
  const words = name.replaceAll('-', ' ').replace('wal', 'WAL');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
