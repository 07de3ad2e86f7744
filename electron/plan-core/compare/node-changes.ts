import type { PlanNode } from '#contract/plan-model.ts';
import type { PlanChange } from '#contract/plan-comparison.ts';
import { blocksTouched } from '../numbers/buffers.ts';
import { isJsonObject, numberOf } from '../raw-plan.ts';
import type { PlanView } from './plan-view.ts';
import { comparableCondition, CONDITION_KEYS, conditionOf, methodOf, MOST_NAMED } from './plan-view.ts';

/** Two views, what each execution took, and who of the nodes are partners. */
export type Comparison = {
  readonly before: PlanView;
  readonly after: PlanView;
  readonly ofBefore: readonly number[];
  readonly ofAfter: readonly number[];
};

/** A difference in time below this share of the longer one is the weather. */
const LEAST_TIME_SHARE = 0.05;
const LEAST_MS = 0.01;

/** What changed from one node to its partner, in the order in which it matters. Nothing for a node and itself. */
export function changesBetween(comparison: Comparison, beforeId: number, afterId: number): PlanChange[] {
  const before = comparison.before.nodes[beforeId];
  const after = comparison.after.nodes[afterId];
  if (!before || !after) return [];
  const changes: PlanChange[] = [];
  const text = (kind: 'method' | 'index' | 'order', one: string | null, other: string | null): void => {
    if (one !== other) changes.push({ kind, before: one, after: other });
  };
  text('method', methodOf(before), methodOf(after));
  text('index', indexOf(comparison.before, before), indexOf(comparison.after, after));
  if (comparison.before.families[beforeId] === 'join') addOrder(comparison, beforeId, afterId, changes);
  addConditions(comparison, before, after, changes);
  addNumbers(comparison, before, after, changes);
  return changes;
}

/** A bitmap heap scan uses the indexes of its bitmap. */
function indexOf(view: PlanView, node: PlanNode): string | null {
  if (node.index !== undefined) return node.index;
  if (node.nodeType !== 'Bitmap Heap Scan') return null;
  const found: string[] = [];
  const waiting = [...(view.inputs[node.id] ?? [])];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const index = view.nodes[id]?.index;
    if (index !== undefined) found.push(index);
    waiting.push(...(view.inputs[id] ?? []));
  }
  return found.length === 0 ? null : found.toSorted().join(', ');
}

function addOrder(comparison: Comparison, beforeId: number, afterId: number, changes: PlanChange[]): void {
  const sides = (view: PlanView, id: number): string =>
    (view.inputs[id] ?? []).map((input) => namesBelow(view, input)).join(' ⋈ ');
  const one = sides(comparison.before, beforeId);
  const other = sides(comparison.after, afterId);
  if (one === other || onlyGrew(comparison, beforeId, afterId)) return;
  changes.push({ kind: 'order', before: one, after: other });
}

/** Both sides still read what they read: the names differ by partitions, or by nodes that one plan does not have. */
function onlyGrew({ before, after, ofBefore }: Comparison, beforeId: number, afterId: number): boolean {
  const inputs = before.inputs[beforeId] ?? [];
  const others = after.inputs[afterId] ?? [];
  return inputs.length === others.length && inputs.every((input, side) => ofBefore[input] === others[side]);
}

function namesBelow(view: PlanView, id: number): string {
  const names = view.below[id] ?? [];
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `(${shown}, …)` : names.length > 1 ? `(${shown})` : shown;
}

function addConditions(comparison: Comparison, before: PlanNode, after: PlanNode, changes: PlanChange[]): void {
  const unqualified = comparison.before.verbose !== comparison.after.verbose;
  for (const property of CONDITION_KEYS) {
    const one = conditionOf(before, property);
    const other = conditionOf(after, property);
    if (one === other) continue;
    if (
      one !== null &&
      other !== null &&
      comparableCondition(comparison.before, property, one, unqualified) ===
        comparableCondition(comparison.after, property, other, unqualified)
    )
      continue;
    changes.push({ kind: 'condition', property, before: one, after: other });
  }
}

type NumberKind = Extract<PlanChange, { factor: number | null }>['kind'];

function addNumbers(comparison: Comparison, before: PlanNode, after: PlanNode, changes: PlanChange[]): void {
  const add = (kind: NumberKind, one: number | null, other: number | null, floor = 1): void => {
    if (one === other || (one === null && other === 0) || (one === 0 && other === null)) return;
    changes.push({ kind, before: one, after: other, factor: factorOf(one, other, floor) });
  };
  // What one plan does not tell at all has not changed.
  const both = (one: boolean, other: boolean): boolean => one && other;
  const analyzed = both(comparison.before.plan.analyzed, comparison.after.plan.analyzed);
  const buffers = both(comparison.before.plan.hasBuffers, comparison.after.plan.hasBuffers);
  addSelfTime(comparison, before, after, changes);
  if (analyzed) add('actual-rows', actualRowsOf(before), actualRowsOf(after));
  add('estimated-rows', before.planRows ?? null, after.planRows ?? null);
  if (analyzed) add('loops', before.loops, after.loops);
  if (buffers) {
    add('blocks', blocksOf(before), blocksOf(after));
    add('blocks-read', blocksReadOf(before), blocksReadOf(after));
  }
  add('workers', workersOf(before, analyzed), workersOf(after, analyzed));
  if (analyzed) {
    add('spill', spillOf(before), spillOf(after));
    add(
      'heap-fetches',
      numberOf(before.properties['Heap Fetches']) ?? null,
      numberOf(after.properties['Heap Fetches']) ?? null,
    );
  }
}

function addSelfTime({ before, after }: Comparison, one: PlanNode, other: PlanNode, changes: PlanChange[]): void {
  if (one.selfMs === undefined || other.selfMs === undefined) return;
  const delta = Math.abs(other.selfMs - one.selfMs);
  const longer = Math.max(one.selfMs, other.selfMs);
  const rounding = (one.roundingMs ?? 0) + (other.roundingMs ?? 0);
  if (delta <= Math.max(LEAST_MS, rounding, LEAST_TIME_SHARE * longer)) return;
  const share = (view: PlanView, ms: number): number => {
    const whole = executionOf(view);
    return whole > 0 ? Math.min(1, ms / whole) : 0;
  };
  changes.push({
    kind: 'self-time',
    before: one.selfMs,
    after: other.selfMs,
    factor: factorOf(one.selfMs, other.selfMs, 0.001),
    shareBefore: share(before, one.selfMs),
    shareAfter: share(after, other.selfMs),
  });
}

/** after ÷ before with a floor for both, so that nothing is divided by zero. */
export function factorOf(before: number | null, after: number | null, floor: number): number | null {
  return before === null || after === null ? null : Math.max(floor, after) / Math.max(floor, before);
}

/** Execution time of the statement, or the root's where that was not printed, ms; 0 without times. */
export function executionOf({ plan }: PlanView): number {
  return plan.analyzed ? (plan.executionMs ?? plan.nodes[0]?.totalMs ?? 0) : 0;
}

/** Rows over all loops; null where nobody counted. */
export function actualRowsOf(node: PlanNode): number | null {
  return node.actualRows === undefined ? null : node.actualRows * node.loops;
}

/** Blocks that the node itself asked for, temporary ones included. */
export function blocksOf(node: PlanNode): number {
  const own = node.selfBuffers;
  return own === undefined ? 0 : blocksTouched(own) + own.tempRead + own.tempWritten;
}

/** Blocks that the node itself did not find in shared or local buffers. */
export function blocksReadOf(node: PlanNode): number {
  return (node.selfBuffers?.sharedRead ?? 0) + (node.selfBuffers?.localRead ?? 0);
}

/** Workers that came, or that were planned where one of the plans did not run. */
function workersOf({ properties }: PlanNode, launched: boolean): number | null {
  const planned = numberOf(properties['Workers Planned']) ?? null;
  return launched ? (numberOf(properties['Workers Launched']) ?? planned) : planned;
}

/** What a sort, hash or aggregate wrote to disk, workers included, kB. */
export function spillOf(node: PlanNode): number {
  const own = spilled(node.properties);
  const workers = node.properties['Workers'];
  const theirs = Array.isArray(workers)
    ? workers.reduce<number>((sum, worker) => sum + (isJsonObject(worker) ? spilled(worker) : 0), 0)
    : 0;
  if (own + theirs > 0) return own + theirs;
  // Other nodes spill too (a hash join's batches, a CTE), and only the blocks tell.
  return (node.selfBuffers?.tempWritten ?? 0) * 8;
}

function spilled(properties: PlanNode['properties']): number {
  const sort = properties['Sort Space Type'] === 'Disk' ? (numberOf(properties['Sort Space Used']) ?? 0) : 0;
  return sort + (numberOf(properties['Disk Usage']) ?? 0);
}
