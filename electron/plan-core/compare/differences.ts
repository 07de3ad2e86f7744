import type { PlanChange, PlanComparison, PlanDifference, PlanPair } from '#contract/plan-comparison.ts';
import type { PlanNode } from '#contract/plan-model.ts';
import { formatCount, formatKilobytes, formatMs } from '../insights/plan-context.ts';
import { nodeLabel } from '../print/node-label.ts';
import type { Comparison } from './node-changes.ts';
import { actualRowsOf, blocksOf, executionOf } from './node-changes.ts';
import type { PlanView } from './plan-view.ts';
import { triggerMs } from './totals.ts';

const MOST_REPORTED = 20;
/** A difference below this share of the larger whole does not matter. */
const LEAST_SHARE = 0.01;
const LEAST_MS = 0.05;

type Measure = {
  readonly unit: PlanComparison['rankedBy'];
  readonly of: (view: PlanView, node: PlanNode) => number;
  readonly format: (value: number) => string;
  readonly wholeOf: (view: PlanView) => number;
};

const TIME: Measure = {
  unit: 'ms',
  of: (_, node) => node.selfMs ?? 0,
  format: formatMs,
  wholeOf: executionOf,
};
const BLOCKS: Measure = {
  unit: 'blocks',
  of: (_, node) => blocksOf(node),
  format: (blocks) => `${formatCount(blocks)} blocks`,
  wholeOf: ({ nodes }) => nodes.reduce((sum, node) => sum + blocksOf(node), 0),
};
const COST: Measure = {
  unit: 'cost',
  of: selfCost,
  format: (cost) => `cost ${formatCount(cost)}`,
  wholeOf: ({ nodes }) => nodes[0]?.totalCost ?? 0,
};

/** The planner's cost of a node beyond its inputs; an inner side that is run again counts once. */
function selfCost(view: PlanView, node: PlanNode): number {
  const inputs = (view.inputs[node.id] ?? []).reduce((sum, id) => sum + (view.nodes[id]?.totalCost ?? 0), 0);
  return Math.max(0, (node.totalCost ?? 0) - inputs);
}

/** Time where both have it, else blocks where both were executed with BUFFERS, else the planner's cost. */
export function measureFor({ before, after }: Comparison): Measure {
  const has = (test: (view: PlanView) => boolean): boolean => test(before) && test(after);
  if (has(({ nodes }) => nodes[0]?.selfMs !== undefined)) return TIME;
  return has(({ plan }) => plan.analyzed && plan.hasBuffers) ? BLOCKS : COST;
}

/** Where time (or what stands for it) was won and lost, most first, in the numbers of the two plans. */
export function rankDifferences(comparison: Comparison, pairs: readonly PlanPair[]): PlanDifference[] {
  const measure = measureFor(comparison);
  const { before, after } = comparison;
  const whole = Math.max(measure.wholeOf(before), measure.wholeOf(after));
  const least = Math.max(LEAST_SHARE * whole, measure.unit === 'ms' ? LEAST_MS : Number.MIN_VALUE);
  const found: PlanDifference[] = [];
  for (const pair of pairs) {
    const one = nodeOf(before, pair.beforeId);
    const other = nodeOf(after, pair.afterId);
    const spentBefore = one === null ? 0 : measure.of(before, one);
    const spentAfter = other === null ? 0 : measure.of(after, other);
    const delta = spentAfter - spentBefore;
    const rounding = measure.unit === 'ms' ? (one?.roundingMs ?? 0) + (other?.roundingMs ?? 0) : 0;
    if (Math.abs(delta) < least || Math.abs(delta) <= rounding) continue;
    const figures = `${measure.format(spentBefore)} → ${measure.format(spentAfter)}`;
    found.push({
      beforeId: pair.beforeId,
      afterId: pair.afterId,
      delta,
      title: `${titleOf(one, other)}: ${measure.format(Math.abs(delta))} ${delta < 0 ? 'won' : 'lost'}`,
      message: sentence([figures, ...detailsOf(one, other, pair.changes)]),
    });
  }
  if (measure.unit === 'ms') found.push(...statementDifferences(comparison, least));
  return found
    .toSorted(
      (a, b) =>
        Math.abs(b.delta) - Math.abs(a.delta) || (a.afterId ?? a.beforeId ?? 0) - (b.afterId ?? b.beforeId ?? 0),
    )
    .slice(0, MOST_REPORTED);
}

function nodeOf(view: PlanView, id: number | null): PlanNode | null {
  return id === null ? null : (view.nodes[id] ?? null);
}

function titleOf(before: PlanNode | null, after: PlanNode | null): string {
  if (before && after) {
    const one = nodeLabel(before.properties);
    const other = nodeLabel(after.properties);
    return one === other ? one : `${one} → ${other}`;
  }
  if (before) return `${nodeLabel(before.properties)} is gone`;
  return after ? `${nodeLabel(after.properties)} is new` : '';
}

function detailsOf(before: PlanNode | null, after: PlanNode | null, changes: readonly PlanChange[]): string[] {
  if (before && after) return changes.flatMap(inWords);
  const node = before ?? after;
  if (!node) return [];
  const rows = actualRowsOf(node);
  const blocks = blocksOf(node);
  return [
    ...(node.neverExecuted ? ['it was never executed'] : []),
    ...(rows === null || node.neverExecuted ? [] : [`${formatCount(rows)} rows`]),
    ...(node.loops > 1 ? [`${formatCount(node.loops)} loops`] : []),
    ...(blocks > 0 ? [`${formatCount(blocks)} blocks`] : []),
  ];
}

const SHOWN_CHARACTERS = 120;

function shortened(text: string | null): string {
  if (text === null) return 'none';
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}

/** A change as words; nothing for what the title and the figures have said. */
export function inWords(change: PlanChange): string[] {
  if (!('factor' in change)) {
    if (change.kind === 'method') return [];
    const what =
      change.kind === 'condition' ? (change.property ?? 'condition') : change.kind === 'order' ? 'join order' : 'index';
    return [`${what} ${shortened(change.before)} → ${shortened(change.after)}`];
  }
  const { kind, before, after } = change;
  const counts = (unit: string): string[] => [`${count(before)} → ${count(after)} ${unit}`];
  switch (kind) {
    case 'self-time':
      return [];
    case 'actual-rows':
      return counts('rows');
    case 'estimated-rows':
      return counts('rows expected');
    case 'loops':
      return counts('loops');
    case 'blocks':
      return counts('blocks');
    case 'blocks-read':
      return counts('blocks read from outside the cache');
    case 'workers':
      return counts('workers');
    case 'heap-fetches':
      return counts('heap fetches');
    case 'spill':
      return [
        `${before === null ? 'none' : formatKilobytes(before)} → ${after === null ? 'none' : formatKilobytes(after)} on disk`,
      ];
  }
}

function count(value: number | null): string {
  return value === null ? 'none' : formatCount(value);
}

function sentence(parts: readonly string[]): string {
  return `${parts.join('; ')}.`;
}

/** What is outside of the tree. */
function statementDifferences({ before, after }: Comparison, least: number): PlanDifference[] {
  const of = (title: string, one: number | undefined, other: number | undefined): PlanDifference[] => {
    if (one === undefined || other === undefined || Math.abs(other - one) < least) return [];
    const delta = other - one;
    return [
      {
        beforeId: null,
        afterId: null,
        delta,
        title: `${title}: ${formatMs(Math.abs(delta))} ${delta < 0 ? 'won' : 'lost'}`,
        message: sentence([`${formatMs(one)} → ${formatMs(other)}`]),
      },
    ];
  };
  return [
    ...of('Planning', before.plan.planningMs, after.plan.planningMs),
    ...of('Triggers', triggerMs(before.plan), triggerMs(after.plan)),
  ];
}
